@chronon apply --yes
@chronon apply --yes --env staging
chronon compare shop.checkout --env prod --env staging --days 2024-01-06
