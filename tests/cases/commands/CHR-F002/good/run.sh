@chronon apply --yes --as-of 2024-01-10
chronon fetch shop.user@2 --keys user=u1 --at 2024-01-11T00:00:00Z
