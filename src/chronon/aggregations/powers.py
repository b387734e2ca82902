"""Exact powers of numbers as 32-bit limbs on an absolute grid, so that sums of them lose nothing in any order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from chronon.aggregations.exact import GRID, parts_of
from chronon.aggregations.pairs import Words
from chronon.aggregations.ragged import offsets_of
from chronon.aggregations.timeline import Timeline
from chronon.aggregations.totals import odd_codes
from chronon.aggregations.values import REAL, Ints, reals
from chronon.model.types import DataType

LIMB = 32
_DIGIT = 27
"""Bits of a digit: three products of digits fit 63 bits with room to carry, and so does a digit moved within a limb."""

_MASK = np.int64((1 << _DIGIT) - 1)
_LIMB_MASK = np.int64((1 << LIMB) - 1)


def power_limbs(codes: Ints, kind: DataType, power: int) -> Iterator[tuple[int, Ints]]:
    """The limbs of every value to a power, lowest first: (limb, int64[n] with the sign of the power).

    A value is the sum of its limbs * 2^(32 limb - power * GRID). NaN and infinities count as zero.
    """
    sign, magnitude, exponent = _whole(codes, kind)
    digits = _digits(magnitude)
    product = digits
    for _ in range(power - 1):
        product = _times(product, digits)
    places = [(exponent + GRID) * power + _DIGIT * at for at in range(len(product))]
    limbs = [place >> 5 for place in places]
    moved = [digit << (place & 31) for digit, place in zip(product, places, strict=True)]
    spans = [(int(limb.min()), int(limb.max()) + 1) for limb in limbs if len(limb)]
    for limb in range(min((low for low, _ in spans), default=0), max((high for _, high in spans), default=-1) + 1):
        near = [at for at, (low, high) in enumerate(spans) if low <= limb <= high]
        column = np.zeros(len(codes), np.int64)
        for at in near:
            column += np.where(limbs[at] == limb, moved[at] & _LIMB_MASK, 0)
            column += np.where(limbs[at] == limb - 1, moved[at] >> LIMB, 0)
        if column.any():
            yield limb, column * sign if power % 2 else column


def power_sums(line: Timeline, lo: Ints, hi: Ints, power: int) -> list[tuple[int, Ints]]:
    """The limbs of the sum of powers of every range; not carried, of any sign."""
    found = []
    for limb, column in power_limbs(line.codes, line.type, power):
        running = offsets_of(line.weighed(column))
        found.append((limb, running[hi] - running[lo]))
    return found


def _whole(codes: Ints, kind: DataType) -> tuple[Ints, Words, Ints]:
    """Numbers as sign * magnitude * 2^exponent, those of doubles with odd magnitude; zeros at a common exponent."""
    if kind not in REAL:
        return np.sign(codes), np.abs(codes).view(np.uint64), np.zeros_like(codes)
    parts = parts_of(np.where(odd_codes(codes), 0.0, reals(codes)))
    lowest = parts.mantissa & -parts.mantissa
    spare = np.where(lowest > 0, np.frexp(lowest.astype(np.float64))[1] - 1, 0)
    exponent = parts.exponent + spare
    something = parts.mantissa != 0
    exponent[~something] = int(exponent[something].min()) if something.any() else 0
    return parts.sign, (parts.mantissa >> spare).view(np.uint64), exponent


def _digits(magnitude: Words) -> list[Ints]:
    """Digits in base 2^27, least first; at least one."""
    length = int(magnitude.max(initial=0)).bit_length()
    return [(magnitude >> np.uint64(shift)).view(np.int64) & _MASK for shift in range(0, max(length, 1), _DIGIT)]


def _times(left: Sequence[Ints], right: Sequence[Ints]) -> list[Ints]:
    """Digits of the product, no more than any of the numbers needs. right: at most three digits."""
    raw = [np.zeros_like(left[0]) for _ in range(len(left) + len(right))]
    for i, mine in enumerate(left):
        for j, other in enumerate(right):
            raw[i + j] += mine * other
    carry = np.zeros_like(left[0])
    for at, digit in enumerate(raw):
        total = digit + carry
        raw[at], carry = total & _MASK, total >> _DIGIT
    while len(raw) > 1 and not raw[-1].any():
        raw.pop()
    return raw
