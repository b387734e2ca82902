# What was applied leaves nothing to do.
chronon apply --yes
chronon plan --detailed-exitcode
chronon apply
chronon status
chronon show shop.checkout --rows --day 2024-01-05
