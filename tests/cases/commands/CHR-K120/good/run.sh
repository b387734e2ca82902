@chronon apply --yes
chronon history --log --limit 1
