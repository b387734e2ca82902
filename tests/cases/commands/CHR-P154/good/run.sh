@rm teams/shop/joins/checkout.yaml
@mkdir -p streams/shop.purchases
@echo '{"user": "u1", "category": "book", "amount": 1.5, "paid_ms": 1704931200000}' > streams/shop.purchases/0.jsonl
@chronon plan --out plan.json
@python prepare.py
chronon plan
