# What was applied leaves nothing to do.
chronon apply --yes
chronon plan --detailed-exitcode
chronon apply
chronon status
chronon show shop.checkout --rows --day 2024-01-05
chronon history
chronon history --log --limit 3
chronon show shop.checkout --rows --day 2024-01-05 --limit 1 --json
chronon show shop.checkout --rows --day 2024-01-04
chronon unlock
