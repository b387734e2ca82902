"""Sums of two lanes as pairs of machine words: the usual case of exact sums, in a handful of vectorised steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chronon.aggregations.fast import compiled
from chronon.aggregations.values import Floats, Ints, Mask

Words = npt.NDArray[np.uint64]

_AT_ONCE = 1 << 15
"""Sums whose steps stay in a core's own cache."""


def rounded_pairs(first: Ints, second: Ints, base: int, width: int) -> Floats:
    """The nearest double of every (first + second * 2^width) * 2^base."""
    if (fast := compiled(len(first))) is not None:
        found: Floats = fast.round_pairs(first, second, base, width)
        return found
    return rounded_by_words(first, second, base, width)


def rounded_by_words(first: Ints, second: Ints, base: int, width: int) -> Floats:
    """The same, a step of all sums at a time."""
    values = np.empty(len(first))
    for at in range(0, len(first), _AT_ONCE):
        mine = slice(at, at + _AT_ONCE)
        values[mine] = _rounded(_pairs(first[mine], second[mine], width), base, width)
    return values


def divided_pairs(lanes: tuple[Ints, Ints], counts: Ints, base: int, width: int) -> tuple[Floats, Mask]:
    """The nearest double of every (lanes[0] + lanes[1] * 2^width) * 2^base / count, and which are too small for it.

    Three digits of the quotient have at least 2 * width + 1 > 64 bits where the upper word is not below the count.
    Requires 0 < count < 2^(62 - width) and a width of at least 32. Results among the subnormals are not to be trusted.
    """
    if (fast := compiled(len(counts))) is not None:
        found: tuple[Floats, Mask] = fast.divide_pairs(*lanes, counts, base, width)
        return found
    return divided_by_words(lanes, counts, base, width)


def divided_by_words(lanes: tuple[Ints, Ints], counts: Ints, base: int, width: int) -> tuple[Floats, Mask]:
    """The same, a step of all quotients at a time."""
    values, small = np.empty(len(counts)), np.empty(len(counts), np.bool_)
    for at in range(0, len(counts), _AT_ONCE):
        mine = slice(at, at + _AT_ONCE)
        pairs = _pairs(lanes[0][mine], lanes[1][mine], width)
        divisor = counts[mine].view(np.uint64)
        values[mine] = _quotient(pairs, divisor, base, width)
        small[mine] = (pairs.high < divisor) & ((pairs.high | pairs.low) != 0)
    return values, small


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pairs:
    """Whole numbers as sign and magnitude high * 2^width + low, low below 2^width, high below 2^63."""

    negative: Mask
    high: Words
    low: Words


def _pairs(first: Ints, second: Ints, width: int) -> _Pairs:
    mask = np.int64((1 << width) - 1)
    high, low = second + (first >> width), first & mask
    negative = high < 0
    # The lower word borrows from the upper one unless it is zero; a flipped upper word is one too small then.
    flip = -negative.astype(np.int64)
    high = (high ^ flip) + (negative & (low == 0))
    low = ((low ^ flip) - flip) & mask
    return _Pairs(negative=negative, high=high.view(np.uint64), low=low.view(np.uint64))


def _rounded(pairs: _Pairs, base: int, width: int) -> Floats:
    """Of a magnitude beyond 64 bits the leading ones, with all below folded into the last, round like the whole."""
    over = np.maximum(_length(pairs.high) + (width - 64), 0).view(np.uint64)
    head = (pairs.high << (np.uint64(width) - over)) | (pairs.low >> over)
    head |= (pairs.low & ((np.uint64(1) << over) - np.uint64(1))) != 0
    return _signed(head, base + over.view(np.int64), pairs.negative)


def _quotient(pairs: _Pairs, divisor: Words, base: int, width: int) -> Floats:
    w = np.uint64(width)
    first, rest = _divided(pairs.high, divisor)
    second, rest = _divided((rest << w) | pairs.low, divisor)
    third, rest = _divided(rest << w, divisor)
    spare = 64 - width - _length(first)
    over, under = (np.clip(side, 0, width).view(np.uint64) for side in (-spare, spare))
    head = (first << (w - over + under)) | ((second >> over) << under) | (third >> (w - under))
    lost = (second & ((np.uint64(1) << over) - np.uint64(1))) | (third & ((np.uint64(1) << (w - under)) - np.uint64(1)))
    head |= (lost | rest) != 0
    head[first == 0] = 0
    return _signed(head, (base + over.view(np.int64)) - under.view(np.int64), pairs.negative)


def _divided(numbers: Words, divisor: Words) -> tuple[Words, Words]:
    found = numbers // divisor
    return found, numbers - found * divisor


def _length(words: Words) -> Ints:
    """Bits of every word below 2^63, or one more where it lies close below a power of two."""
    return np.frexp(words.view(np.int64).astype(np.float64))[1].astype(np.int64)


def _signed(head: Words, exponent: Ints, negative: Mask) -> Floats:
    values: Floats
    with np.errstate(over="ignore", under="ignore"):
        values = np.ldexp(head.astype(np.float64), exponent.astype(np.int32))
    np.negative(values, out=values, where=negative)
    return values
