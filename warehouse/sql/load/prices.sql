EXECUTE add_prices;
