-- What this snapshot is.
SELECT s.* FROM snapshot AS s;
