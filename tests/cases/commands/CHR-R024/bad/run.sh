@mkdir -p streams/shop.purchases
@echo '{"user": "u1", "category": "book", "amount": 2.5, "paid_ms": 1704931200000}' > streams/shop.purchases/0.jsonl
CHRONON_FLINK_MEMORY=1k chronon apply --yes
