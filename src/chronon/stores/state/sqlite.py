"""The embedded state store: one SQLite file beside the data, for one host and any number of its processes."""

from __future__ import annotations

from pathlib import Path

from chronon.stores.state.database import SqliteFile
from chronon.stores.state.store import SqlState


def open_store(path: str) -> SqlState:
    """The store in a file. Errors: see `open_state`."""
    database = SqliteFile(Path(path))
    database.open()
    return SqlState(database)
