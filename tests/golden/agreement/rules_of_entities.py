"""The rules of entities that change during a day: what a change takes back, and which window it is held against."""

from __future__ import annotations

from collections import Counter

from agreement.answers import identity_text
from agreement.comparison import Cell
from agreement.evidence import TIMED, Event, Evidence, is_some_order
from chronon.aggregations import tail_of
from chronon.model.specs import Accuracy
from chronon.model.time import DAY, Millis

TAKES_BACK_HERE = {"VARIANCE", "SKEW", "KURTOSIS", "APPROX_HISTOGRAM_K"}
"""Operations that forget a row that is taken away here, and do not in Chronon."""

LEFT_OVER = {"SUM": 0, "COUNT": 0}
"""What Chronon still shows of a bucket whose rows all went."""


def is_not_taken_back(cell: Cell, evidence: Evidence) -> bool:
    """Chronon keeps the images of what was before in operations that it cannot undo; ours are exact and can."""
    asked = cell.source.asked
    if asked is None or asked.operation not in TAKES_BACK_HERE:
        return False
    changes = evidence.changes(cell)
    return any(row["is_before"] for row in changes) and evidence.gives(cell, evidence.own(cell))


def is_emptied_bucket(cell: Cell, evidence: Evidence) -> bool:
    """A bucket whose rows all went: Chronon keeps it with nothing in it, ours is not there."""
    asked = cell.source.asked
    if asked is None or asked.bucket is None or asked.operation not in LEFT_OVER or not isinstance(cell.theirs, dict):
        return False
    held: Counter[str] = Counter()
    for row in evidence.changes(cell):
        if row.get(asked.input) is not None:
            held[str(row.get(asked.bucket))] += -1 if row["is_before"] else 1
    ours = cell.ours or {}
    gone = {name: value for name, value in cell.theirs.items() if name not in ours}
    shown = {name: value for name, value in cell.theirs.items() if name in ours}
    empty = LEFT_OVER[asked.operation]
    return bool(gone) and shown == ours and all(value == empty and not held[name] for name, value in gone.items())


def is_window_of_first_query(cell: Cell, evidence: Evidence) -> bool:
    """Chronon holds a change against the window of the first query after it, and later ones of the day inherit that."""
    asked, at = cell.source.asked, cell.pair.at
    if asked is None or asked.window is None or asked.bucket is not None or at is None:
        return False
    counted, changes = [], evidence.changes(cell)
    if not changes:
        return False
    for row in changes:
        is_image = row["changed"] > at - at % DAY
        asks = _first_query(cell, row["changed"]) if is_image else at
        tail = tail_of(asked.window, Accuracy.TEMPORAL, Millis(asks))
        if not row["is_before"] and tail is not None and tail <= row["ts"] < asks:
            counted.append(row)
    if asked.operation in TIMED:
        values = [Event(ts=row["ts"], value=row[asked.input]) for row in counted if row[asked.input] is not None]
        return is_some_order(cell, values)
    # No time decides the value, so a row that counts may as well lie at the end of the window.
    return evidence.gives(cell, [row | {"ts": at - 1} for row in counted])


def _first_query(cell: Cell, changed: int) -> int:
    """The first moment after a change at which the cell's entity is asked for."""
    columns = list(cell.source.keys.values())
    wanted = identity_text(cell.pair.row, columns)
    asked = (p.at for p in cell.answers.pairs if p.at is not None and identity_text(p.row, columns) == wanted)
    return min(at for at in asked if at > changed)
