"""Partials of tiles in plain Python, in the form in which Flink writes them: the oracle of the tile writer."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any, assert_never

from chronon.aggregations import (
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
from chronon.runners.flink.script import Reader

Row = dict[str, Any]


def stage_tiles(reader: Reader, rows: Iterable[Row], folder: Path) -> None:
    """Write the tiles of rows that have `ts`, keys and inputs, as Flink's sink would; rows without a key are dropped."""
    keys = [key.name for key in reader.group_by.keys]
    tile = reader.group_by.tile

    def place(row: Row) -> tuple[Any, ...]:
        return (*(repr(row[key]) for key in keys), row["ts"] // tile)

    kept = sorted((row for row in rows if all(row[key] is not None for key in keys)), key=place)
    folder.mkdir(parents=True)
    with (folder / "part-0").open("w") as file:
        for _, group in itertools.groupby(kept, key=place):
            found = list(group)
            line = {f"k{at}": found[0][key] for at, key in enumerate(keys)}
            line |= {"last_ts": max(row["ts"] for row in found), "events": len(found)}
            line |= {f"p{at}": partial_of(partial, found) for at, partial in enumerate(reader.partials)}
            file.write(json.dumps(worded(line)) + "\n")


def worded(value: Any) -> Any:
    """The value with infinities as words: JSON has none."""
    match value:
        case float() if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
        case list():
            return [worded(item) for item in value]
        case dict():
            return {name: worded(item) for name, item in value.items()}
        case _:
            return value


def partial_of(partial: Partial, rows: list[Row]) -> Any:
    values = [row[partial.input] for row in rows if row[partial.input] is not None]
    match partial:
        case CountOf():
            return len(values)
        case SumOf(half=None):
            return sum(map(int, values))
        case SumOf(half=half):
            return sum(value % 2**32 if half == "low" else value // 2**32 for value in values)
        case LimbSumOf(limb=limb):
            return sum(limb_of(value, limb) for value in values if is_on_grid(value))
        case OutsideOf():
            return [value for value in values if not is_on_grid(value)] or None
        case NansOf():
            return 0
        case MinOf():
            return min(values, default=None)
        case MaxOf():
            return max(values, default=None)
        case ValuesOf(buckets=buckets) | TimedOf(buckets=buckets) | ImagesOf(buckets=buckets):
            return listed(partial, buckets, rows) or None
        case _:
            assert_never(partial)


def listed(partial: ValuesOf | TimedOf | ImagesOf, buckets: tuple[str, ...], rows: list[Row]) -> list[Any]:
    found = []
    for row in rows:
        value = row[partial.input]
        if value is None or any(row[bucket] is None for bucket in buckets):
            continue
        fields = {"ts": row["ts"]} if isinstance(partial, TimedOf) else {}
        if isinstance(partial, ImagesOf):
            fields = {"ts": row["own"], "since": row["ts"], "weight": row["sign"]}
        fields |= {f"bucket_{at}": row[bucket] for at, bucket in enumerate(buckets)}
        found.append(fields | {"value": value} if fields else value)
    return found


def is_on_grid(value: float) -> bool:
    return math.isfinite(value) and abs(value) < 2.0**127 and (Fraction(value) * 2**128).denominator == 1


def limb_of(value: float, limb: int) -> int:
    whole = math.floor(Fraction(value) / Fraction(2) ** (32 * limb))
    return whole if limb == 3 else whole % 2**32
