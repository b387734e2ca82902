# The tables as they are declared.
chronon schema pull
# A day with a new column, a wider and another type, one column gone and one under a new name.
@python -c "import pyarrow as pa, pyarrow.parquet as pq, pathlib; p = pathlib.Path('data/shop/purchases/ds=2024-01-11'); p.mkdir(); pq.write_table(pa.table({'user': ['u1'], 'kind': ['book'], 'amount': pa.array([1], pa.int64()), 'paid_ms': pa.array([1704931200000], pa.int64()), 'gift': [True], 'tags': [[('a', 1)]], 'big': pa.array([1], pa.uint64())}, schema=pa.schema({'user': pa.string(), 'kind': pa.string(), 'amount': pa.int64(), 'paid_ms': pa.int64(), 'gift': pa.bool_(), 'tags': pa.map_(pa.string(), pa.int32()), 'big': pa.uint64()})), p / 'part-0.parquet')"
@python -c "import pyarrow as pa, pyarrow.parquet as pq, pathlib; p = pathlib.Path('data/shop/returns'); p.mkdir(); pq.write_table(pa.table({'user': ['u1'], 'when': [1]}), p / 'part-0.parquet')"
chronon schema pull shop.purchases
chronon schema pull shop.purchases --json
chronon schema pull shop.returns
chronon schema pull shop.purchase
@cp teams/shop/sources/purchases.yaml before.yaml
chronon schema pull --write
diff before.yaml teams/shop/sources/purchases.yaml
# What the hints say, done by hand.
@sed -i 's/category: string/kind: {type: string, alias: category}/' teams/shop/sources/purchases.yaml
chronon schema pull --write
# A table by another name of its days.
@mkdir -p data/shop/stock/day=2024-01-05 && python -c "import pyarrow as pa, pyarrow.parquet as pq; pq.write_table(pa.table({'item': ['a'], 'n': pa.array([1], pa.int64())}), 'data/shop/stock/day=2024-01-05/part-0.parquet')"
@printf 'source: stock\nentities:\n  table: shop.stock\n  partition: day\n  columns:\n    item: string\n' > teams/shop/sources/stock.yaml
chronon schema pull shop.stock --write
