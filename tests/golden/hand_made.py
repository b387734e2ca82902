"""Evidence made by hand for rules that the cases in the repository do not need: other folders of cases do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from agreement.answers import Answers, FeatureColumn, Pair
from agreement.cases import Case, Row
from agreement.comparison import Cell
from agreement.evidence import Evidence
from agreement.naming import Asked

from chronon.model.time import DAY, Millis

AT = Millis(20_000 * DAY)
NOWHERE = Path("nowhere")
CASE = Case(name="made by hand", folder=NOWHERE, tables={}, neutral={}, steps=())


def a_cell(operation: str, ours: Any, theirs: Any, *, entity: Row | None = None, unbounded: bool = False) -> Cell:
    """A value of a week's feature that differs. entity: the keys that the row asks for; an event of it has the value {}."""
    asked = Asked(
        input="v",
        operation=operation,
        arguments={},
        window=None if unbounded else Millis(7 * DAY),
        bucket=None,
        their_name="f",
    )
    row = entity or {}
    keys = {name: name for name in row}
    source = FeatureColumn(asked=asked, group_by={"keys": [*row], "sources": []}, keys=keys, accuracy="temporal")
    pair = Pair(row=row, at=AT, theirs={"f": theirs}, ours={"f": ours}, events=[row | {"ts": AT - 1, "v": {}}])
    answers = Answers(case=CASE, step={"kind": "join_backfill", "name": "s"}, pairs=[pair], columns={"f": source})
    return Cell(answers=answers, pair=pair, column="f", source=source, ours=ours, theirs=theirs)


def an_event(value: Any, *, ts: int | None = AT - 1, ds: str = "2024-10-03") -> Row:
    """A row that the group_by of a cell reads."""
    return {"ts": ts, "ds": ds, "v": value}


def over(cell: Cell, *events: Row) -> Cell:
    """The same difference over other events."""
    return replace(cell, pair=replace(cell.pair, events=events))


def told(cell: Cell, **statuses: str) -> Cell:
    """The same difference with what its step found out. group: of the whole row."""
    found = {"" if name == "group" else name: word for name, word in statuses.items()}
    return replace(cell, pair=replace(cell.pair, statuses=found))


def evidence() -> Evidence:
    """Evidence of a case without tables: a pair brings its events along."""
    return Evidence(case=CASE, root=NOWHERE)


HOLD: dict[str, Cell] = {
    "distinct counts": a_cell("APPROX_UNIQUE_COUNT", 102, 100),
    "null in a key": a_cell("COUNT", None, 2, entity={"a": "x", "b": None}),
    "empty maps": a_cell("SUM", None, {}),
    "event of 1970": over(a_cell("COUNT", 1, 2, unbounded=True), an_event(5), an_event(6, ts=None)),
    "row off its day": over(a_cell("COUNT", 1, 2), an_event(5), an_event(6, ds="2024-10-01")),
    "bytes by identity": over(a_cell("UNIQUE_COUNT", 1, 2), an_event(b"x"), an_event(b"x")),
    "row taken back": told(a_cell("VARIANCE", 1.0, 2.0), f="delete"),
    "emptied group": told(a_cell("AVERAGE", None, "NaN"), group="emptied"),
    "row of the future": told(a_cell("SUM", 2, 1, unbounded=True), f="future"),
}
"""Rule → a difference that it accounts for."""

DO_NOT_HOLD: dict[str, Cell] = {
    "distinct counts": a_cell("APPROX_UNIQUE_COUNT", 150, 100),
    "null in a key": a_cell("COUNT", None, 2, entity={"a": "x", "b": "y"}),
    "empty maps": a_cell("SUM", {"a": 1}, {}),
    "event of 1970": over(a_cell("COUNT", 1, 3, unbounded=True), an_event(5), an_event(6, ts=None)),
    "row off its day": over(a_cell("COUNT", 1, 2), an_event(5), an_event(6)),
    "bytes by identity": over(a_cell("UNIQUE_COUNT", 1, 3), an_event(b"x"), an_event(b"x")),
    "null key of a map": a_cell("SUM", {"a": 1}, {"a": 2, "null": 1}),
    "rounded sums": a_cell("SUM", 1.0, 1.1),
    "percentiles": a_cell("APPROX_PERCENTILE", [1.0], [2.0]),
    "ties of time": a_cell("LAST", 1, 2),
    "frequent values": a_cell("APPROX_HISTOGRAM_K", {"a": 1}, {"a": 2}),
    "row taken back": told(a_cell("SUM", 1, 2), f="delete"),
    "emptied group": told(a_cell("SUM", None, 1), group="emptied"),
    "row of the future": told(a_cell("SUM", 1, 2), f="future"),
}
"""Rule → a difference of its operation that it must not account for."""
