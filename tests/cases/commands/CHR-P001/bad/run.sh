rm -r data/shop/*
mkdir data/shop/purchases data/shop/checkouts
chronon plan
