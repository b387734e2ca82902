@chronon apply --yes
# Somebody deletes the join.
rm teams/shop/joins/checkout.yaml
chronon plan
