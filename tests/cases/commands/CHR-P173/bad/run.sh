chronon plan --corrected shop.purchases=2024-01-05..today
chronon plan --corrected shop.purchases=2024-01-05..2024-01-03
