@chronon apply --yes --as-of 2024-01-05
@sed -i 's/1d, 3d/1d, 3d, 7d/' teams/shop/group_bys/user.yaml
@chronon apply --yes --env pr-123 --as-of 2024-01-05
chronon env list --json
chronon env show pr-123 --json
chronon promote pr-123 --as-of 2024-01-05 --yes --json
chronon rollback --out plan.json
chronon approve plan.json --reason "not yet"
chronon apply plan.json --json
chronon env destroy pr-123 --json
chronon env destroy pr-123 --yes --json
chronon history --env prod --json
chronon clean --keep 0 --yes --json
chronon clean --yes --json
