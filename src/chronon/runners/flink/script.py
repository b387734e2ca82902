"""A stream job as a script of Flink SQL: one source a time expression, one view and one sink a reader, one job.

    lines ─ source ─ view of a reader ─ TUMBLE(tile) GROUP BY keys ─ sink of the reader
            (time)   (where, select,    (partials)                   (JSON lines)
                      keys and time there)

The watermark stays at the beginning of time until the input ends: in a bounded replay no event is late, whatever the
order of the files.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chronon.aggregations.partials import Partial
from chronon.aggregations.program import Program, stream_partials
from chronon.expressions import to_sql
from chronon.expressions.flink_sql import quoted, type_name
from chronon.model.definitions import GroupBy, Rows
from chronon.model.errors import InvariantError
from chronon.model.jobs import Digest, StreamedGroupBy, StreamJob
from chronon.model.savepoints import FilePlace, Savepoint
from chronon.model.time import Day, day_start
from chronon.model.types import DataType, Scalar
from chronon.runners.flink.partial_sql import OWN_TIME, TIME, WEIGHT, Aggregate, aggregate

ROWTIME = "__rowtime"
LAST_INSTANT = 253_402_300_800_000
"""00:00 of the year 10000: times from here on are not on Flink's calendar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A reader of the topic with everything that its SQL and its tiles need.

    rows: what of it comes from the topic: events, or mutations of entities.  aggregates: in the order of `partials`.
    since: events count from the start of this day on.  behind: the savepoint after which lines are read; None from the first on.
    """

    streamed: StreamedGroupBy
    since: Day
    behind: Savepoint | None
    rows: tuple[Rows, ...]
    program: Program
    partials: tuple[Partial, ...]
    aggregates: tuple[Aggregate, ...]

    @property
    def group_by(self) -> GroupBy:
        """What it computes."""
        return self.streamed.group_by

    def savepoint(self, files: tuple[FilePlace, ...]) -> Savepoint:
        """That of its tiles once they hold the topic up to these places."""
        return Savepoint(topic=self.rows[0].topic or "", since=self.since, files=files)


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What a Flink process executes: definitions in order, then all inserts as one job."""

    definitions: tuple[str, ...]
    inserts: tuple[str, ...]


def readers_of(job: StreamJob, savepoints: Mapping[Digest, Savepoint] | None = None) -> tuple[Reader, ...]:
    """The readers of a job, compiled. savepoints: dataset → where to go on from; of others all is folded.

    Law: `validate` has refused a group_by that reads another topic too (CHR-V035).
    """
    known = savepoints or {}
    return tuple(_reader(streamed, job, known.get(streamed.dataset)) for streamed in job.readers)


def _reader(streamed: StreamedGroupBy, job: StreamJob, behind: Savepoint | None) -> Reader:
    group_by = streamed.group_by
    others = {rows.topic for rows in group_by.streamed} - {job.topic}
    if others:
        also = ", ".join(sorted(map(str, others)))
        raise InvariantError("one-topic", f"{group_by.id} reads {job.topic} and also {also}")
    program = Program.compile(group_by.features, group_by.accuracy, changes=group_by.changes)
    kinds = {feature.input: feature.input_type for feature in group_by.features}
    partials = stream_partials(program)
    return Reader(
        streamed=streamed,
        since=behind.since if behind else job.since,
        behind=behind,
        rows=group_by.streamed,
        program=program,
        partials=partials,
        aggregates=tuple(aggregate(partial, kinds[partial.input]) for partial in partials),
    )


def columns_of(readers: Iterable[Reader]) -> dict[str, DataType]:
    """The columns of the topic that some reader needs, by name. `validate` lets none have two types (CHR-V053)."""
    found: dict[str, DataType] = {}
    for column in (column for reader in readers for rows in reader.rows for column in rows.columns):
        if found.setdefault(column.name, column.type) != column.type:
            types = f"a {found[column.name]} here and a {column.type} there"
            raise InvariantError("one-type", f"column {column.name} of one topic is {types}")
    return dict(sorted(found.items()))


def aliases_of(readers: Iterable[Reader]) -> dict[str, tuple[str, ...]]:
    """The columns of the topic that had other names before, with these, the newest first."""
    columns = (column for reader in readers for rows in reader.rows for column in rows.columns)
    return {column.name: column.aliases for column in columns if column.aliases}


def script_of(readers: Sequence[Reader], events: Path, sinks: Path) -> Script:
    """The SQL of some readers of a topic. events: folder of the lines.  sinks: folder in which reader n writes into `n`."""
    columns = columns_of(readers)
    times = sorted({_time(rows) for reader in readers for rows in reader.rows})
    since = min(reader.since for reader in readers)
    definitions = [_source(number, time, since, columns, events) for number, time in enumerate(times)]
    inserts = []
    for number, reader in enumerate(readers):
        definitions += [_view(number, reader, columns, times), _sink(number, reader, sinks)]
        inserts.append(_insert(number, reader))
    return Script(definitions=tuple(definitions), inserts=tuple(inserts))


def conditions(rows: Rows, keys: Iterable[str], columns: dict[str, DataType], since: int, dialect: str) -> list[str]:
    """What must hold for a row of the topic to count: its wheres, no key null, a time from `since` on.

    An image of a change also has the row's own time, where the source declares one.
    """
    expressions = {select.name: select.expression for select in rows.selects}
    time = f"({sql(_time(rows), columns, dialect)})"
    own = [rows.time] if rows.changed and rows.time else []
    return [
        *(f"({sql(select.expression, columns, dialect)}) IS NOT NULL" for select in own),
        *(f"({sql(where, columns, dialect)})" for where in rows.wheres),
        *(f"({sql(expressions[key], columns, dialect)}) IS NOT NULL" for key in keys),
        f"{time} >= {since} AND {time} < {LAST_INSTANT}",
    ]


def sql(expression: str, columns: dict[str, DataType], dialect: str) -> str:
    """An expression of the topic's columns in a dialect."""
    return to_sql(expression, columns, "duckdb" if dialect == "duckdb" else "flink")


def counted_at(rows: Rows, columns: dict[str, DataType]) -> str:
    """When a row counts, in the SQL of DuckDB."""
    return sql(_time(rows), columns, "duckdb")


def _time(rows: Rows) -> str:
    """The time that tiles go by: that of the event, or when the change happened."""
    time = rows.changed or rows.time
    if time is None:
        raise InvariantError("timed-rows", f"rows of {rows.table} have no time")
    return time.expression


def _source(number: int, time: str, first: Day, columns: dict[str, DataType], events: Path) -> str:
    physical = ", ".join(f"{quoted(name)} {type_name(kind)}" for name, kind in columns.items())
    millis, since = f"({sql(time, columns, 'flink')})", f"CAST({day_start(first)} AS BIGINT)"
    # A time that is null or not on the calendar would stop the job: such rows are given one and dropped by the view.
    known = f"CASE WHEN {millis} >= {since} AND {millis} < {LAST_INSTANT} THEN {millis} ELSE {since} END"
    return (
        f"CREATE TEMPORARY TABLE source_{number} ({physical}, "
        f"`{ROWTIME}` AS TO_TIMESTAMP_LTZ({known}, 3), "
        f"WATERMARK FOR `{ROWTIME}` AS TO_TIMESTAMP_LTZ(0, 3)) "
        f"WITH ('connector' = 'filesystem', 'format' = 'json', 'path' = '{_url(events)}')"
    )


def _view(number: int, reader: Reader, columns: dict[str, DataType], times: list[str]) -> str:
    keys = [key.name for key in reader.group_by.keys]
    queries = []
    for rows in reader.rows:
        selects = [
            f"{_select(select.expression, select.type, columns)} AS {quoted(select.name)}" for select in rows.selects
        ]
        times_of = [f"({sql(_time(rows), columns, 'flink')}) AS `{TIME}`", *_image(rows, columns)]
        where = " AND ".join(conditions(rows, keys, columns, day_start(reader.since), "flink"))
        source = f"source_{times.index(_time(rows))}"
        queries.append(f"SELECT {', '.join([*selects, *times_of, f'`{ROWTIME}`'])} FROM {source} WHERE {where}")
    return f"CREATE TEMPORARY VIEW reader_{number} AS {' UNION ALL '.join(queries)}"


def _image(rows: Rows, columns: dict[str, DataType]) -> list[str]:
    """What an image of a change tells beside its row: the row's own time, and whether it comes or goes."""
    if rows.changed is None or rows.reversal is None:
        return []
    own = f"({sql((rows.time or rows.changed).expression, columns, 'flink')})"
    was_before = f"COALESCE({sql(rows.reversal.expression, columns, 'flink')}, FALSE)"
    weight = f"CASE WHEN {was_before} THEN CAST(-1 AS BIGINT) ELSE CAST(1 AS BIGINT) END"
    return [f"{own} AS `{OWN_TIME}`", f"{weight} AS `{WEIGHT}`"]


def _select(expression: str, kind: DataType, columns: dict[str, DataType]) -> str:
    value = sql(expression, columns, "flink")
    # 0.0 and -0.0 are one key.
    is_real = kind in {Scalar.FLOAT, Scalar.DOUBLE}
    return f"CASE WHEN {value} = 0 THEN CAST(0 AS {type_name(kind)}) ELSE {value} END" if is_real else value


def _sink(number: int, reader: Reader, sinks: Path) -> str:
    keys = [f"`k{at}` {type_name(written_type(key.type))}" for at, key in enumerate(reader.group_by.keys)]
    partials = [f"`p{at}` {type_name(found.kind)}" for at, found in enumerate(reader.aggregates)]
    columns = ", ".join([*keys, "`last_ts` BIGINT", "`events` BIGINT", *partials])
    path = _url(sinks / str(number))
    return (
        f"CREATE TEMPORARY TABLE sink_{number} ({columns}) "
        f"WITH ('connector' = 'filesystem', 'format' = 'json', 'path' = '{path}')"
    )


def _insert(number: int, reader: Reader) -> str:
    keys = [quoted(key.name) for key in reader.group_by.keys]
    written = [
        f"CAST({key} AS {type_name(written_type(of.type))})" for key, of in zip(keys, reader.group_by.keys, strict=True)
    ]
    columns = ", ".join([*written, f"MAX(`{TIME}`)", "COUNT(*)", *(found.sql for found in reader.aggregates)])
    seconds, millis = divmod(reader.group_by.tile, 1000)
    window = f"TUMBLE(TABLE reader_{number}, DESCRIPTOR(`{ROWTIME}`), INTERVAL '{seconds}.{millis:03}' SECOND(6, 3))"
    grouping = ", ".join(["window_start", "window_end", *keys])
    return f"INSERT INTO sink_{number} SELECT {columns} FROM TABLE({window}) GROUP BY {grouping}"


def written_type(kind: DataType) -> DataType:
    """The type in which a key is written: a float as the double that it is, since its shortest text is another double."""
    return Scalar.DOUBLE if kind is Scalar.FLOAT else kind


def _url(path: Path) -> str:
    return path.resolve().as_uri().replace("'", "''")
