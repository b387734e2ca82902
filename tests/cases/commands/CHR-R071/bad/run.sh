@chronon apply --yes
@rm teams/shop/joins/checkout.yaml
@chronon plan --out plan.json
chronon approve plan.json shop.checkout_ --reason "nobody reads it since January"
