SELECT seller, version FROM checkpoint_now ORDER BY seller;
