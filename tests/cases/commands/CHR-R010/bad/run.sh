@chronon plan --out plan.json
rm -r data/shop/checkouts/ds=2024-01-07
chronon apply plan.json
