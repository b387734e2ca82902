"""Sums over ranges by differences of running sums; whole numbers throughout, so a difference loses nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chronon.aggregations.exact import Sums, lane, parts_of
from chronon.aggregations.fast import compiled
from chronon.aggregations.ragged import offsets_of
from chronon.aggregations.timeline import Timeline
from chronon.aggregations.values import INFINITY_CODE, NAN_CODE, REAL, Ints, Mask, reals

_WIDEST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd:
    """Values that no finite sum holds, counted per range."""

    nans: Ints
    plus: Ints
    minus: Ints


def sums_of(line: Timeline, lo: Ints, hi: Ints) -> Sums:
    """The exact sum of the finite values of every range.

    Running sums may wrap around 64 bits; the difference over one range is right as long as that range's own sum fits,
    which the width of the lanes makes sure of.
    """
    count_bits = int((hi - lo).max(initial=1)).bit_length()
    if line.type in REAL:
        return _real_sums(line, lo, hi, count_bits)
    largest = max(abs(int(line.codes.max(initial=0))), abs(int(line.codes.min(initial=0))))
    if largest.bit_length() + count_bits <= 62:
        return Sums(base=0, width=32, lanes=(over(line.weighed(line.codes), lo, hi),))
    low, high = line.codes & np.int64(0xFFFF_FFFF), line.codes >> 32
    return Sums(base=0, width=32, lanes=(over(line.weighed(low), lo, hi), over(line.weighed(high), lo, hi)))


def odd_of(line: Timeline, lo: Ints, hi: Ints) -> Odd | None:
    """NaN and infinities per range; None when the timeline has none."""
    if line.type not in REAL or not (odd := odd_codes(line.codes)).any():
        return None
    codes = line.codes
    return Odd(
        nans=over(line.weighed(codes == NAN_CODE), lo, hi),
        plus=over(line.weighed(codes == INFINITY_CODE), lo, hi),
        minus=over(line.weighed(odd & (codes < 0)), lo, hi),
    )


def odd_codes(codes: Ints) -> Mask:
    """Which codes of doubles are NaN or infinite."""
    return (codes >= INFINITY_CODE) | (codes <= ~INFINITY_CODE)


def over(summands: Ints | Mask, lo: Ints, hi: Ints) -> Ints:
    """The sum of every range of one column of whole numbers, modulo 2^64."""
    running = offsets_of(summands)
    return running[hi] - running[lo]


def _real_sums(line: Timeline, lo: Ints, hi: Ints, count_bits: int) -> Sums:
    codes = line.codes
    fast = compiled(len(codes) + len(lo)) if line.weights is None else None
    base, top = fast.extent(codes) if fast else extent(codes)
    width, depth = _lanes(top - base, count_bits)
    if fast:
        running = fast.running_lanes(codes, base, width, depth)
        return Sums(base=base, width=width, lanes=tuple(lane[hi] - lane[lo] for lane in running))
    parts = parts_of(np.where(odd_codes(codes), 0.0, reals(codes)))
    lanes = (line.weighed(lane(parts, base, width, j)) for j in range(depth))
    return Sums(base=base, width=width, lanes=tuple(over(lane, lo, hi) for lane in lanes))


def _lanes(bits: int, count_bits: int) -> tuple[int, int]:
    """Width and number of lanes that hold numbers of so many bits and leave room to add so many of them."""
    if bits + count_bits <= 62:
        return bits, 1
    width = min(62 - count_bits, _WIDEST)
    return width, -(-bits // width)


def extent(codes: Ints) -> tuple[int, int]:
    """Exponents of the lowest bit that any finite double sets, and of the one above the highest; 0, 1 without any."""
    parts = parts_of(np.where(odd_codes(codes), 0.0, reals(codes)))
    something = parts.mantissa != 0
    if not something.any():
        return 0, 1
    mantissa, exponent = parts.mantissa[something], parts.exponent[something]
    lowest = exponent + np.frexp((mantissa & -mantissa).astype(np.float64))[1] - 1
    highest = exponent + np.frexp(mantissa.astype(np.float64))[1]
    return int(lowest.min()), int(highest.max())
