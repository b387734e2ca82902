# The join was deployed without being served.
@sed -i '/^online/d' teams/shop/joins/checkout.yaml
@chronon plan --out plan.json && chronon approve plan.json --reason "served later" && chronon apply plan.json
@echo 'online: true' >> teams/shop/joins/checkout.yaml
chronon plan
