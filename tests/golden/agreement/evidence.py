"""What lies behind a value in which the two sides differ: the events that were read, and what other events would give.

An explanation has to prove itself: it names other events (without those at the edge, with those of another key) and
Chronon's value must come out of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from agreement.answers import identity_text, plain
from agreement.cases import Case, Definition, Row
from agreement.comparison import FLOATS, Cell, equal
from agreement.naming import TEAM, Asked
from agreement.offline import plain_column
from agreement.tables import ODD, file_type, known_type, value
from agreement.translation import Documents, columns_of, write_join
from agreement.world import Place, end_of, opened_world
from chronon.aggregations import EventBatch, Program, QueryBatch, point_in_time, tail_of
from chronon.model.specs import Accuracy
from chronon.model.time import DAY, Millis
from chronon.model.types import DataType, Scalar

TIMED = {"FIRST", "LAST", "FIRST_K", "LAST_K"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One value that a feature may count. value, bucket: never None."""

    ts: int
    value: Any
    bucket: str = ""


@dataclass(slots=True)
class Evidence:
    """The rows of a case as its group_bys read them. root: a folder for worlds of parents."""

    case: Case
    root: Path
    read: dict[str, list[Row]] = field(default_factory=dict)
    by_entity: dict[str, Mapping[str, list[Row]]] = field(default_factory=dict)

    def rows(self, cell: Cell) -> list[Row]:
        """Every row that the cell's group_by reads, with its keys, inputs and `ts`; of all entities, timeless ones too.

        Nothing for group_bys that compute their columns or leave rows out: then no rule holds.
        """
        if cell.pair.events is not None:
            return list(cell.pair.events)
        group_by = cell.source.group_by
        if group_by is None:
            return []
        name = group_by["name"]
        if name not in self.read:
            self.read[name] = [row for source in group_by["sources"] for row in self._rows(source)]
        return self.read[name]

    def entity(self, cell: Cell) -> Row:
        """The keys of the group_by that the cell's row asks for."""
        return {key: cell.pair.row.get(column) for key, column in cell.source.keys.items()}

    def own(self, cell: Cell, *, timed: bool = True) -> list[Row]:
        """The rows of the cell's entity that have a time, or those that have none.

        Of an entity that changes: its snapshot of the day before, and the images of what is after every change until then.
        """
        if changes := self.changes(cell):
            return [row for row in changes if not row["is_before"] and (row["ts"] is not None) is timed]
        keys = list(cell.source.keys)
        wanted = identity_text(self.entity(cell), keys)
        known = self.rows(cell)
        if cell.pair.events is None:
            known = self._of_entity(cell, known, keys).get(wanted, [])
        return [row for row in known if (row["ts"] is not None) is timed and identity_text(row, keys) == wanted]

    def changes(self, cell: Cell) -> list[Row]:
        """Snapshot and images of an entity that changes during the day: rows with `ts`, `changed` and `is_before`."""
        source = ((cell.source.group_by or {}).get("sources") or [{}])[0]
        if not source.get("mutation_table") or cell.source.accuracy != "temporal" or cell.pair.at is None:
            return []
        wanted, keys = identity_text(self.entity(cell), list(cell.source.keys)), list(cell.source.keys)
        midnight = cell.pair.at - cell.pair.at % DAY
        found = []
        for table in (source["snapshot_table"], source["mutation_table"]):
            is_image = table == source["mutation_table"]
            for row in self.case.tables[table].rows():
                changed = row[source["mutation_time"]] if is_image else end_of(row["ds"])
                if not (midnight <= changed < cell.pair.at if is_image else changed == midnight):
                    continue
                taken = {name: row.get(plain_column(source, name)[1]) for name in source["select"]}
                before = bool(row[source["reversal"]]) if is_image else False
                if identity_text(taken, keys) == wanted:
                    found.append(taken | {"ts": row[source["time"]], "changed": changed, "is_before": before})
        return found

    def _of_entity(self, cell: Cell, rows: Sequence[Row], keys: Sequence[str]) -> Mapping[str, list[Row]]:
        """The rows by entity, sorted out once."""
        name = (cell.source.group_by or {}).get("name", "")
        if name not in self.by_entity:
            found: dict[str, list[Row]] = {}
            for row in rows:
                found.setdefault(identity_text(row, keys), []).append(row)
            self.by_entity[name] = found
        return self.by_entity[name]

    def kind(self, cell: Cell) -> str:
        """The type of the cell's input."""
        return str(self._kind(cell, cell.source.asked.input)) if cell.source.asked else ""

    def counted(self, cell: Cell, rows: Iterable[Row]) -> list[Event]:
        """The events of some rows that lie in the cell's window, oldest first."""
        asked, at = cell.source.asked, self.moment(cell)
        if asked is None:
            return []
        tail = tail_of(asked.window, Accuracy(cell.source.accuracy), Millis(at))
        found = [
            Event(ts=row["ts"], value=item, bucket=bucket)
            for row in rows
            if row["ts"] is not None
            and (tail is None or row["ts"] >= tail)
            and row["ts"] < at
            and (asked.bucket is None or row.get(asked.bucket) is not None)
            for bucket, item in _values(row.get(asked.input), row[asked.bucket] if asked.bucket else "", asked)
        ]
        return sorted(found, key=lambda event: event.ts)

    def moment(self, cell: Cell) -> int:
        """The moment up to which the cell counts: for a snapshot that is served, where its batch ends."""
        at = cell.pair.at or 0
        if cell.source.accuracy != "snapshot":
            return at
        return cell.answers.batch_end or at - at % DAY

    def gives(self, cell: Cell, rows: Sequence[Row]) -> bool:
        """Whether Chronon's value is what some rows give, whichever of those that share a time comes first."""
        if equal(self.folded(cell, rows), cell.theirs, FLOATS):
            return True
        return is_some_order(cell, self.counted(cell, rows))

    def folded(self, cell: Cell, rows: Sequence[Row]) -> Any:
        """What our core makes of some rows in place of the entity's own."""
        asked = cell.source.asked
        if asked is None:
            return None
        kind = self._kind(cell, asked.input)
        program = Program.compile((asked.feature(kind),), Accuracy(cell.source.accuracy))
        kinds = {asked.input: kind} | ({asked.bucket: Scalar.STRING} if asked.bucket else {})
        batch = EventBatch(
            entity=np.zeros(len(rows), dtype=np.int64),
            ts=np.array([row["ts"] for row in rows], dtype=np.int64),
            inputs={
                name: pa.array([value(row.get(name), of) for row in rows], file_type(of)) for name, of in kinds.items()
            },
        )
        query = QueryBatch(entity=np.zeros(1, np.int64), ts=np.array([self.moment(cell)], dtype=np.int64))
        (answer,) = point_in_time(program, batch, query)
        return plain(answer.to_pylist()[0])

    def _kind(self, cell: Cell, column: str) -> DataType:
        group_by = cell.source.group_by or {}
        for source in group_by.get("sources") or ():
            if source["kind"] != "join":
                table, name = plain_column(source, column)
                return known_type(columns_of(self.case.tables[table].schema)[name])
        known = [row[column] for row in self.rows(cell) if row.get(column) is not None]
        return {str: Scalar.STRING, int: Scalar.LONG, bytes: Scalar.BINARY}.get(type(known[0]), Scalar.DOUBLE)

    def _rows(self, source: Definition) -> list[Row]:
        if source["kind"] == "join":
            return self._parent(source)
        if source.get("where") or not all(sql.isidentifier() for sql in source["select"].values()):
            return []
        table = self.case.tables[source["table"] if source["kind"] == "events" else source["snapshot_table"]]
        selected = {name: plain_column(source, name)[1] for name in source["select"]}
        found = []
        for row in table.rows():
            ts = row[source["time"]] if source.get("time") else end_of(row[table.partition]) - 1
            taken = {name: row.get(column) for name, column in selected.items()}
            found.append(taken | {"ts": ts, "ds": row[table.partition]})
        return found

    def _parent(self, source: Definition) -> list[Row]:
        """The output of a parent join, computed by ourselves."""
        documents = Documents()
        name = write_join(documents, self.case, source["join"])
        last = max(step["end_ds"] for step in self.case.steps if "end_ds" in step)
        with opened_world(self.case, documents, Place(root=self.root), last=last) as world:
            world.apply(last)
            rows = world.training(f"{TEAM}.{name}").to_pylist()
        selected = {name: documents.columns.get(sql, sql) for name, sql in source["select"].items()}
        return [
            {name: plain(row[column]) for name, column in selected.items()} | {"ts": row["ts"], "ds": str(row["ds"])}
            for row in rows
        ]


def _values(cell: Any, bucket: str, asked: Asked) -> Iterator[tuple[str, Any]]:
    """(bucket, value) of a cell: of a list its elements, of a map its values by key, unless it counts as one value."""
    if isinstance(cell, list) and asked.operation not in TIMED:
        yield from ((bucket, item) for item in cell if item is not None)
    elif isinstance(cell, dict) and asked.operation not in TIMED:
        yield from ((key, item) for key, item in cell.items() if item is not None)
    elif cell is not None:
        yield bucket, cell


def is_some_order(cell: Cell, events: Sequence[Event]) -> bool:
    """Whether Chronon's value is right for some order of the events that share a time."""
    asked = cell.source.asked
    if asked is None or asked.operation not in TIMED:
        return False
    return by_bucket(cell, events, lambda theirs, some: _is_some_order(asked.operation, asked.k, theirs, some))


def by_bucket(cell: Cell, events: Sequence[Event], holds: Callable[[Any, Sequence[Event]], bool]) -> bool:
    """Whether something holds of Chronon's value and its events, in every bucket where there are some."""
    asked = cell.source.asked
    if asked is None or not any(event.bucket for event in events):
        return bool(events) and cell.theirs is not None and holds(cell.theirs, events)
    grouped: dict[str, list[Event]] = {}
    for event in events:
        grouped.setdefault(event.bucket, []).append(event)
    theirs = cell.theirs or {}
    return theirs.keys() == grouped.keys() and all(holds(theirs[name], some) for name, some in grouped.items())


def number(written: Any) -> float:
    """A number of JSON, odd ones too."""
    return ODD[written] if isinstance(written, str) else float(written)


def is_odd(written: Any) -> bool:
    """Whether a value is NaN or infinite."""
    return written in ODD or (isinstance(written, float) and not math.isfinite(written))


def _is_some_order(operation: str, k: int | None, theirs: Any, events: Sequence[Event]) -> bool:
    ordered = sorted(events, key=lambda event: event.ts, reverse=operation.startswith("LAST"))
    values = theirs if operation.endswith("_K") else [theirs]
    taken = ordered[: k or 1] if operation.endswith("_K") else ordered[:1]
    if len(values) != len(taken):
        return False
    at: dict[int, list[str]] = {}
    for event in ordered:
        at.setdefault(event.ts, []).append(identity_text({"": event.value}, [""]))
    for written, event in zip(values, taken, strict=True):
        text = identity_text({"": written}, [""])
        if text not in at[event.ts]:
            return False
        at[event.ts].remove(text)
    return True
