"""Adds purchases of many users."""

import pyarrow as pa
import pyarrow.parquet as pq

n = 60_000
columns = {
    "user": [f"user {number * 7_919 % n}" for number in range(n)],
    "category": ["book"] * n,
    "amount": [float(number * number % 1_009) for number in range(n)],
    "paid_ms": [1_704_844_800_000 + number for number in range(n)],
}
pq.write_table(pa.table(columns), "data/shop/purchases/ds=2024-01-10/part-1.parquet")
