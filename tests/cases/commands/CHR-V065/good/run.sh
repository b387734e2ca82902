@chronon apply --yes
chronon validate --against deployed
