@chronon apply --yes --as-of 2024-01-06
chronon compare shop.user@1 shop.user@2
