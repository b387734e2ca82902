@chronon apply --yes
chronon promote prod --to staging --dry-run
