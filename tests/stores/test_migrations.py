"""States of every earlier version are read by the newest, and nobody's apply is migrated under."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from postgres_server import Server
from state_world import LEFT, a_lease, a_snapshot, an_upload, plan_json

from chronon.model.dayset import DaySet
from chronon.model.errors import ChrononError
from chronon.model.jobs import Digest
from chronon.model.plan import PlanId, StepId
from chronon.model.state import Environment, State
from chronon.model.time import Day, day_text
from chronon.stores.state import LogKind, PlanStatus, StateStore, StepStatus, open_state
from chronon.stores.state.audit import START
from chronon.stores.state.database import SqliteFile
from chronon.stores.state.migrations import MIGRATIONS
from chronon.stores.state.postgres import PostgresSchema
from chronon.stores.state.postgres_address import parse_address
from chronon.stores.state.store import SqlState

VERSIONS = Path(__file__).with_name("versions")


def test_a_state_is_kept_of_every_released_version() -> None:
    kept = sorted(file.name for file in VERSIONS.glob("*.db"))

    assert kept == [f"v{number:03}.db" for number in range(1, len(MIGRATIONS))]


def test_state_of_version_1_is_read_whole(tmp_path: Path) -> None:
    shutil.copy(VERSIONS / "v001.db", tmp_path / "state")

    with closing(open_state(f"sqlite:{tmp_path / 'state'}")) as store:
        carrier, tail = a_snapshot(), a_snapshot("tail")
        assert store.read() == State(
            serial=5,
            environments={"prod": Environment(name="prod", serial=1, snapshots={carrier.id: carrier, tail.id: tail})},
            computed={(LEFT, Digest(column)): DaySet.span(1, 3) for column in (LEFT, "aa", "bb")},
            uploads={Digest("da7a"): Day(5)},
            streams={Digest("x"): Day(4), Digest("y"): Day(4)},
            positions={Digest("x"): 17, Digest("y"): 17},
        )
        assert store.uploads(Digest("da7a")) == (an_upload(5, "g1"),)
        assert len(store.fragments(LEFT, {Digest("aa")}, DaySet.span(1, 3))) == 2
        assert [(record.id, record.status, record.done) for record in store.history()] == [
            ("p-2", PlanStatus.APPLYING, 2), ("p-1", PlanStatus.APPLIED, 2)
        ]  # fmt: skip
        assert [(step.id, step.status) for step in store.steps(PlanId("p-2"))] == [
            ("u", StepStatus.DONE), ("t", StepStatus.DONE), ("s9", StepStatus.FAILED)
        ]  # fmt: skip
        assert [(line.number, line.kind, line.who, line.what) for line in store.log(2)] == [
            (4, LogKind.TOLD, "eve", "took the lock from bob"),
            (3, LogKind.TOLD, "bob", "began plan p-2"),
        ]
        assert store.verify_log() is None
        assert [(move.environment, move.serial, move.plan, move.objects) for move in store.moves()] == [
            ("prod", 1, "", 2)
        ]
        assert store.pointed_at("prod", 1) == (carrier, tail)
        lease = a_lease(store, now=3000.0)
        assert store.begin(lease, PlanId("p-2"), plan_json("u", "t", "s9"), 2, 3001.0) == {StepId("u"), StepId("t")}


def test_state_of_version_2_is_read_whole_and_knows_nothing_of_corrections(tmp_path: Path) -> None:
    shutil.copy(VERSIONS / "v002.db", tmp_path / "state")

    with closing(open_state(f"sqlite:{tmp_path / 'state'}")) as store:
        found = store.read()
        assert (found.serial, sorted(found.environments)) == (5, ["prod"])
        assert [(said.gate, said.who) for said in store.approvals(PlanId("p-2"))] == [("CHR-P102 join a.b", "ann")]
        assert store.verify_log() is None
        assert (found.stale, found.stale_uploads, found.within, store.runs()) == ({}, frozenset(), {}, ())
        assert store.marks() == {}


def test_state_of_version_3_remembers_the_moves_that_its_plans_tell(tmp_path: Path) -> None:
    shutil.copy(VERSIONS / "v003.db", tmp_path / "state")

    with closing(open_state(f"sqlite:{tmp_path / 'state'}")) as store:
        moves = store.moves()
        assert [(move.environment, move.serial, move.state, move.objects) for move in moves] == [
            ("prod", 2, 13, 2), ("pr-1", 1, 8, 2), ("prod", 1, 5, 2)
        ]  # fmt: skip
        assert [day_text(move.as_of) for move in moves if move.as_of] == ["2024-01-06", "2024-01-05", "2024-01-05"]
        assert all(move.who.startswith("ada@host pid ") and move.at > 0 and move.plan for move in moves)
        assert [move.until is None for move in moves] == [True, True, False]
        state = store.read()
        for name, serial in (("prod", 2), ("pr-1", 1)):
            now = state.environment(name).snapshots
            assert {one.id: one for one in store.pointed_at(name, serial)} == now
        first = {one.id: one for one in store.pointed_at("prod", 1)}
        changed = [str(one) for one, snapshot in state.environment("prod").snapshots.items() if first[one] != snapshot]
        assert changed == ["shop.user", "shop.checkout"]
        assert store.verify_log() is None


def test_state_of_an_apply_that_runs_is_not_migrated(tmp_path: Path) -> None:
    path = tmp_path / "state"
    shutil.copy(VERSIONS / "v001.db", path)
    old = sqlite3.connect(path, isolation_level=None)
    old.execute("UPDATE clock SET token = 3")
    old.execute("INSERT INTO lease VALUES (1, 3, 'ada', 1000.0, 1060.0)")
    store = SqlState(SqliteFile(path, clock=lambda: 1059.0))

    with pytest.raises(ChrononError, match=r"CHR-K010.*version 1.*ada holds the lock"):
        store.read()
    assert old.execute("PRAGMA user_version").fetchone() == (1,)

    later = SqlState(SqliteFile(path, clock=lambda: 1061.0))
    assert later.read().serial == 5
    assert later.acquire("bob", lease_s=60, now=1062.0).token == 3 + len(MIGRATIONS)
    old.close()
    later.close()


@pytest.mark.engine
def test_schema_in_postgres_of_an_apply_that_runs_is_not_migrated(
    postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    rest = postgres.address("older").removeprefix("postgres:")
    with monkeypatch.context() as old:
        for module in ("migrations", "postgres"):
            old.setattr(f"chronon.stores.state.{module}.MIGRATIONS", MIGRATIONS[:1])
        with closing(SqlState(PostgresSchema(parse_address(rest)))) as store:
            store.renew(store.acquire("ada", lease_s=60, now=1000.0), lease_s=60, now=1000.0)
    with psycopg.connect(postgres.conninfo, autocommit=True) as db:
        db.execute("INSERT INTO older.log VALUES (1, 999.5, 'ada', 'began plan ✈')")

    with (
        closing(SqlState(PostgresSchema(parse_address(rest), clock=lambda: 1059.0))) as store,
        pytest.raises(ChrononError, match=r"CHR-K010.*version 1.*ada holds the lock"),
    ):
        store.read()
    with closing(SqlState(PostgresSchema(parse_address(rest), clock=lambda: 1061.0))) as later:
        assert [(line.at, line.who, line.what) for line in later.log()] == [(999.5, "ada", "began plan ✈")]
        assert later.verify_log() is None
        assert later.acquire("bob", lease_s=60, now=1062.0).token == 1 + len(MIGRATIONS)


LINES = 5


@pytest.mark.parametrize(
    ("change", "line", "why"),
    [
        ("UPDATE audit SET who = 'eve' WHERE number = 2", 2, "is not what was written"),
        ("UPDATE audit SET at = at + 0.001 WHERE number = 5", 5, "is not what was written"),
        ("DELETE FROM audit WHERE number = 3", 3, "is missing"),
        ("DELETE FROM audit WHERE number > 3", 4, "is missing: 5 lines were written"),
        ("DELETE FROM audit", 1, "is missing: 5 lines were written"),
        ("UPDATE chain SET lines = 4", 5, "was never written"),
        ("INSERT INTO audit SELECT 6, at, who, kind, plan, step, job, approvals, what, hash FROM audit WHERE number = 5", 6, "is not"),
    ],
)  # fmt: skip
def test_log_that_was_changed_behind_the_store_is_found_at_its_line(
    store: StateStore, address: str, change: str, line: int, why: str
) -> None:
    for number in range(LINES):
        a_lease(store, now=float(number))
        store.unlock(f"eve {number}", float(number))
    assert store.verify_log() is None

    tamper(address, change)

    found = store.verify_log()
    assert found is not None
    assert found.line == line
    assert found.why.startswith(why)


def test_log_holds_the_hash_of_the_line_before(store: StateStore) -> None:
    a_lease(store)
    store.unlock("eve", 7.5)

    (line,) = store.log()

    # printf '%s' '["000…",1,7.5,"eve","lock taken","","","","[]","took the lock from ada"]' | sha256sum
    assert START == "0" * 64
    assert line.hash == "7c7c9ffd6f1f5665a9f1d7b95c1fef9b7428d43695fa8f6e8d6fdd985d54baa6"


def tamper(address: str, change: str) -> None:
    """Do what somebody with every right to the database could."""
    if address.startswith("sqlite:"):
        with closing(sqlite3.connect(address.removeprefix("sqlite:"), isolation_level=None)) as file:
            file.execute("DROP TRIGGER audit_keeps_its_lines")
            file.execute("DROP TRIGGER audit_loses_no_line")
            file.execute(change)
        return
    parsed = parse_address(address.removeprefix("postgres:"))
    with psycopg.connect(parsed.conninfo(), autocommit=True) as db:
        db.execute(f"SET search_path TO {parsed.schema}".encode())
        db.execute(b"ALTER TABLE audit DISABLE TRIGGER USER")
        db.execute(change.encode())
