chronon plan --corrected shop.purchase=2024-01-05
