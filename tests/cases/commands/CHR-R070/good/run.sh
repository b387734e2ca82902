@chronon apply --yes
@rm teams/shop/joins/checkout.yaml
@chronon plan --out plan.json
@chronon approve plan.json --reason "nobody reads it since January"
chronon apply plan.json
