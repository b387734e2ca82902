"""The rules of computing: predicates on one differing value, each of which proves what it says from the events."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agreement.cases import Row
from agreement.chronon_ir import SIZES, tail_hop
from agreement.comparison import ABSENT, Cell, equal
from agreement.evidence import TIMED, Event, Evidence, by_bucket, is_odd, is_some_order, number

ROUNDING = 2.0**-52
"""Relative error of one addition of doubles, with room for the two operands."""

DISTINCT_ERROR = 0.12
"""What the estimates of two sketches of 256 rows may lie apart."""

PERCENTILE_ERROR = 1 / 128
"""Our promise: a percentile lies this close to the true one, relatively."""

RANK_ERROR = 0.03
"""How far Chronon's sketch may miss a rank, beyond its exact region."""

DEFAULT_K = {"APPROX_PERCENTILE": 128, "APPROX_HISTOGRAM_K": 8}

SMALL_MODE = 5000
"""Left rows up to which Chronon keeps only events whose key columns occur on the left."""


def is_tie_of_time(cell: Cell, evidence: Evidence) -> bool:
    """Events share a time; Chronon took one in the order of processing, we take the one of the greater bytes."""
    asked = cell.source.asked
    if asked is None or asked.operation not in TIMED or cell.column == "*":
        return False
    events = evidence.counted(cell, evidence.own(cell))
    return is_some_order(cell, events) and len({event.ts for event in events}) < len(events)


def is_tail_at_batch_end(cell: Cell, evidence: Evidence) -> bool:
    """Online, Chronon loses an event at exactly batch end - W as long as the window begins there."""
    asked, end = cell.source.asked, cell.answers.batch_end
    if asked is None or asked.window is None or end is None or cell.source.accuracy != "temporal":
        return False
    edge = end - asked.window
    begin = evidence.moment(cell) - asked.window
    own = evidence.own(cell)
    if begin - begin % SIZES[tail_hop(asked.window)] != edge or all(row["ts"] != edge for row in own):
        return False
    return evidence.gives(cell, [row for row in own if row["ts"] != edge])


def is_rounded_sum(cell: Cell, evidence: Evidence) -> bool:
    """Chronon rounds at every addition; ours is the exact result, rounded once."""
    asked = cell.source.asked
    bound = _BOUNDS.get(asked.operation) if asked else None
    if asked is None or bound is None or cell.theirs is None or cell.ours is None:
        return False
    events = evidence.counted(cell, evidence.own(cell))
    ours: Mapping[str, float] = cell.ours if asked.bucket else {"": cell.ours}

    def is_near(theirs: Any, some: Sequence[Event]) -> bool:
        values = [number(event.value) for event in some]
        exact, allowed = bound(values)
        mine = ours.get(some[0].bucket)
        if mine is None:
            return False
        return math.isclose(mine, exact, rel_tol=1e-12, abs_tol=5e-324) and abs(number(theirs) - mine) <= allowed

    return by_bucket(cell, events, is_near)


def is_estimate_of_distinct(cell: Cell, _evidence: Evidence) -> bool:
    """Two estimators of one sketch: Chronon's depends on the path, ours is always that after a union."""
    asked = cell.source.asked
    if asked is None or asked.operation != "APPROX_UNIQUE_COUNT" or asked.bucket or None in (cell.ours, cell.theirs):
        return False
    return bool(abs(cell.ours - cell.theirs) <= max(1, DISTINCT_ERROR * cell.theirs))


def is_estimate_of_percentiles(cell: Cell, evidence: Evidence) -> bool:
    """Ours lies within its promise of the true percentile; Chronon's is a float, exact up to k values, then a guess."""
    asked = cell.source.asked
    if asked is None or asked.operation != "APPROX_PERCENTILE" or cell.ours is None:
        return False
    fractions = [float(one) for one in asked.call.arguments] or [0.5]
    k = asked.k or DEFAULT_K["APPROX_PERCENTILE"]
    ours: Mapping[str, Any] = cell.ours if asked.bucket else {"": cell.ours}

    def is_near(theirs: Any, some: Sequence[Event]) -> bool:
        values = sorted(number(event.value) for event in some)
        mine = ours.get(some[0].bucket) or []
        return len(mine) == len(fractions) and all(
            _is_close(one, values, fraction) and _is_ranked(number(other), values, fraction, k)
            for one, other, fraction in zip(mine, theirs, fractions, strict=True)
        )

    return by_bucket(cell, evidence.counted(cell, evidence.own(cell)), is_near)


def is_sketch_of_frequent(cell: Cell, evidence: Evidence) -> bool:
    """Beyond k different values Chronon's sketch drops frequent ones; ours counts every value exactly."""
    asked = cell.source.asked
    if asked is None or asked.operation not in {"APPROX_HISTOGRAM_K", "HISTOGRAM"} or cell.ours is None:
        return False
    k = asked.k if asked.k is not None else DEFAULT_K.get(asked.operation, 0)
    ours = cell.ours if asked.bucket else {"": cell.ours}
    grouped: dict[str, dict[str, int]] = {}
    for event in evidence.counted(cell, evidence.own(cell)):
        counts = grouped.setdefault(event.bucket, {})
        text = str(event.value)
        counts[text] = counts.get(text, 0) + 1
    if not 0 < k < max(map(len, grouped.values()), default=0):
        return False
    kept = {
        bucket: dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:k])
        for bucket, counts in grouped.items()
    }
    return equal(ours, kept)


def is_nan_among_least(cell: Cell, evidence: Evidence) -> bool:
    """Chronon's heap never lets go of a NaN; for us NaN is greater than every number."""
    asked = cell.source.asked
    if asked is None or asked.operation not in {"TOP_K", "BOTTOM_K"} or asked.bucket:
        return False
    values = [number(event.value) for event in evidence.counted(cell, evidence.own(cell))]
    if not any(math.isnan(one) for one in values) or not any(is_odd(one) for one in cell.theirs):
        return False
    ordered = sorted(values, key=lambda one: (math.isnan(one), one), reverse=asked.operation == "TOP_K")
    kept = ordered[: asked.k]
    return len(kept) == len(cell.ours) and all(map(_is_same, kept, cell.ours))


def is_null_key_of_map(cell: Cell, _evidence: Evidence) -> bool:
    """Chronon keeps the entries of maps whose key is null, under the text `null`; our maps have none."""
    if not isinstance(cell.theirs, dict) or "null" not in cell.theirs:
        return False
    named = {key: item for key, item in cell.theirs.items() if key != "null"}
    return equal(cell.ours or {}, named)


def is_empty_map(cell: Cell, evidence: Evidence) -> bool:
    """A window that holds only empty maps: an empty map there, null here."""
    asked = cell.source.asked
    if asked is None or cell.theirs != {} or cell.ours is not None:
        return False
    own = evidence.own(cell)
    return any(row.get(asked.input) is not None for row in own) and not evidence.counted(cell, own)


def is_key_run_together(cell: Cell, evidence: Evidence) -> bool:
    """Chronon hashes key columns without separators: keys whose bytes run together share rows, and one row of output."""
    entity = evidence.entity(cell) if cell.column != "*" else _row_entity(cell)
    text = _run_together(entity)
    if len(entity) < 2 or text is None:
        return False
    rows = [row for row in _rows_of_any_key(cell, evidence) if row["ts"] is not None]
    kin = [row for row in rows if _run_together({key: row.get(key) for key in entity}) == text]
    if all(row.get(key) == item for row in kin for key, item in entity.items()):
        return False
    if cell.column == "*":
        return ABSENT in (cell.ours, cell.theirs)
    if cell.theirs is None:
        return True
    return evidence.gives(cell, kin) or evidence.gives(cell, _as_on_the_left(cell, kin))


def is_null_in_key(cell: Cell, evidence: Evidence) -> bool:
    """A key with a null in any part is no entity for us; Chronon keeps rows of which any part is there."""
    entity = evidence.entity(cell) if cell.column != "*" else _row_entity(cell)
    ours = cell.ours in (None, ABSENT)
    return ours and bool(entity) and any(item is None for item in entity.values())


def is_moment_on_two_days(cell: Cell, _evidence: Evidence) -> bool:
    """One key and time under two days of the left table: Chronon answers only one of the rows."""
    if cell.theirs is not None or cell.source.accuracy != "temporal" or cell.answers.step["kind"] != "join_backfill":
        return False
    twins = [
        pair
        for pair in cell.answers.pairs
        if pair.at == cell.pair.at
        and pair.row["ds"] != cell.pair.row["ds"]
        and all(pair.row.get(column) == cell.pair.row.get(column) for column in cell.source.keys.values())
    ]
    return any(pair.theirs is not None and equal(cell.ours, pair.theirs[cell.column]) for pair in twins)


def is_skewed_key(cell: Cell, _evidence: Evidence) -> bool:
    """Chronon drops or empties left rows whose key is listed as skewed; ours answers them like all others."""
    join = cell.answers.case.neutral.get(cell.answers.step.get("conf", ""), {})
    skewed = join.get("skewKeys") or {}
    is_listed = any(f"'{cell.pair.row.get(column)}'" in values for column, values in skewed.items())
    return is_listed and cell.theirs in (None, ABSENT)


def is_last_day_of_parent(cell: Cell, evidence: Evidence) -> bool:
    """Chronon materialises the parent of a chain only up to the day before the last one."""
    group_by = cell.source.group_by or {}
    last = cell.answers.step.get("end_ds")
    if cell.pair.row.get("ds") != last or not any(one["kind"] == "join" for one in group_by.get("sources") or ()):
        return False
    return evidence.gives(cell, [row for row in evidence.own(cell) if row["ds"] != last])


def is_left_without_time(cell: Cell, _evidence: Evidence) -> bool:
    """A left row without a time asks for no moment: we leave it out, Chronon keeps it with nulls."""
    return cell.ours == ABSENT and "ts" in cell.pair.row and cell.pair.row["ts"] is None


def _sum_bound(values: Sequence[float]) -> tuple[float, float]:
    return math.fsum(values), len(values) * ROUNDING * math.fsum(map(abs, values))


def _mean_bound(values: Sequence[float]) -> tuple[float, float]:
    exact, allowed = _sum_bound(values)
    return exact / len(values), allowed / len(values)


def _variance_bound(values: Sequence[float]) -> tuple[float, float]:
    """The two-pass variance around the nearest mean, and how far one pass over such values may drift."""
    n = len(values)
    mean = math.fsum(values) / n
    return (
        math.fsum((one - mean) ** 2 for one in values) / n,
        4 * n * ROUNDING * math.fsum(one * one for one in values) / n,
    )


_BOUNDS: Mapping[str, Callable[[Sequence[float]], tuple[float, float]]] = {
    "SUM": _sum_bound,
    "AVERAGE": _mean_bound,
    "VARIANCE": _variance_bound,
}


def _ranked(values: Sequence[float], fraction: float) -> float:
    if fraction >= 1:
        return values[-1]
    return values[min(math.floor(fraction * len(values)), len(values) - 1)]


def _is_close(ours: float, values: Sequence[float], fraction: float) -> bool:
    exact = _ranked(values, fraction)
    return abs(ours - exact) <= PERCENTILE_ERROR * abs(exact)


def _is_ranked(theirs: float, values: Sequence[float], fraction: float, k: int) -> bool:
    """Whether a float of Chronon's is the value of that rank, or beyond k values of one nearby."""
    slack = 0.0 if len(values) <= k else RANK_ERROR
    low, high = _ranked(values, max(0.0, fraction - slack)), _ranked(values, min(1.0, fraction + slack))
    return low - 1e-6 * abs(low) <= theirs <= high + 1e-6 * abs(high)


def _is_same(one: float, other: float) -> bool:
    return one == other or (math.isnan(one) and math.isnan(other))


def _run_together(entity: Mapping[str, Any]) -> bytes | None:
    """The bytes that Chronon hashes; None for a key whose parts are all null."""
    parts = [item for item in entity.values() if item is not None]
    as_bytes = [item.encode() if isinstance(item, str) else int(item).to_bytes(4, "big", signed=True) for item in parts]
    return b"".join(as_bytes) if parts else None


def _row_entity(cell: Cell) -> Row:
    """The keys of a row that one side lacks."""
    keys = next((column.keys for column in cell.answers.columns.values()), {})
    return {key: cell.pair.row.get(column) for key, column in keys.items()}


def _rows_of_any_key(cell: Cell, evidence: Evidence) -> list[Row]:
    if cell.column != "*":
        return evidence.rows(cell)
    source = next(iter(cell.answers.columns.values()), cell.source)
    return evidence.rows(
        Cell(answers=cell.answers, pair=cell.pair, column="", source=source, ours=cell.ours, theirs=cell.theirs)
    )


def _as_on_the_left(cell: Cell, rows: Sequence[Row]) -> list[Row]:
    """The rows that are left when every key column has to occur on a small left side."""
    left = cell.answers.pairs
    if len(left) > SMALL_MODE:
        return list(rows)
    known = {key: {pair.row.get(column) for pair in left} - {None} for key, column in cell.source.keys.items()}
    return [row for row in rows if all(row.get(key) in values for key, values in known.items())]
