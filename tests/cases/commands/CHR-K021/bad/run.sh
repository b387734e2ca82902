@chronon plan --out plan.json
rm -r data/shop/purchases
chronon apply plan.json
