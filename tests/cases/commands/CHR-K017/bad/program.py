"""Takes the lock for an apply while somebody else is writing, and does not wait for long."""

import sqlite3
from contextlib import closing
from pathlib import Path

from chronon.stores.state.database import SqliteFile
from chronon.stores.state.store import SqlState

path = Path(".chronon/local/state.db")
with closing(sqlite3.connect(path, isolation_level=None)) as other:
    other.execute("BEGIN IMMEDIATE")
    SqlState(SqliteFile(path, busy_s=0.05)).acquire("ann@example.com pid 12", lease_s=60, now=0)
