chronon plan --corrected shop.returns=2024-01-05
