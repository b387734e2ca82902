# The file was not copied to its end.
@truncate -s 100 data/shop/purchases/ds=2024-01-06/part-0.parquet
chronon apply --yes
