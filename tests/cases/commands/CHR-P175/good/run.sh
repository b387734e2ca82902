@chronon apply --yes
chronon plan --corrected table:shop.returns=2024-01-05
