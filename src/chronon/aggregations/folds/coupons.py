"""Coupons of a CPC sketch. The sketch is a lossless set of them, and after a union its estimate depends on how many
there are, so we keep the set itself: exact under any merge, and counted like distinct values.

Source: Lang, "Back to the future: an even more nearly optimal cardinality estimation algorithm" (2017).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pyarrow.compute as pc

from chronon.aggregations.fold import Plain, Run
from chronon.aggregations.murmur import Words, hash_texts, hash_words
from chronon.aggregations.ragged import Gather, Ragged, Rule, reduce
from chronon.aggregations.values import REAL, Floats, Ints, has_texts, reals
from chronon.model.types import DataType, Scalar

NO_COUPON = -1
"""What an empty string leaves: the group is not empty, yet nothing is counted."""

_ASYMPTOTE = 5.7
_ASYMPTOTE_FACTOR = 0.7940236163830469


@dataclass(frozen=True, slots=True)
class Coupons(Plain):
    """An item per different coupon: (row * 64 + column)."""

    lg_k: int
    rule: Rule = Rule.SET
    width: int = 1

    def lift(self, run: Run) -> Ragged:
        coupons = coupons_of(run.codes, run.type, run.texts, self.lg_k)
        return reduce(run.group, [coupons], len(run.starts), Gather(self.rule))


def coupons_of(codes: Ints, kind: DataType, texts: Any, lg_k: int) -> Ints:
    """The coupon of every value. texts: what codes of strings index."""
    if has_texts(kind):
        empty = pc.equal(texts, b"").to_numpy(zero_copy_only=False)
        return np.where(empty, NO_COUPON, _coupons(hash_texts(texts), lg_k))[codes]
    words = reals(codes).view(np.uint64) if kind in REAL else codes.view(np.uint64)
    return _coupons(hash_words(words), lg_k)


def _coupons(hashes: tuple[Words, Words], lg_k: int) -> Ints:
    """Row from the low bits of one half, column from the leading zeros of the other."""
    rows = hashes[0] & np.uint64((1 << lg_k) - 1)
    columns = np.minimum(_leading_zeros(hashes[1]), 63)
    coupons: Ints = (rows.view(np.int64) << 6) | columns
    return coupons


def _leading_zeros(words: Words) -> Ints:
    high, low = (words >> np.uint64(32)).astype(np.float64), (words & np.uint64(0xFFFF_FFFF)).astype(np.float64)
    length = np.where(high > 0, np.frexp(high)[1] + 32, np.frexp(low)[1])
    return (64 - length).astype(np.int64)


def estimates(lg_k: int, most: int) -> Floats:
    """What a CPC union estimates for 0, 1, … `most` coupons.

    Up to 5.7 coupons a row from the library itself, which is fed one new coupon at a time; beyond, its own asymptote.
    """
    k = 1 << lg_k
    known = _known(lg_k, 1 << max(10, min(most, int(_ASYMPTOTE * k) + 1).bit_length()))
    count = np.arange(len(known), most + 1, dtype=np.float64)
    return np.append(known, _ASYMPTOTE_FACTOR * k * np.power(2.0, count / k))[: most + 1]


@cache
def estimate_of(lg_k: int, coupons: int) -> int:
    """One estimate, cut to a whole number."""
    return int(estimates(lg_k, coupons)[coupons])


@cache
def _known(lg_k: int, most: int) -> Floats:
    from datasketches import cpc_sketch, cpc_union

    top = min(most, int(_ASYMPTOTE * (1 << lg_k)))
    sketch, found = cpc_sketch(lg_k), [0.0]
    for value in _fresh(lg_k, top):
        sketch.update(value)
        union = cpc_union(lg_k)
        union.update(sketch)
        found.append(union.get_result().get_estimate())
    return np.array(found)


def _fresh(lg_k: int, n: int) -> list[int]:
    """N integers, each with a coupon that none before it has."""
    chunk = n + 64
    while True:
        values = np.arange(chunk, dtype=np.int64)
        _, first = np.unique(coupons_of(values, Scalar.LONG, None, lg_k), return_index=True)
        if len(first) >= n:
            return sorted(first.tolist())[:n]
        chunk *= 4
