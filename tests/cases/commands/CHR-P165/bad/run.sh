@chronon apply --yes
chronon rollback --yes
