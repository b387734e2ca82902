@chronon apply --yes
@chronon apply --yes --env staging
chronon compare shop.checkout --env prod --env staging
