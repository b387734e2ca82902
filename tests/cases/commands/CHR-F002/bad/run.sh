@chronon apply --yes --as-of 2024-01-10
chronon fetch shop.user --keys user=u1
