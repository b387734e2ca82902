"""What features mean, told without any speed: plain Python over lists. Shares no code with the core."""

from __future__ import annotations

import math
import struct
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal as Amount
from fractions import Fraction
from typing import Any

from datasketches import cpc_sketch, cpc_union

from chronon.model.types import Decimal, ListOf, MapOf, Scalar, StructOf

DAY = 86_400_000
HOUR = 3_600_000
IN_TIME = ("first", "last", "first_k", "last_k")


def hop(window: int | None, snapshot: bool) -> int:
    if snapshot or window is None or window >= 12 * DAY:
        return DAY
    return HOUR if window >= 12 * HOUR else 300_000


def feature(call: tuple, kind: Any, rows: list, at: int, frame: tuple) -> Any:
    """call: (name, arguments).  rows: (ts, cell, bucket or buckets) of one entity.

    frame: (window, is snapshot, by how many buckets, at most as many as a row has[, element-wise]).
    """
    (op, args), (window, snapshot, depth, *rest) = call, frame
    elementwise = bool(rest and rest[0])
    at -= at % DAY if snapshot else 0
    tail = -math.inf if window is None else (at - window) - (at - window) % hop(window, snapshot)
    split: dict[tuple, list] = {}
    for ts, cell, bucket in rows:
        names = (bucket if isinstance(bucket, tuple) else (bucket,))[: int(depth)]
        if tail <= ts < at and cell is not None and None not in names:
            for inner, value in unfolded(op, kind, cell, elementwise):
                if value is not None:
                    split.setdefault(names + inner, []).append((ts, value))
    plain = value_type(op, kind)
    found = {path: aggregate(op, args, plain, split[path]) for path in sorted(split, key=path_order)}
    if depth or any(found):
        return nested({path: value for path, value in found.items() if value is not None}, elementwise)
    value = found.get(())
    return None if isinstance(value, float) and not math.isfinite(value) else value


def unfolded(op: str, kind: Any, cell: Any, elementwise: bool) -> list:
    if op in IN_TIME or value_type(op, kind) is kind:
        return [((), cell)]
    if isinstance(kind, MapOf):
        return [((name,), value) for name, value in cell.items()]
    return [((place,) if elementwise else (), value) for place, value in enumerate(cell)]


def value_type(op: str, kind: Any) -> Any:
    if op in IN_TIME:
        return kind
    if isinstance(kind, MapOf):
        return kind.value
    return kind.element if isinstance(kind, ListOf) and isinstance(kind.element, Scalar | Decimal) else kind


def path_order(path: tuple) -> list:
    return [name.encode() if isinstance(name, str) else name for name in path]


def nested(found: dict, elementwise: bool) -> Any:
    if not found:
        return None
    if () in found:
        return found[()]
    firsts = dict.fromkeys(path[0] for path in found)
    inner = {first: nested({p[1:]: v for p, v in found.items() if p[0] == first}, elementwise) for first in firsts}
    if elementwise and isinstance(next(iter(inner)), int):
        return [inner.get(place) for place in range(max(inner) + 1)]
    return inner


def aggregate(op: str, args: tuple, kind: Any, rows: list) -> Any:
    real = kind in ("float", "double")
    values = [row[1] + 0.0 if real else row[1] for row in rows]
    if op == "count":
        return len(values)
    if op in ("sum", "average"):
        return total(values, kind, len(values) if op == "average" else 1, op)
    if op in ("variance", "skew", "kurtosis"):
        return moment(op, values) if all(map(math.isfinite, values)) else math.nan
    if op in ("min", "max"):
        odd = [value for value in values if is_nan(value)]
        return odd[0] if odd else (min if op == "min" else max)(values, key=order)
    if op in IN_TIME:
        newest = op.startswith("last")
        tie = (lambda value: packed(value, kind)) if isinstance(kind, ListOf | MapOf | StructOf) else order
        ranked = sorted(zip([row[0] for row in rows], values, strict=True), key=lambda r: (r[0], tie(r[1])))
        ranked = ranked[::-1] if newest else ranked
        shown = [unsigned(value, kind) for _, value in ranked[: args[0] if args else 1]]
        return shown if args else shown[0]
    if op in ("top_k", "bottom_k"):
        return sorted(values, key=order, reverse=op == "top_k")[: args[0]]
    if op in ("unique_count", "bounded_unique_count", "unique_top_k"):
        unique = {"nan" if is_nan(value) else value: value for value in values}.values()
        if op == "unique_top_k":
            return sorted(unique, key=order, reverse=True)[: args[0]]
        return len(unique) if op == "unique_count" else min(len(unique), args[0] if args else 8)
    if op == "approx_unique_count":
        return cpc([whole(value, kind) for value in values], args[0] if args else 8)
    if op == "approx_percentile":
        return percentiles([float(v) for v in values if not is_nan(v)], args or (0.5,))
    assert op in ("histogram", "approx_histogram_k")
    counts = Counter(map(text, values))
    ranked = sorted(counts.items(), key=lambda e: (-e[1], e[0].encode()))
    keep = (args[0] if args else 0) or (8 if op == "approx_histogram_k" else len(ranked))
    return dict(ranked[:keep])


def is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def order(value: Any) -> Any:
    """A key that sorts as values do: NaN last, strings by bytes."""
    return value.encode() if isinstance(value, str) else (is_nan(value), value)


def text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return str(value).lower() if isinstance(value, bool) else str(value)


def whole(value: Any, kind: Any) -> Any:
    """What is hashed of a value, and what stands for it in a cell: units of a decimal, days, microseconds."""
    if isinstance(value, datetime):
        since = value - datetime(1970, 1, 1, tzinfo=UTC)
        return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    if isinstance(value, date):
        return (value - date(1970, 1, 1)).days
    return int(value.scaleb(kind.scale)) if isinstance(value, Amount) else value


def packed(cell: Any, kind: Any) -> bytes:
    """MessagePack with numbers of one width and sorted maps."""
    if cell is None:
        return b"\xc0"
    if isinstance(kind, ListOf):
        return b"\xdd" + struct.pack(">I", len(cell)) + b"".join(packed(one, kind.element) for one in cell)
    if isinstance(kind, MapOf):
        pairs = sorted(cell.items(), key=lambda pair: pair[0].encode())
        inner = b"".join(packed(name, Scalar.STRING) + packed(one, kind.value) for name, one in pairs)
        return b"\xdf" + struct.pack(">I", len(cell)) + inner
    if isinstance(kind, StructOf):
        inner = b"".join(packed(cell[name], field) for name, field in kind.fields)
        return b"\xdd" + struct.pack(">I", len(kind.fields)) + inner
    if isinstance(cell, bool):
        return b"\xc3" if cell else b"\xc2"
    if isinstance(cell, float):
        return b"\xcb" + struct.pack(">d", math.nan if math.isnan(cell) else cell + 0.0)
    if isinstance(cell, str | bytes):
        content = cell.encode() if isinstance(cell, str) else cell
        return (b"\xdb" if isinstance(cell, str) else b"\xc6") + struct.pack(">I", len(content)) + content
    return b"\xd3" + struct.pack(">q", whole(cell, kind))


def unsigned(cell: Any, kind: Any) -> Any:
    """A cell with every zero positive and its maps sorted."""
    if isinstance(cell, float):
        return cell + 0.0
    if isinstance(cell, list):
        return [unsigned(one, kind.element) for one in cell]
    if isinstance(cell, dict) and isinstance(kind, MapOf):
        return {name: unsigned(cell[name], kind.value) for name in sorted(cell, key=str.encode)}
    if isinstance(cell, dict):
        return {name: unsigned(cell[name], field) for name, field in kind.fields}
    return cell


def total(values: list, kind: Any, count: int, op: str) -> Any:
    real = kind in ("float", "double")
    odd = {repr(v) for v in values if real and not math.isfinite(v)}
    if odd:
        return float(odd.pop()) if len(odd) == 1 else math.nan
    exact = sum(map(Fraction, values))
    if op == "sum" and isinstance(kind, Decimal):
        units = int(exact * 10**kind.scale)
        return Amount(units).scaleb(-kind.scale) if abs(units) < 10**18 else None
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
        # The binding hashes negative whole numbers as doubles; their two's complement gives the bytes of the long. It
        # hashes no bytes, but texts by their UTF-8.
        text = value.decode() if isinstance(value, bytes) else value
        sketch.update(text % 2**64 if isinstance(text, int) else text)
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
