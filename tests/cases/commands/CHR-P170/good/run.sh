@chronon apply --yes
@chronon apply --yes --corrected shop.purchases=2024-01-05
chronon plan
