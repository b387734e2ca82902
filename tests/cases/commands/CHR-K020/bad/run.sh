@chronon plan --out plan.json
@cp data/shop/purchases/ds=2024-01-06/part-0.parquet whole.parquet
# A source file is damaged, so only a part of the plan is applied.
@echo > data/shop/purchases/ds=2024-01-06/part-0.parquet
@chronon apply plan.json
# The file is repaired, and somebody edits the plan.
@cp whole.parquet data/shop/purchases/ds=2024-01-06/part-0.parquet
@sed -i 's/"untouched":0/"untouched":1/' plan.json
chronon apply plan.json
