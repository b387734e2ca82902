@chronon apply --yes
chronon show shop.checkout --rows --limit 1
