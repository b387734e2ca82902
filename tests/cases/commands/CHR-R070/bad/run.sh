@chronon apply --yes
@rm teams/shop/joins/checkout.yaml
chronon apply --yes
