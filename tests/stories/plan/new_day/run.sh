# The daily run: one more day of the tables.
@chronon apply --yes --as-of 2024-01-09
chronon plan
@chronon apply --yes
chronon plan
