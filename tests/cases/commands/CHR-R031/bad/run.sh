@chronon apply --yes
chronon show shop.checkout --rows --limit 1 --day 2024-01-02
