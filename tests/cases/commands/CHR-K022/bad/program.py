from pathlib import Path

from chronon.stores.tables.sources import SourceTables

Path("data/shop/purchases/ds=2024-01-10/part-0.parquet").write_text("no Parquet")
print(*SourceTables(Path("data")).schema("shop.purchases"))
