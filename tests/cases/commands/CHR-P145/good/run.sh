@chronon apply --yes
chronon drift
