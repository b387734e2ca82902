@chronon apply --yes
chronon show shop.check --rows
