@rm teams/shop/joins/checkout.yaml
@mkdir -p streams/shop.purchases
@chronon plan --out plan.json
python program.py
