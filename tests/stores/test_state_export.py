"""Exports: complete, the same bytes from every backend, refused when they are not whole or something would be lost."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from state_world import (
    LEFT,
    a_feature_job,
    a_fragment,
    a_group_by,
    a_lease,
    a_left_job,
    a_note,
    a_run,
    a_snapshot,
    an_upload,
    begun,
    do,
)

from chronon.model.dayset import DaySet
from chronon.model.errors import ChrononError
from chronon.model.jobs import Digest, Streamed, StreamJob, UploadJob
from chronon.model.plan import GateId, PlanId, StepId
from chronon.model.retention import Garbage
from chronon.model.state import State
from chronon.model.time import Day
from chronon.schemas.documents import document_schema
from chronon.stores.state import Done, Failed, Started, StateStore, open_state
from chronon.stores.state.dump import TABLES, Dump
from chronon.stores.state.export import SCHEMA, export_text, read_export
from chronon.stores.state.migrations import MIGRATIONS

VERSIONS = Path(__file__).with_name("versions")
"""States of older versions and what these have exported."""


@pytest.fixture
def other(tmp_path: Path) -> Iterator[StateStore]:
    with closing(open_state(f"sqlite:{tmp_path / 'other'}")) as store:
        yield store


def fill(store: StateStore) -> None:
    """A state with rows in every table."""
    store.approve(PlanId("p-1"), 0, [GateId("CHR-P102 join a.b")], who="ann", reason="✈ \U0001d54f", now=0.1)
    lease, plan = begun(store, noted=a_note())
    do(store, lease, plan, a_left_job(DaySet.span(1, 3)), a_fragment(1, LEFT))
    do(store, lease, plan, a_feature_job(DaySet.span(1, 3), "aa", "bb"), a_fragment(1, "aa", "bb"), a_fragment(3, "aa"))
    store.record(lease, plan, [Started(step=StepId("u"), at=1 / 3)])
    upload = UploadJob(dataset=Digest("da7a"), group_by=a_group_by(), day=Day(5))
    store.record(
        lease, plan, [Done(step=StepId("u"), job=upload, output=an_upload(5, "g1"), at=2e9 + 0.1, run=a_run())]
    )
    store.record(lease, plan, [Started(step=StepId("t"), at=5.0)])
    streamed = Streamed(topic="t", since=Day(4), datasets=(Digest("x"),), events=1, tiles=1, position=17)
    store.record(
        lease,
        plan,
        [Done(step=StepId("t"), job=StreamJob(topic="t", readers=(), since=Day(4)), output=streamed, at=5.0)],
    )
    store.record(lease, plan, [Started(step=StepId("f"), at=6.0)])
    store.record(lease, plan, [Failed(step=StepId("f"), error="disk \0 full\n'", at=7.0)])
    store.finish(lease, plan, "prod", (a_snapshot(), a_snapshot("Tail"), a_snapshot("étail")), 8.0)
    store.begin(lease, PlanId("p-2"), '{"steps":[]}', store.read().serial, 9.0)
    store.forget(lease, Garbage(tiles=frozenset({Digest("gone")})), 10.0, "cleaned")
    store.release(lease)


def test_export_when_imported_elsewhere_and_exported_again_is_the_same_bytes(
    store: StateStore, other: StateStore, address: str
) -> None:
    fill(store)
    first = export_text(store.dump())

    other.load(a_lease(other), read_export(first.encode()), replace=False)
    second = export_text(other.dump())
    store.load(a_lease(store), read_export(second.encode()), replace=True)

    assert second == first == export_text(store.dump())
    assert all(read_export(first.encode()).tables.values()), "a table without rows shows nothing"
    assert other.read() == store.read()
    assert other.log() == store.log()
    assert other.verify_log() is None
    with closing(open_state(address)) as again:
        assert again.read() == other.read()
        assert again.holder() == store.holder()


def test_export_of_nothing_when_imported_makes_the_state_empty(store: StateStore, other: StateStore) -> None:
    fill(store)
    nothing = export_text(other.dump())

    store.load(a_lease(store, now=2000.0), read_export(nothing.encode()), replace=True)

    assert store.read() == State()
    assert export_text(store.dump()) == nothing
    assert store.verify_log() is None


def test_import_into_a_state_that_is_not_empty_needs_to_be_told(store: StateStore) -> None:
    fill(store)
    before, lease = store.dump(), a_lease(store, now=2000.0)

    with pytest.raises(ChrononError, match=r"CHR-K122.*not empty"):
        store.load(lease, before, replace=False)

    assert store.dump() == before


def test_import_needs_the_lease_and_tokens_go_on_growing(store: StateStore, other: StateStore) -> None:
    fill(other)
    lost = a_lease(store, now=0.0)
    lease = a_lease(store, "bob", now=1000.0)

    with pytest.raises(ChrononError, match="CHR-K013"):
        store.load(lost, other.dump(), replace=True)
    assert store.read() == State()

    store.load(lease, other.dump(), replace=True)
    assert store.renew(lease, lease_s=60, now=1001.0).token == lease.token
    store.release(lease)
    assert a_lease(store).token > lease.token


def test_import_that_fails_changes_nothing(store: StateStore) -> None:
    fill(store)
    before, lease = store.dump(), a_lease(store, now=2000.0)
    dangling = {**before.tables, "pointed": [("prod", 1, 1, None), ("nowhere", 7, 1, None)]}

    with pytest.raises(ChrononError, match="CHR-K018"):
        store.load(lease, Dump(version=before.version, serial=1, tables=dangling), replace=True)

    assert store.dump() == before
    assert store.holder() == lease


def test_log_after_an_import_still_only_grows(store: StateStore, other: StateStore) -> None:
    fill(store)
    other.load(a_lease(other), store.dump(), replace=False)
    other.unlock("eve", 3000.0)

    assert other.verify_log() is None
    assert len(other.log()) == len(store.log()) + 1


def test_export_of_an_older_version_is_read_as_its_state_is_migrated(tmp_path: Path) -> None:
    shutil.copy(VERSIONS / "v003.db", tmp_path / "state")

    with closing(open_state(f"sqlite:{tmp_path / 'state'}")) as migrated:
        assert read_export((VERSIONS / "v003.json").read_bytes()) == migrated.dump()


@pytest.mark.parametrize("spoilt", [{"clocks": [{}]}, {"files": [{"number": 1}]}, {"files": [7]}])
def test_export_of_an_older_version_with_rows_of_another_shape_is_refused(spoilt: dict[str, object]) -> None:
    data = json.loads((VERSIONS / "v003.json").read_bytes())
    data["tables"] |= spoilt
    body = json.dumps(data).rpartition('"digest"')[0]

    with pytest.raises(ChrononError, match=r"CHR-K121.*version 3"):
        read_export(f'{body}"digest": "sha256:{sha256(body.encode()).hexdigest()}"}}'.encode())


@pytest.mark.parametrize("part", [0.0, 0.1, 0.5, 0.99])
def test_file_that_is_cut_off_is_refused(other: StateStore, part: float) -> None:
    fill(other)
    text = export_text(other.dump()).encode()

    with pytest.raises(ChrononError, match="CHR-K121"):
        read_export(text[: int(len(text) * part)])


@given(st.data())
def test_file_that_was_edited_is_refused(data: st.DataObject) -> None:
    with closing(open_state("sqlite:/no/such/file")) as store:
        text = export_text(store.dump()).encode()
    place = data.draw(st.integers(0, text.index(b'"digest"') - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != text[place]))

    with pytest.raises(ChrononError, match=r"CHR-K12[13]"):
        read_export(text[:place] + bytes([byte]) + text[place + 1 :])


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda data: data["tables"]["audit"][0].update(at="noon"), r"tables/audit/0/at"),
        (lambda data: data["tables"].pop("files"), r"tables: .*files"),
        (lambda data: data.update(serial=-1), r"serial"),
    ],
)  # fmt: skip
def test_file_of_another_shape_is_told_by_its_place(other: StateStore, edit: object, said: str) -> None:
    fill(other)
    data = json.loads(export_text(other.dump()))
    edit(data)  # type: ignore[operator]
    body = json.dumps(data).rpartition('"digest"')[0]
    digest = sha256(body.encode()).hexdigest()

    with pytest.raises(ChrononError, match=rf"CHR-K121.*{said}"):
        read_export(f'{body}"digest": "sha256:{digest}"}}'.encode())


def test_schema_when_compared_with_the_tables_has_every_column() -> None:
    tables = document_schema(SCHEMA)["properties"]["tables"]["properties"]

    assert {name: list(table["items"]["properties"]) for name, table in tables.items()} == {
        table.name: list(table.columns) for table in TABLES
    }
    assert all(table["items"]["required"] == list(table["items"]["properties"]) for table in tables.values())
    assert document_schema(SCHEMA)["properties"]["version"]["const"] == len(MIGRATIONS)


def test_export_of_an_older_version_is_imported(store: StateStore) -> None:
    older = (Path(__file__).parent / "versions/v002.json").read_bytes()

    store.load(a_lease(store), read_export(older), replace=False)

    assert store.read().uploads == {Digest("da7a"): Day(5)}
    assert store.verify_log() is None
    assert len(read_export(export_text(store.dump()).encode()).tables) == len(TABLES)


def test_tables_when_compared_with_the_database_are_all_exported(other: StateStore, tmp_path: Path) -> None:
    other.release(a_lease(other))
    with closing(sqlite3.connect(tmp_path / "other")) as file:
        names = {name for (name,) in file.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        columns = {name: {row[1] for row in file.execute(f"PRAGMA table_info({name})")} for name in names}

    assert columns.pop("clock") == {"id", "serial", "token"}
    assert columns.pop("lease")
    assert columns == {table.name: {*table.columns} for table in TABLES}
