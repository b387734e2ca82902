@chronon apply --yes
chronon plan --corrected shop.purchases=2024-01-05
