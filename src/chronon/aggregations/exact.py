"""Exact sums of doubles as integers, and their one rounding: to the nearest double, ties to even.

A finite double is m * 2^e with whole m. Cut into lanes of `width` bits on a fixed grid it is a row of whole numbers
that add without rounding, in any order; only the finished sum or quotient is rounded. Source: performance notes 5.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from chronon.aggregations.fast import compiled
from chronon.aggregations.pairs import Words, divided_pairs, rounded_pairs
from chronon.aggregations.values import Floats, Ints, Mask

GRID = 1088
"""The absolute grid starts at 2^-1088, a multiple of 32 below the least double."""

_LEAST_NORMAL = 2.0**-1021


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Finite doubles as sign * mantissa * 2^exponent; zero has mantissa 0. All int64[n], mantissa in [0, 2^53)."""

    sign: Ints
    mantissa: Ints
    exponent: Ints


def parts_of(numbers: Floats) -> Parts:
    """The integer parts of finite doubles."""
    bits = numbers.view(np.int64)
    raw = (bits >> 52) & 0x7FF
    mantissa = (bits & 0xF_FFFF_FFFF_FFFF) | ((raw > 0).astype(np.int64) << 52)
    return Parts(sign=(bits >> 63) | 1, mantissa=mantissa, exponent=np.maximum(raw, 1) - 1075)


def lane(parts: Parts, base: int, width: int, index: int) -> Ints:
    """Bits [base + index * width, ... + width) of every number, with its sign. width: at most 62."""
    shift = parts.exponent - (base + index * width)
    mantissa = parts.mantissa.view(np.uint64)
    left = np.where((shift >= 0) & (shift < width), mantissa << np.clip(shift, 0, 63).astype(np.uint64), np.uint64(0))
    right = np.where((shift < 0) & (shift > -64), mantissa >> np.clip(-shift, 0, 63).astype(np.uint64), np.uint64(0))
    mask = np.uint64((1 << width) - 1)
    digits: Ints = ((left | right) & mask).view(np.int64)
    return digits * parts.sign


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """m exact sums: sum of lanes[j] * 2^(base + j * width). Lanes are int64[m], of any sign, not carried."""

    base: int
    width: int
    lanes: tuple[Ints, ...]


def rounded(sums: Sums) -> Floats:
    """The nearest double of each sum; infinite beyond the range of doubles."""
    if len(sums.lanes) == 1:
        return _scaled(sums.lanes[0].astype(np.float64), sums.base)
    if len(sums.lanes) == 2:
        return rounded_pairs(*sums.lanes, sums.base, sums.width)
    if (fast := compiled(len(sums.lanes[0]))) is not None:
        values: Floats = fast.round_lanes(np.stack(sums.lanes), sums.base, sums.width, sums.lanes[0], 0)[0]
        return values
    return rounded_by_digits(sums)


def rounded_by_digits(sums: Sums) -> Floats:
    """The same, all sums side by side."""
    negative, digits = _magnitude(sums)
    values = _round_digits(digits, sums.base, sums.width, None)
    return np.where(negative, -values, values)


def quotient(sums: Sums, counts: Ints) -> Floats:
    """The nearest double of each sum / count. Requires 0 < count < 2^(62 - width)."""
    if len(sums.lanes) == 1 and sums.base > -900 and int(np.abs(sums.lanes[0]).max(initial=0)) <= 1 << 53:
        # Both operands are exact doubles, so one division rounds once; the scaling stays among normal numbers.
        return _scaled(sums.lanes[0].astype(np.float64) / counts, sums.base)
    if len(sums.lanes) == 2:
        return _pair_quotient(sums, counts)
    return _lanes_quotient(sums, counts)


def _lanes_quotient(sums: Sums, counts: Ints) -> Floats:
    extra = -(-(66 + 62 - sums.width) // sums.width)
    if (fast := compiled(len(counts))) is None:
        return quotient_by_digits(sums, counts, extra)
    values, something = fast.round_lanes(np.stack(sums.lanes), sums.base, sums.width, counts, extra)
    return _with_tiny(values, something, sums, counts)


def quotient_by_digits(sums: Sums, counts: Ints, extra: int) -> Floats:
    """The same, all quotients side by side."""
    negative, digits = _magnitude(sums)
    divided, remainder = _divide(digits, counts, sums.width, extra)
    values = _round_digits(divided, sums.base - extra * sums.width, sums.width, remainder != 0)
    return _with_tiny(np.where(negative, -values, values), np.stack(digits).any(axis=0), sums, counts)


def _pair_quotient(sums: Sums, counts: Ints) -> Floats:
    """The quotients of sums of two lanes; the few that are too small for that by all their digits."""
    first, second = sums.lanes
    values, small = divided_pairs((first, second), counts, sums.base, sums.width)
    values = _with_tiny(values, (first != 0) | (second != 0), sums, counts)
    if (rows := np.flatnonzero(small)).size:
        few = Sums(base=sums.base, width=sums.width, lanes=(first[rows], second[rows]))
        values[rows] = _lanes_quotient(few, counts[rows])
    return values


def _with_tiny(values: Floats, something: Mask, sums: Sums, counts: Ints) -> Floats:
    """The quotients with those among the subnormals made anew, where the scaling rounded twice."""
    for row in np.flatnonzero((np.abs(values) < _LEAST_NORMAL) & something):
        whole = sum(int(digits[row]) << (place * sums.width) for place, digits in enumerate(sums.lanes))
        values[row] = float(Fraction(whole, int(counts[row])) * Fraction(2) ** sums.base)
    return values


def _scaled(numbers: Floats, exponent: int) -> Floats:
    with np.errstate(over="ignore"):
        return np.ldexp(numbers, exponent)


def _magnitude(sums: Sums) -> tuple[Mask, list[Words]]:
    """Sign and digits in base 2^width, least first; every digit is below 2^width."""
    lanes = _carry(sums.lanes, sums.width)
    negative = lanes[-1] < 0
    lanes = _carry([np.where(negative, -digit, digit) for digit in lanes], sums.width)
    return negative, [digit.view(np.uint64) for digit in lanes]


def _carry(lanes: Sequence[Ints], width: int) -> list[Ints]:
    """Lanes in [0, 2^width) with two more on top; the topmost holds the sign (0 or -1)."""
    mask = np.int64((1 << width) - 1)
    carried, carry = [], np.zeros_like(lanes[0])
    for digit in (*lanes, np.zeros_like(lanes[0])):
        total = digit + carry
        carried.append(total & mask)
        carry = total >> width
    return [*carried, carry]


def _divide(digits: Sequence[Words], counts: Ints, width: int, extra: int) -> tuple[list[Words], Words]:
    """Long division: quotient digits, least first, with `extra` more below the point, and what remains."""
    divisor, bits = np.maximum(counts, 1).astype(np.uint64), np.uint64(width)
    remainder, found = np.zeros_like(digits[0]), []
    zeros = [np.zeros_like(digits[0])] * extra
    for digit in (*reversed(digits), *zeros):
        part = (remainder << bits) | digit
        found.append(part // divisor)
        remainder = part - found[-1] * divisor
    return found[::-1], remainder


def _round_digits(digits: Sequence[Words], base: int, width: int, sticky: Mask | None) -> Floats:
    """Nearest double of digits in base 2^width. sticky: more non-zero bits lie below.

    The leading 64 bits with everything below folded into the last one round like the whole number does, because the
    conversion from uint64 to double rounds to nearest, ties to even.
    """
    table = np.stack(digits)
    filled = table != 0
    top = len(digits) - 1 - np.argmax(filled[::-1], axis=0)
    columns = np.arange(table.shape[1])
    length = np.frexp(table[top, columns].astype(np.float64))[1].astype(np.int64)
    lost = np.zeros(table.shape[1], np.bool_) if sticky is None else sticky.copy()
    head = np.zeros(table.shape[1], np.uint64)
    for below in range(len(digits)):
        place = top - below
        digit = np.where(place >= 0, table[np.maximum(place, 0), columns], np.uint64(0))
        piece, cut = _placed(digit, 64 - length - below * width)
        head |= piece
        lost |= cut
    head |= lost.astype(np.uint64)
    exponent = np.clip(base + top * width + length - 64, -5000, 5000)
    with np.errstate(over="ignore", under="ignore"):
        return np.where(filled.any(axis=0), np.ldexp(head.astype(np.float64), exponent.astype(np.int32)), 0.0)


def _placed(digits: Words, shift: Ints) -> tuple[Words, Mask]:
    """Digits shifted left (or right, where negative), and whether bits fell off on the right."""
    left = digits << np.clip(shift, 0, 63).astype(np.uint64)
    right_shift = np.clip(-shift, 0, 63).astype(np.uint64)
    right = np.where(shift <= -64, np.uint64(0), digits >> right_shift)
    falls = (shift < 0) & ((right << right_shift) != digits)
    return np.where(shift >= 0, left, right), falls
