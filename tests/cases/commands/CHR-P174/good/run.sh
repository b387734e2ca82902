@chronon apply --yes
chronon plan --corrected shop.purchases=2023-12-05
