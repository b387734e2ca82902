"""What only the SQLite file can get wrong: its version, its health, its permissions, its migrations."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from chronon.model.errors import ChrononError
from chronon.stores.state.database import DIALECT, SqliteFile, version
from chronon.stores.state.migrations import MIGRATIONS, migrate_once
from chronon.stores.state.sqlite import open_store
from chronon.stores.state.store import SqlState


def test_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = a_state(tmp_path)
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()

    with pytest.raises(ChrononError, match=r"CHR-K015.*newer one"):
        open_store(str(path))


@pytest.mark.parametrize("content", [b"not a database at all" * 500, b"SQLite format 3\0" + b"\xff" * 5000])
def test_file_that_is_no_database_is_called_damaged(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "state"
    path.write_bytes(content)

    with pytest.raises(ChrononError, match=r"CHR-K016.*backup"):
        open_store(str(path))

    assert path.read_bytes() == content


def test_database_of_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE people (name TEXT)")
    connection.close()
    before = path.read_bytes()

    with pytest.raises(ChrononError, match=r"CHR-K016.*something else"):
        open_store(str(path))

    assert path.read_bytes() == before


def test_damaged_page_is_told_when_it_is_read(tmp_path: Path) -> None:
    path = a_state(tmp_path)
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (path.stat().st_size - 4096))

    with pytest.raises(ChrononError, match="CHR-K016"):
        open_store(str(path)).read()


def test_lock_that_is_never_given_back_is_told(tmp_path: Path) -> None:
    path = a_state(tmp_path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    store = SqlState(SqliteFile(path, busy_s=0.05))

    with pytest.raises(ChrononError, match="CHR-K017"):
        store.acquire("ada", lease_s=60, now=1000.0)

    assert store.read().serial == 0
    store.close()
    other.close()


def test_reading_before_the_first_write_makes_nothing(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "home" / "state"))

    assert store.read().serial == 0
    assert not (tmp_path / "home").exists()
    store.close()


def test_empty_file_becomes_a_state(tmp_path: Path) -> None:
    path = tmp_path / "state"
    path.touch()

    store = open_store(str(path))

    assert store.read().serial == 0
    store.close()


def test_migration_that_fails_leaves_the_version_before_it(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "db", isolation_level=None)
    connection.execute("BEGIN")
    migrate_once(connection, DIALECT, 0, 1000.0)
    connection.execute("ROLLBACK")

    assert version(connection) == 0
    assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    connection.close()


def test_log_can_only_grow(tmp_path: Path) -> None:
    path = a_state(tmp_path)
    connection = sqlite3.connect(path)

    for change in ("UPDATE audit SET who = 'eve'", "DELETE FROM audit"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(change)

    connection.close()


def test_state_without_permission_is_told_and_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    path = a_state(tmp_path)
    tmp_path.chmod(0o000)
    try:
        assert code_as_nobody(path) == "CHR-K019"
    finally:
        tmp_path.chmod(0o700)


def a_state(folder: Path) -> Path:
    path = folder / "state"
    store = open_store(str(path))
    store.release(store.acquire("ada", lease_s=60, now=1.0))
    store.acquire("ada", lease_s=60, now=2.0)
    store.unlock("eve", 3.0)
    store.close()
    return path


def code_as_nobody(path: Path) -> str:
    """The code of the error that reading raises for a user who is not root."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setuid(65_534)
            open_store(str(path)).read()
        except ChrononError as error:
            os.write(writer, error.code.encode())
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader) as answer:
        return answer.read()
