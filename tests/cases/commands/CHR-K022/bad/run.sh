echo no Parquet > data/shop/purchases/ds=2024-01-10/part-0.parquet
chronon plan
