@chronon plan --out plan.json
# Meanwhile somebody applies another plan.
@chronon apply --yes --as-of 2024-01-08
chronon apply plan.json
