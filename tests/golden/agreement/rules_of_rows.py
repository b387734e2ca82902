"""The rules of reading: which rows of a table count, where Chronon reads others than we do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from agreement.answers import FeatureColumn
from agreement.comparison import ABSENT, Cell
from agreement.evidence import Evidence
from chronon.model.definitions import SLACK_DAYS
from chronon.model.time import Day, Millis, day_of, day_text, parse_day

COUNTED_AS_ROWS = {"UNIQUE_COUNT", "BOUNDED_UNIQUE_COUNT"}
"""Operations that tell byte arrays apart by their identity in Chronon."""


def is_one_row_of_snapshot(cell: Cell, evidence: Evidence) -> bool:
    """A snapshot that has several rows of one entity: Chronon passes on each of them, we take one."""
    columns = _passed_through(cell)
    if not columns or (cell.column != "*" and cell.column not in columns):
        return False
    probe = replace(cell, column=next(iter(columns)), source=next(iter(columns.values())))
    day = day_text(day_of(Millis(evidence.moment(probe) - 1)))
    same_day = [row for row in evidence.own(probe) if row["ds"] == day]
    known = [
        {name: row.get(column.asked.input) for name, column in columns.items() if column.asked} for row in same_day
    ]
    theirs = cell.pair.theirs or {}
    return len(same_day) > 1 and {name: theirs.get(name) for name in columns} in known


def is_event_of_1970(cell: Cell, evidence: Evidence) -> bool:
    """An event without a time counts as one of 1970 there, and nowhere here."""
    timeless = [row | {"ts": 0} for row in evidence.own(cell, timed=False)]
    return bool(timeless) and evidence.gives(cell, [*evidence.own(cell), *timeless])


def is_off_its_day(cell: Cell, evidence: Evidence) -> bool:
    """A row lies days off the partition of its time: we leave it out everywhere, Chronon where it did not look."""
    if cell.column == "*":
        return cell.ours == ABSENT and _is_off(cell.pair.row)
    if any(source["kind"] != "events" for source in (cell.source.group_by or {}).get("sources") or ()):
        return False
    own = evidence.own(cell)
    off = sorted((row for row in own if _is_off(row)), key=lambda row: row["ds"])
    near = [row for row in own if row not in off]
    read = ([*near, *off[first:end]] for first in range(len(off)) for end in range(first + 1, len(off) + 1))
    return any(evidence.gives(cell, rows) for rows in read)


def is_bytes_by_identity(cell: Cell, evidence: Evidence) -> bool:
    """Byte arrays are different to Chronon whenever they are different objects: it counts rows."""
    asked = cell.source.asked
    if asked is None or asked.operation not in COUNTED_AS_ROWS or evidence.kind(cell) != "binary":
        return False
    n_rows = len(evidence.counted(cell, evidence.own(cell)))
    return bool(cell.theirs in (n_rows, asked.k or 8))


def _passed_through(cell: Cell) -> dict[str, FeatureColumn]:
    """The columns that are passed through by the cell's group_by; for a row that one side lacks, by any."""
    return {
        name: column
        for name, column in cell.answers.columns.items()
        if column.asked is not None
        and not column.asked.operation
        and (cell.column == "*" or column.group_by is cell.source.group_by)
    }


def _is_off(row: Mapping[str, Any]) -> bool:
    day = parse_day(row.get("ds") or "")
    return day is not None and row.get("ts") is not None and abs(day_of(row["ts"]) - Day(day)) > SLACK_DAYS
