@chronon apply --yes
chronon status
