"""What is recorded of corrected days: by what a day is known again, and what is to be computed again. Inside transactions of the caller."""

from __future__ import annotations

import functools
import json
from collections.abc import Collection
from typing import TypedDict

from chronon.model.corrections import Mark, Marks, Noted
from chronon.model.dayset import DaySet
from chronon.model.jobs import Digest, Fragment, LeftJob
from chronon.model.time import Day
from chronon.schemas.wire import from_json, to_json
from chronon.stores.state.sql import Sql, among


class Recorded(TypedDict):
    """The fields of a State that are kept here."""

    stale: dict[tuple[Digest, Digest], DaySet]
    stale_uploads: frozenset[Digest]
    within: dict[Digest, DaySet]


def read_outdated(db: Sql) -> Recorded:
    """See State."""
    stale = db.execute('SELECT "left", "column", days FROM stale').fetchall()
    return Recorded(
        stale={(Digest(left), Digest(column)): from_json(days, DaySet) for left, column, days in stale},
        stale_uploads=frozenset(Digest(dataset) for (dataset,) in db.execute("SELECT dataset FROM stale_uploads")),
        within={Digest(left): from_json(days, DaySet) for left, days in db.execute('SELECT "left", days FROM within')},
    )


def read_marks(db: Sql, tables: Collection[str] | None) -> Marks:
    """See StateStore."""
    found: dict[tuple[str, str], dict[Day, Mark]] = {}
    query, order = (
        'SELECT "table", "column", day, files, footers, rows, bytes, within FROM marks',
        'ORDER BY "table", "column", day',
    )
    marked = (
        db.execute(f"{query} {order}") if tables is None else among(db, f'{query} WHERE "table"', sorted(tables), order)
    )
    for table, column, day, files, footers, rows, size, within in marked:
        mark = Mark(files=files, footers=footers, rows=rows, bytes=size, within=_within(within))
        found.setdefault((table, column), {})[Day(day)] = mark
    return found


@functools.cache
def _within(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


def note(db: Sql, noted: Noted) -> None:
    """Record what a plan that begins reads, and what it leaves to be computed again."""
    rows = [
        (*key, day, mark.files, mark.footers, mark.rows, mark.bytes, json.dumps(mark.within))
        for key, days in noted.marks.items()
        for day, mark in days.items()
    ]
    db.executemany(
        'INSERT INTO marks VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT ("table", "column", day) DO UPDATE SET'
        " files = excluded.files, footers = excluded.footers, rows = excluded.rows, bytes = excluded.bytes,"
        " within = excluded.within",
        rows,
    )
    for each in noted.stale:
        for column in each.columns:
            _write_stale(db, each.left, column, _stale_days(db, each.left, column) | each.days)
    uploads = [(dataset,) for dataset in noted.uploads]
    db.executemany("INSERT INTO stale_uploads VALUES (?) ON CONFLICT (dataset) DO NOTHING", uploads)


def days_are_made(db: Sql, left: Digest, column: Digest, days: DaySet) -> None:
    """Days of a column were computed again."""
    if stale := _stale_days(db, left, column):
        _write_stale(db, left, column, stale - days)


def upload_is_made(db: Sql, dataset: Digest) -> None:
    """Batch values were computed again."""
    db.execute("DELETE FROM stale_uploads WHERE dataset = ?", (dataset,))


def note_within(db: Sql, job: LeftJob, fragments: Collection[Fragment]) -> None:
    """Record the days of which every row asks on that very day; one without rows is such a day."""
    strays = DaySet.days(fragment.day for fragment in fragments if not fragment.within)
    row = db.execute('SELECT days FROM within WHERE "left" = ?', (job.left,)).fetchone()
    known = (from_json(row[0], DaySet) if row else DaySet()) | job.days
    db.execute('DELETE FROM within WHERE "left" = ?', (job.left,))
    if days := known - strays:
        db.execute("INSERT INTO within VALUES (?, ?)", (job.left, to_json(days)))


def _stale_days(db: Sql, left: Digest, column: Digest) -> DaySet:
    row = db.execute('SELECT days FROM stale WHERE "left" = ? AND "column" = ?', (left, column)).fetchone()
    return from_json(row[0], DaySet) if row else DaySet()


def _write_stale(db: Sql, left: Digest, column: Digest, days: DaySet) -> None:
    db.execute('DELETE FROM stale WHERE "left" = ? AND "column" = ?', (left, column))
    if days:
        db.execute("INSERT INTO stale VALUES (?, ?, ?)", (left, column, to_json(days)))
