@chronon apply --yes
echo torn > data/shop/purchases/ds=2024-01-10/part-0.parquet
chronon plan
