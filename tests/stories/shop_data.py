"""The tables of the shop: ten days of purchases and checkouts, the same whenever they are made."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

FIRST_DAY_MS = 1_704_067_200_000
"""2024-01-01."""

HOUR_MS = 3_600_000


def write_tables(root: Path) -> None:
    for day in range(10):
        start = FIRST_DAY_MS + day * 24 * HOUR_MS
        hours = range(0, 24, 4)
        users = [f"u{(hour + day) % 3}" for hour in hours]
        purchases = {
            "user": users,
            "category": ["book" if hour % 8 else "food" for hour in hours],
            "amount": [round(0.1 * (hour + 1) * (day + 1), 2) for hour in hours],
            "paid_ms": [start + hour * HOUR_MS for hour in hours],
        }
        checkouts = {
            "user": [*users[:3], None],
            "total": [10.0, 20.5, 30.25, 1.0],
            "asked_ms": [start + (3 * place + 2) * HOUR_MS for place in range(4)],
        }
        for table, columns in (("purchases", purchases), ("checkouts", checkouts)):
            folder = root / "shop" / table / f"ds=2024-01-{day + 1:02}"
            folder.mkdir(parents=True)
            pq.write_table(pa.table(columns), folder / "part-0.parquet")
