@rm teams/shop/joins/checkout.yaml
@mkdir -p streams/shop.purchases
@chronon plan --out plan.json
@python prepare.py
# Tiles of five minutes become tiles of one.
@sed -i 's/^keys:/tile: 1m\nkeys:/' teams/shop/group_bys/user.yaml
chronon plan
