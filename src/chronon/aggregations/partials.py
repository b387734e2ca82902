"""What a SQL engine must compute per (entity, tile), with built-ins only. A closed union: runners match on it.

Every partial skips nulls of its column; a bucketed one skips rows of which a bucket is null too.
"""

from __future__ import annotations

from dataclasses import dataclass

LAST_TS = "last_ts"
"""The column that every stream adds: the greatest ts of the tile, of any row."""

LIMBS = range(-4, 4)
"""The limbs that SQL sums: limb k weighs 2^(32 k), so they cover multiples of 2^-128 below 2^127 in magnitude."""

GRID_STEP = 2.0**-128
GRID_END = 2.0**127


@dataclass(frozen=True, slots=True)
class CountOf:
    """BIGINT: how many values are not null."""

    input: str

    @property
    def name(self) -> str:
        return f"{self.input}__count"


@dataclass(frozen=True, slots=True)
class SumOf:
    """BIGINT: the sum of the values of an int or boolean (true is 1), or of one half of a long.

    half: `low` is x - FLOOR(x / 2^32) * 2^32, in [0, 2^32); `high` is FLOOR(x / 2^32), rounded to minus infinity;
    None sums the value itself. Halves cannot overflow.
    """

    input: str
    half: str | None = None

    @property
    def name(self) -> str:
        return f"{self.input}__sum" + (f"_{self.half}" if self.half else "")


@dataclass(frozen=True, slots=True)
class LimbSumOf:
    """BIGINT: the sum of one limb over the values on the grid.

    On the grid: finite, |x| < 2^127, a multiple of 2^-128 (FLOOR(x * 2^128) = x * 2^128). With k = limb:
    k < 3: CAST(FLOOR(x * 2^(-32k)) - FLOOR(x * 2^(-32(k+1))) * 2^32 AS BIGINT); k = 3: CAST(FLOOR(x * 2^-96) AS BIGINT).
    """

    input: str
    limb: int

    @property
    def name(self) -> str:
        sign = "m" if self.limb < 0 else ""
        return f"{self.input}__limb_{sign}{abs(self.limb)}"


@dataclass(frozen=True, slots=True)
class OutsideOf:
    """ARRAY<DOUBLE>: the values that are not on the grid of LimbSumOf: NaN, infinities, the very large and tiny."""

    input: str

    @property
    def name(self) -> str:
        return f"{self.input}__outside"


@dataclass(frozen=True, slots=True)
class MinOf:
    """The least value that is not NaN, of the input's type; strings by UTF-8 bytes."""

    input: str

    @property
    def name(self) -> str:
        return f"{self.input}__min"


@dataclass(frozen=True, slots=True)
class MaxOf:
    """The greatest value that is not NaN, of the input's type; strings by UTF-8 bytes."""

    input: str

    @property
    def name(self) -> str:
        return f"{self.input}__max"


@dataclass(frozen=True, slots=True)
class NansOf:
    """BIGINT: how many values are NaN."""

    input: str

    @property
    def name(self) -> str:
        return f"{self.input}__nans"


@dataclass(frozen=True, slots=True)
class ValuesOf:
    """ARRAY of the cells in any order; with buckets ARRAY<ROW(bucket_0 STRING, …, value)>."""

    input: str
    buckets: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.input}__values" + "".join(f"_by_{bucket}" for bucket in self.buckets)


@dataclass(frozen=True, slots=True)
class TimedOf:
    """ARRAY<ROW(ts BIGINT, value)> in any order; with buckets ARRAY<ROW(ts BIGINT, bucket_0 STRING, …, value)>."""

    input: str
    buckets: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.input}__timed" + "".join(f"_by_{bucket}" for bucket in self.buckets)


@dataclass(frozen=True, slots=True)
class ImagesOf:
    """ARRAY<ROW(ts BIGINT, since BIGINT, weight BIGINT, value)> of images of changes in any order.

    ts: the row's own time.  since: when the change happened.  weight: 1, or -1 for the image of what was before.
    With buckets they stand before the value, as in `TimedOf`.
    """

    input: str
    buckets: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.input}__images" + "".join(f"_by_{bucket}" for bucket in self.buckets)


Partial = CountOf | SumOf | LimbSumOf | OutsideOf | MinOf | MaxOf | NansOf | ValuesOf | TimedOf | ImagesOf
