@chronon apply --yes
@touch data/shop/purchases/ds=2024-01-05/part-0.parquet
@chronon apply --yes --corrected shop.purchases=2024-01-05
chronon plan
