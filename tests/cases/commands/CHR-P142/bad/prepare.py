"""The last day of purchases has a narrower type than is declared: int for double."""

import pyarrow as pa
import pyarrow.parquet as pq

FILE = "data/shop/purchases/ds=2024-01-10/part-0.parquet"
table = pq.read_table(FILE, partitioning=None)
place = table.column_names.index("amount")
pq.write_table(table.set_column(place, "amount", table["amount"].cast(pa.int32(), safe=False)), FILE)
