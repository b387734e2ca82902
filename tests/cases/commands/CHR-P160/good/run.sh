@chronon apply --yes
@chronon apply --yes --env pr-12
chronon promote pr-12 --yes
