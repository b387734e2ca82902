"""Removes rows from the computed files, as a clean-up of files that are not one's own might do."""

from pathlib import Path

import pyarrow.parquet as pq

for path in sorted(Path(".chronon/local/warehouse").rglob("*.parquet")):
    rows = pq.read_table(path, partitioning=None)
    if "share" in rows.column_names:
        pq.write_table(rows.slice(1), path)
