@chronon apply --yes
chronon fetch shop.user --keys user=u1 --at 2024-01-11T00:00:00Z
