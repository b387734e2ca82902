"""One partial of a tile in the SQL of Flink: built-in aggregates only, one match over the closed union.

JSON lines carry no NaN and expressions yield none, so no value that is aggregated here is NaN.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from chronon.aggregations.partials import (
    GRID_END,
    LIMBS,
    CountOf,
    ImagesOf,
    LimbSumOf,
    MaxOf,
    MinOf,
    NansOf,
    OutsideOf,
    Partial,
    SumOf,
    TimedOf,
    ValuesOf,
)
from chronon.expressions.flink_sql import quoted, type_name
from chronon.model.types import DataType, ListOf, Scalar, StructOf

TIME, OWN_TIME, WEIGHT = "__time", "__own_time", "__weight"
"""When a row counts; of images of changes also the row's own time, and 1, or -1 for what was before."""

_HALF = "CAST(4294967296 AS BIGINT)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """A partial as Flink computes and writes it.

    kind: type of the column; a float is written as the double that it is.
    """

    sql: str
    kind: DataType


def aggregate(partial: Partial, kind: DataType) -> Aggregate:
    """The aggregate of one partial over rows with the column `TIME` and the inputs. kind: of the partial's input."""
    value = _value(partial.input, kind)
    match partial:
        case CountOf():
            return _whole(f"COUNT({value})")
        case SumOf(half=half):
            return _whole(f"COALESCE(SUM({_summand(value, kind, half)}), CAST(0 AS BIGINT))")
        case LimbSumOf(limb=limb):
            limb_of = f"CASE WHEN {_on_grid(value)} THEN {_limb(value, limb)} END"
            return _whole(f"COALESCE(SUM({limb_of}), CAST(0 AS BIGINT))")
        case NansOf():
            return _whole("SUM(CAST(0 AS BIGINT))")
        case MinOf():
            return _extreme("MIN", value, kind)
        case MaxOf():
            return _extreme("MAX", value, kind)
        case OutsideOf():
            return _list(value, f"NOT ({_on_grid(value)})", Scalar.DOUBLE)
        case ValuesOf(buckets=buckets):
            return _list(value, None, kind, _bucket_fields(buckets))
        case TimedOf(buckets=buckets):
            return _list(value, None, kind, {"ts": (quoted(TIME), Scalar.LONG)} | _bucket_fields(buckets))
        case ImagesOf(buckets=buckets):
            times = {"ts": OWN_TIME, "since": TIME, "weight": WEIGHT}
            told: dict[str, tuple[str, DataType]] = {name: (quoted(of), Scalar.LONG) for name, of in times.items()}
            return _list(value, None, kind, told | _bucket_fields(buckets))
        case _:
            assert_never(partial)


def _bucket_fields(buckets: Sequence[str]) -> dict[str, tuple[str, DataType]]:
    return {f"bucket_{at}": (quoted(bucket), Scalar.STRING) for at, bucket in enumerate(buckets)}


def _value(name: str, kind: DataType) -> str:
    column = quoted(name)
    return f"CAST({column} AS DOUBLE)" if kind is Scalar.FLOAT else column


def _whole(sql: str) -> Aggregate:
    return Aggregate(sql=sql, kind=Scalar.LONG)


def _summand(value: str, kind: DataType, half: str | None) -> str:
    if half is None:
        return f"CAST({f'CAST({value} AS INT)' if kind is Scalar.BOOLEAN else value} AS BIGINT)"
    # The remainder has the sign of x; adding 2^32 and taking it again gives the half that is never negative.
    low = f"(({value} % {_HALF} + {_HALF}) % {_HALF})"
    return low if half == "low" else f"(({value} - {low}) / {_HALF})"


def _on_grid(value: str) -> str:
    scaled = f"{value} * {_power(-LIMBS.start)}"
    return f"ABS({value}) < {_double(GRID_END)} AND FLOOR({scaled}) = {scaled}"


def _limb(value: str, limb: int) -> str:
    floor = f"FLOOR({value} * {_power(-limb)})"
    if limb == LIMBS.stop - 1:
        return f"CAST({floor} AS BIGINT)"
    return f"CAST({floor} - FLOOR({value} * {_power(-limb - 1)}) * {_power(1)} AS BIGINT)"


def _power(limbs: int) -> str:
    return _double(2.0 ** (32 * limbs))


def _double(number: float) -> str:
    digits = repr(number)
    return digits if "e" in digits else f"{digits}E0"


def _extreme(function: str, value: str, kind: DataType) -> Aggregate:
    match kind:
        case Scalar.STRING:
            # Flink compares texts by UTF-16 units; in hexadecimal their order is that of the bytes.
            return Aggregate(sql=f"DECODE(UNHEX({function}(HEX({value}))), 'UTF-8')", kind=kind)
        case Scalar.BOOLEAN:
            return Aggregate(sql=f"{function}(CAST({value} AS INT)) = 1", kind=kind)
        case _:
            return Aggregate(sql=f"{function}({value})", kind=Scalar.DOUBLE if kind is Scalar.FLOAT else kind)


def _list(
    value: str, condition: str | None, kind: DataType, fields: dict[str, tuple[str, DataType]] | None = None
) -> Aggregate:
    element: DataType = Scalar.DOUBLE if kind is Scalar.FLOAT else kind
    named = (fields or {}) | {"value": (value, element)}
    buckets = [column for name, (column, _) in named.items() if name.startswith("bucket_")]
    kept = [f"{column} IS NOT NULL" for column in (value, *buckets)]
    where = " AND ".join([*kept, *([condition] if condition else [])])
    listed: DataType = element
    if fields:
        listed = StructOf(tuple((name, of) for name, (_, of) in named.items()))
        value = f"CAST(ROW({', '.join(column for column, _ in named.values())}) AS {type_name(listed)})"
    return Aggregate(sql=f"ARRAY_AGG({value}) FILTER (WHERE {where})", kind=ListOf(listed))
