"""Takes the lock for an apply once the other one is done."""

import sqlite3
from contextlib import closing
from pathlib import Path

from chronon.stores.state.database import SqliteFile
from chronon.stores.state.store import SqlState

path = Path(".chronon/local/state.db")
with closing(sqlite3.connect(path, isolation_level=None)) as other:
    other.execute("BEGIN IMMEDIATE")
    other.execute("COMMIT")
with closing(SqlState(SqliteFile(path, busy_s=0.05))) as store:
    print(store.acquire("ann@example.com pid 12", lease_s=60, now=0).since)
