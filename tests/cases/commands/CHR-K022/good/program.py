from pathlib import Path

from chronon.stores.tables.sources import SourceTables

print(*SourceTables(Path("data")).schema("shop.purchases"))
