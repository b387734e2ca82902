chronon apply
chronon apply --json
chronon status
