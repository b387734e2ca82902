"""What features mean, told without any speed: plain Python over lists. Shares no code with the core."""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction
from typing import Any

from datasketches import cpc_sketch, cpc_union

DAY = 86_400_000
HOUR = 3_600_000


def hop(window: int | None, snapshot: bool) -> int:
    if snapshot or window is None or window >= 12 * DAY:
        return DAY
    return HOUR if window >= 12 * HOUR else 300_000


def feature(call: tuple, kind: str, rows: list, at: int, frame: tuple) -> Any:
    """call: (name, arguments).  rows: (ts, value, bucket) of one entity.  frame: (window, is snapshot, is bucketed)."""
    (op, args), (window, snapshot, bucket) = call, frame
    at -= at % DAY if snapshot else 0
    tail = -math.inf if window is None else (at - window) - (at - window) % hop(window, snapshot)
    inside = [row for row in rows if tail <= row[0] < at and row[1] is not None]
    if not bucket:
        found = aggregate(op, args, kind, inside)
        return None if isinstance(found, float) and not math.isfinite(found) else found
    names = sorted({row[2] for row in inside if row[2] is not None}, key=str.encode)
    split = {name: aggregate(op, args, kind, [row for row in inside if row[2] == name]) for name in names}
    return {name: value for name, value in split.items() if value is not None} or None


def aggregate(op: str, args: tuple, kind: str, rows: list) -> Any:
    if not rows:
        return None
    real = kind in ("float", "double")
    values = [row[1] + 0.0 if real else row[1] for row in rows]
    if op == "count":
        return len(values)
    if op in ("sum", "average"):
        return total(values, real, len(values) if op == "average" else 1, op)
    if op in ("variance", "skew", "kurtosis"):
        return moment(op, values) if all(map(math.isfinite, values)) else math.nan
    if op in ("min", "max"):
        odd = [value for value in values if is_nan(value)]
        return odd[0] if odd else (min if op == "min" else max)(values, key=order)
    if op in ("first", "last", "first_k", "last_k"):
        newest = op.startswith("last")
        ranked = sorted(
            zip([row[0] for row in rows], values, strict=True), key=lambda r: (r[0], order(r[1])), reverse=newest
        )
        return ranked[0][1] if op in ("first", "last") else [value for _, value in ranked[: args[0]]]
    if op in ("top_k", "bottom_k"):
        return sorted(values, key=order, reverse=op == "top_k")[: args[0]]
    if op in ("unique_count", "bounded_unique_count", "unique_top_k"):
        unique = {"nan" if is_nan(value) else value: value for value in values}.values()
        if op == "unique_top_k":
            return sorted(unique, key=order, reverse=True)[: args[0]]
        return len(unique) if op == "unique_count" else min(len(unique), args[0] if args else 8)
    if op == "approx_unique_count":
        return cpc(values, args[0] if args else 8)
    if op == "approx_percentile":
        return percentiles([float(v) for v in values if not is_nan(v)], args or (0.5,))
    assert op in ("histogram", "approx_histogram_k")
    counts = Counter(str(v).lower() if isinstance(v, bool) else str(v) for v in values)
    ranked = sorted(counts.items(), key=lambda e: (-e[1], e[0].encode()))
    keep = (args[0] if args else 0) or (8 if op == "approx_histogram_k" else len(ranked))
    return dict(ranked[:keep])


def is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def order(value: Any) -> Any:
    """A key that sorts as values do: NaN last, strings by bytes."""
    return value.encode() if isinstance(value, str) else (is_nan(value), value)


def total(values: list, real: bool, count: int, op: str) -> Any:
    odd = {repr(v) for v in values if real and not math.isfinite(v)}
    if odd:
        return float(odd.pop()) if len(odd) == 1 else math.nan
    exact = sum(map(Fraction, values))
    if op == "sum" and not real:
        return int(exact) if -(2**63) <= exact < 2**63 else None
    return nearest(exact / count)


def moment(op: str, values: list) -> float:
    """Of the population, from exact deviations; nothing is rounded but the result."""
    n, mean = len(values), sum(map(Fraction, values)) / len(values)
    m2, m3, m4 = (sum((Fraction(value) - mean) ** power for value in values) for power in (2, 3, 4))
    if op == "variance":
        return nearest(m2 / n)
    if n < (3 if op == "skew" else 4) or m2 == 0:
        return math.nan
    if op == "kurtosis":
        return nearest(n * m4 / m2**2 - 3)
    return nearest_root(n * m3**2 / m2**3) * (1 if m3 > 0 else -1) + 0.0


def nearest(exact: Fraction) -> float:
    try:
        return float(exact) + 0.0
    except OverflowError:
        return math.inf if exact > 0 else -math.inf


def nearest_root(square: Fraction) -> float:
    """Walks to the double whose neighbours' midpoints enclose the root; scaled, so that the first guess is near."""
    if square == 0:
        return 0.0
    place = (square.numerator.bit_length() - square.denominator.bit_length()) // 2
    square /= Fraction(4) ** place
    found = math.sqrt(square)
    while midpoint(found, math.inf) ** 2 < square:
        found = math.nextafter(found, math.inf)
    while midpoint(found, 0.0) ** 2 > square:
        found = math.nextafter(found, 0.0)
    return math.ldexp(found, place)


def midpoint(number: float, towards: float) -> Fraction:
    return (Fraction(number) + Fraction(math.nextafter(number, towards))) / 2


def cpc(values: list, lg_k: int) -> int:
    sketch, union = cpc_sketch(lg_k), cpc_union(lg_k)
    for value in values:
        # The binding hashes negative whole numbers as doubles; their two's complement gives the bytes of the long.
        sketch.update(value % 2**64 if isinstance(value, int) else value)
    union.update(sketch)
    return int(union.get_result().get_estimate())


def percentiles(values: list[float], wanted: tuple) -> list[float] | None:
    if not values:
        return None
    ranked = sorted(values)
    n = len(ranked)
    return [
        ranked[0] if p == 0 else ranked[-1] if p == 1 else cut(ranked[min(int(p * n), n - 1)], ranked) for p in wanted
    ]


def cut(value: float, ranked: list[float]) -> float:
    """Eight leading bits of the magnitude (subnormals: the same place as the least normal number), then clamped."""
    if not math.isfinite(value) or value == 0:
        return value
    place = max(math.frexp(value)[1], -1021) - 8
    steps = Fraction(abs(value)) / Fraction(2) ** place
    kept = float(math.floor(steps) * Fraction(2) ** place) * (1 if value > 0 else -1)
    return min(max(kept + 0.0, ranked[0]), ranked[-1])
