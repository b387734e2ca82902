# Two files were not copied to their end.
truncate -s 100 data/shop/checkouts/ds=2024-01-06/part-0.parquet
truncate -s 100 data/shop/purchases/ds=2024-01-09/part-0.parquet
chronon apply --yes
