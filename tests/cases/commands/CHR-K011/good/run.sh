@chronon apply --yes --as-of 2024-01-08
@chronon plan --out plan.json
chronon apply plan.json
