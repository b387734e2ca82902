"""Nouns as rows of the state store. Every function runs inside a transaction of its caller."""

from __future__ import annotations

import functools
import gc
import json
import operator
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import assert_never

import msgspec

from chronon.model.dayset import DaySet
from chronon.model.errors import InvariantError
from chronon.model.jobs import (
    DerivationJob,
    Digest,
    FeatureJob,
    Fragment,
    Job,
    LeftJob,
    Output,
    Streamed,
    StreamJob,
    TableJob,
    Upload,
    UploadJob,
)
from chronon.model.names import Kind, ObjectId, ObjectName
from chronon.model.state import Environment, Snapshot, State
from chronon.model.time import Day
from chronon.schemas.wire import from_json, to_json
from chronon.stores.state import corrections
from chronon.stores.state.sql import Sql

_STREAMED = (
    # A stream that goes on keeps the tiles that it has made before: they reach back as far as ever.
    "INSERT INTO streams (dataset, topic, since, position) VALUES (?, ?, ?, ?) ON CONFLICT (dataset) DO UPDATE"
    " SET topic = excluded.topic, position = excluded.position,"
    " since = CASE WHEN excluded.since < streams.since THEN excluded.since ELSE streams.since END"
)
SNAPSHOT = 'kind, team, name, version, fingerprint, columns, "left", serving, stream, metadata, definition, origin'
"""The columns of a snapshot, in the order of its row."""

_CELLS = '"left" = ? AND "column" = ? AND day >= ? AND day < ?'
_KINDS = {str(kind): kind for kind in Kind}
_COLUMNS = msgspec.json.Decoder(dict[str, Digest])


def read_state(db: Sql) -> State:
    """Everything that a planner needs."""
    with _uncollected():
        return _state(db)


def _state(db: Sql) -> State:
    (serial,) = db.execute("SELECT serial FROM clock").fetchone()
    uploads = db.execute("SELECT dataset, max(day) FROM uploads GROUP BY dataset")
    streams = db.execute("SELECT dataset, since, position FROM streams").fetchall()
    return State(
        serial=serial,
        environments=_environments(db),
        computed=_computed(db),
        uploads={Digest(dataset): Day(day) for dataset, day in uploads},
        streams={Digest(dataset): Day(since) for dataset, since, _ in streams},
        positions={Digest(dataset): position for dataset, _, position in streams},
        **corrections.read_outdated(db),
    )


def read_snapshots(db: Sql) -> tuple[Snapshot, ...]:
    """Every snapshot that was recorded, the last one first."""
    with _uncollected():
        return tuple(snapshot_of(*row) for row in db.execute(f"SELECT {SNAPSHOT} FROM snapshots ORDER BY number DESC"))


def next_of(table: str) -> str:
    """The number of a table's next row, as SQL."""
    return f"(SELECT coalesce(max(number), 0) + 1 FROM {table})"


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the garbage collector: a third of the time of a large read, to find that everything is still in use."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _environments(db: Sql) -> dict[str, Environment]:
    query = (
        f"SELECT number, {SNAPSHOT} FROM snapshots WHERE number IN (SELECT snapshot FROM pointed WHERE until IS NULL)"
    )
    snapshots = {number: snapshot_of(*row) for number, *row in db.execute(query)}
    pointed: dict[str, dict[ObjectId, Snapshot]] = {}
    for environment, number in db.execute("SELECT environment, snapshot FROM pointed WHERE until IS NULL"):
        snapshot = snapshots[number]
        pointed.setdefault(environment, {})[snapshot.id] = snapshot
    return {
        name: Environment(name=name, serial=serial, snapshots=pointed.get(name, {}))
        for name, serial in db.execute("SELECT name, serial FROM environments")
    }


def snapshot_of(  # noqa: PLR0917 - one parameter per column of SNAPSHOT, in its order; ten thousand calls are a read
    kind: str,
    team: str,
    name: str,
    version: int,
    fingerprint: Digest,
    columns: str,
    left: Digest | None,
    serving: Digest | None,
    stream: Digest | None,
    metadata: Digest,
    definition: str,
    origin: str,
) -> Snapshot:
    """The snapshot in a row of the columns of SNAPSHOT."""
    return Snapshot(
        id=ObjectId(_KINDS[kind], ObjectName(team, name), version),
        fingerprint=fingerprint,
        columns=_COLUMNS.decode(columns),
        left=left,
        serving=serving,
        stream=stream,
        metadata=metadata,
        definition=definition,
        origin=origin,
    )


def _computed(db: Sql) -> dict[tuple[Digest, Digest], DaySet]:
    """Most columns of a left have the days of most others: the database groups them, and each text is read once."""
    known: dict[str, DaySet] = {}
    computed: dict[tuple[Digest, Digest], DaySet] = {}
    query = 'SELECT "left", days, group_concat("column", \' \') FROM computed GROUP BY "left", days'
    for left, text, columns in db.execute(query):
        days = known.get(text)
        if days is None:
            days = known[text] = from_json(text, DaySet)
        for column in columns.split(" "):
            computed[left, column] = days
    return computed


def read_computed_days(db: Sql, left: Digest, columns: Collection[Digest]) -> DaySet:
    """See StateStore."""
    query = 'SELECT days FROM computed WHERE "left" = ? AND "column" = ?'
    found = [db.execute(query, (left, column)).fetchone() for column in sorted(set(columns))]
    days = [from_json(row[0], DaySet) if row else DaySet() for row in found]
    return functools.reduce(operator.and_, days) if days else DaySet()


def read_fragments(db: Sql, left: Digest, columns: Collection[Digest], days: DaySet) -> tuple[Fragment, ...]:
    """See StateStore."""
    query = f'SELECT day, "column", file FROM fragments WHERE {_CELLS}'
    holding: dict[tuple[int, int], set[str]] = {}
    for column in set(columns):
        for start, end in days.ranges:
            for day, digest, file in db.execute(query, (left, column, start, end)):
                holding.setdefault((day, file), set()).add(digest)
    found = [_fragment(db, left, Day(day), file, wanted) for (day, file), wanted in holding.items()]
    return tuple(sorted(found, key=lambda fragment: (fragment.day, fragment.path)))


def _fragment(db: Sql, left: Digest, day: Day, file: int, wanted: Collection[str]) -> Fragment:
    row = db.execute("SELECT path, columns, rows, bytes FROM files WHERE number = ?", (file,)).fetchone()
    columns = tuple((Digest(digest), name) for digest, name in json.loads(row[1]) if digest in wanted)
    return Fragment(left=left, day=day, columns=columns, path=row[0], rows=row[2], bytes=row[3])


def publish(db: Sql, job: Job, output: Output) -> None:
    """Record what a job made."""
    match job, output:
        case ((LeftJob() | FeatureJob() | DerivationJob()), tuple()):
            _publish_fragments(db, job, output)
        case UploadJob(), Upload():
            _publish_upload(db, output)
        case StreamJob(), Streamed():
            rows = [(dataset, output.topic, output.since, output.position) for dataset in output.datasets]
            db.executemany(_STREAMED, rows)
        case _:
            raise InvariantError("output-of-job", f"a {type(job).__name__} cannot yield a {type(output).__name__}")


def _publish_upload(db: Sql, upload: Upload) -> None:
    """One that is recorded again becomes the newest of its day."""
    key = (upload.dataset, upload.generation)
    db.execute("DELETE FROM uploads WHERE dataset = ? AND generation = ?", key)
    db.execute(
        f"INSERT INTO uploads (number, dataset, day, generation, keys, bytes) VALUES ({next_of('uploads')}, ?, ?, ?, ?, ?)",
        (upload.dataset, upload.day, upload.generation, upload.keys, upload.bytes),
    )
    corrections.upload_is_made(db, upload.dataset)


def _publish_fragments(db: Sql, job: TableJob, fragments: Collection[Fragment]) -> None:
    columns = columns_of(job)
    if isinstance(job, LeftJob):
        _forget_rows(db, job, fragments)
        corrections.note_within(db, job, fragments)
    for column in columns:
        for start, end in job.days.ranges:
            db.execute(f"DELETE FROM fragments WHERE {_CELLS}", (job.left, column, start, end))
        _add_days(db, job.left, column, job.days)
        corrections.days_are_made(db, job.left, column, job.days)
    for fragment in fragments:
        digests = {digest for digest, _name in fragment.columns} or {job.left}
        if fragment.left != job.left or fragment.day not in job.days or not digests <= columns:
            raise InvariantError("fragment-of-job", f"{fragment.path} holds what its job was not asked for")
        file = _file(db, fragment)
        rows = [(job.left, digest, fragment.day, file) for digest in sorted(digests)]
        db.executemany("INSERT INTO fragments VALUES (?, ?, ?, ?)", rows)


def _forget_rows(db: Sql, job: LeftJob, fragments: Collection[Fragment]) -> None:
    """Columns of days whose left rows are other ones now: their values belong to rows that are not there any more."""
    there = read_days(db, job.left, job.left) & job.days
    old = {(each.day, each.path) for each in read_fragments(db, job.left, {job.left}, there)}
    new = {(each.day, each.path) for each in fragments if each.day in there}
    moved = DaySet.days(day for day, _path in old ^ new)
    if not moved:
        return
    for start, end in moved.ranges:
        db.execute('DELETE FROM fragments WHERE "left" = ? AND day >= ? AND day < ?', (job.left, start, end))
    for (column,) in db.execute('SELECT "column" FROM computed WHERE "left" = ?', (job.left,)).fetchall():
        rest = read_days(db, job.left, Digest(column)) - moved
        db.execute('UPDATE computed SET days = ? WHERE "left" = ? AND "column" = ?', (to_json(rest), job.left, column))


def columns_of(job: TableJob) -> frozenset[Digest]:
    """The columns that a job makes; one of left rows makes those that it is named by."""
    match job:
        case LeftJob():
            return frozenset({job.left})
        case FeatureJob() | DerivationJob():
            return frozenset(digest for digest, _name in job.columns)
        case _:
            assert_never(job)


def read_days(db: Sql, left: Digest, column: Digest) -> DaySet:
    """The days on which a column of a left is computed."""
    row = db.execute('SELECT days FROM computed WHERE "left" = ? AND "column" = ?', (left, column)).fetchone()
    return from_json(row[0], DaySet) if row else DaySet()


def _add_days(db: Sql, left: Digest, column: Digest, days: DaySet) -> None:
    db.execute(
        'INSERT INTO computed ("left", "column", days) VALUES (?, ?, ?)'
        ' ON CONFLICT ("left", "column") DO UPDATE SET days = excluded.days',
        (left, column, to_json(read_days(db, left, column) | days)),
    )


def _file(db: Sql, fragment: Fragment) -> int:
    """The number of a file; one that is published again has the same name only if it has the same bytes."""
    db.execute(
        f"INSERT INTO files (number, path, columns, rows, bytes) VALUES ({next_of('files')}, ?, ?, ?, ?)"
        " ON CONFLICT (path) DO NOTHING",
        (fragment.path, json.dumps(fragment.columns), fragment.rows, fragment.bytes),
    )
    return int(db.execute("SELECT number FROM files WHERE path = ?", (fragment.path,)).fetchone()[0])


def snapshot_row(snapshot: Snapshot) -> tuple[str | int | None, ...]:
    """A snapshot in the columns of SNAPSHOT."""
    return (
        snapshot.id.kind,
        snapshot.id.name.team,
        snapshot.id.name.name,
        snapshot.id.version,
        snapshot.fingerprint,
        json.dumps(dict(snapshot.columns)),
        snapshot.left,
        snapshot.serving,
        snapshot.stream,
        snapshot.metadata,
        snapshot.definition,
        snapshot.origin,
    )
