@chronon apply --yes --as-of 2024-01-09
# The last day has a column less that is read, one more, and one that nobody reads in another type.
@python -c "import pyarrow.parquet as pq, pyarrow as pa; p = 'data/shop/purchases/ds=2024-01-10/part-0.parquet'; t = pq.read_table(p, partitioning=None); pq.write_table(t.drop_columns(['amount', 'category']).append_column('category', pa.array([1] * len(t))).append_column('gift', pa.array([True] * len(t))), p)"
chronon plan
chronon plan --markdown
chronon explain shop.user
# A day before it is as it was declared.
chronon plan --as-of 2024-01-09
chronon drift
@chronon drift --json | python -m json.tool > /dev/null; test ${PIPESTATUS[0]} = 1
