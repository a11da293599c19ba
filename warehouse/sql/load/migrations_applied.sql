SELECT name, checksum FROM migration;
