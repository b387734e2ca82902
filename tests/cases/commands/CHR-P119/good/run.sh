@chronon apply --yes
chronon plan
