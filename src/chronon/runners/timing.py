"""When rows count, in SQL: what local and Spark select beside the columns of a query."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from chronon.model.definitions import Rows, Selected
from chronon.model.specs import SourceKind

SINCE = "$since"
"""When a row of an entity became known: the end of its snapshot's day, or the moment of the change. No select has this name."""

PARTITION_DAY = "$day"
"""The day of the partition or fragment that a row comes from. A column may be called `day`: no select has this name."""

REVERSAL = "$reversal"
"""Whether it is the image of what was before a change; null for a row of a snapshot."""

ToSql = Callable[[Selected], str]


def time_columns(rows: Rows, instant: str, to_sql: ToSql) -> dict[str, str]:
    """SQL of `ts`, and for entities and mutations of SINCE and REVERSAL. instant: the last millisecond of the partition."""
    own = to_sql(rows.time) if rows.time else None
    if rows.kind is SourceKind.EVENTS:
        return {"ts": own or instant}
    known = to_sql(rows.changed) if rows.changed else instant
    reversal = f"COALESCE({to_sql(rows.reversal)}, FALSE)" if rows.reversal else "CAST(NULL AS BOOLEAN)"
    return {"ts": own or known, SINCE: known, REVERSAL: reversal}


def time_conditions(rows: Rows, to_sql: ToSql) -> Iterator[str]:
    """What makes a row count at all: none of its times is missing."""
    for select in (rows.time, rows.changed):
        if select:
            yield f"({to_sql(select)}) IS NOT NULL"


def dated_by(rows: Rows) -> Selected | None:
    """The time that must lie near the day of the partition: of a snapshot none, its rows may be of any age."""
    return None if rows.kind is SourceKind.ENTITIES else rows.changed or rows.time
