import pyarrow as pa
import pyarrow.parquet as pq

path = "data/shop/purchases/ds=2024-01-05/part-0.parquet"
rows = pq.read_table(path, partitioning=None)
doubled = pa.array([2 * amount for amount in rows["amount"].to_pylist()])
pq.write_table(rows.set_column(rows.column_names.index("amount"), "amount", doubled), path)
