@chronon apply --yes
@chronon apply --yes --env pr-12
chronon env destroy pr-12 --yes
