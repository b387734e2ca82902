"""Machine code and NumPy give the same bits."""

from __future__ import annotations

import numpy as np
import pytest
from builders import ADVERSARIAL
from hypothesis import given, settings
from hypothesis import strategies as st

from chronon.aggregations import parts, totals
from chronon.aggregations.distinct import distinct_by_rank
from chronon.aggregations.exact import Sums, quotient, quotient_by_digits, rounded_by_digits
from chronon.aggregations.extremes import extremes_by_doubling
from chronon.aggregations.pairs import divided_by_words, rounded_by_words
from chronon.aggregations.ranges import Ranges
from chronon.aggregations.timeline import Timeline
from chronon.aggregations.values import real_codes
from chronon.model.types import Scalar

compiled = pytest.importorskip("chronon.aggregations.compiled")

NUMBERS = st.sampled_from([*ADVERSARIAL, float("nan"), float("inf"), 0.25, 7.0]) | st.floats(-1e6, 1e6)


def random_ranges(seed: int, n: int, m: int, *, monotone: bool) -> Ranges:
    random = np.random.default_rng(seed)
    entity = np.sort(random.integers(0, 5, n))
    owner = np.sort(random.integers(0, 5, m))
    start, stop = np.searchsorted(entity, owner), np.searchsorted(entity, owner, side="right")
    edges = np.sort(random.integers(0, 1_000_000, (2, m)) % (stop - start + 1) + start, axis=0)
    lo, hi = edges
    if monotone:
        for mine in (np.flatnonzero(owner == e) for e in range(5)):
            lo[mine], hi[mine] = np.sort(lo[mine]), np.sort(hi[mine])
    line = Timeline(entity=entity, ts=np.arange(n), codes=random.integers(-9, 9, n), type=Scalar.LONG)
    return Ranges(timeline=line, lo=lo, hi=hi)


@pytest.mark.parametrize("monotone", [True, False])
@pytest.mark.parametrize("seed", range(5))
def test_sliding_equals_ranking_and_doubling(seed: int, monotone: bool) -> None:
    ranges = random_ranges(seed, 120, 80, monotone=monotone)
    codes, lo, hi = ranges.timeline.codes, ranges.lo, ranges.hi
    naive = [len(set(codes[a:b].tolist())) for a, b in zip(lo, hi, strict=True)]

    assert compiled.slide_distinct(codes + 9, 18, ranges.entity_start, lo, hi).tolist() == naive
    assert distinct_by_rank(ranges).tolist() == naive
    for sign, best in ((1, max), (-1, min)):
        wanted = [best(codes[a:b].tolist(), default=0) for a, b in zip(lo, hi, strict=True)]
        assert compiled.slide_extremes(codes, lo[None], hi, sign).tolist() == [wanted]
        assert extremes_by_doubling(codes, lo, hi, greatest=sign > 0).tolist() == wanted


@pytest.mark.parametrize("monotone", [True, False])
@pytest.mark.parametrize("seed", range(5))
def test_windows_that_share_a_queue_find_their_own_extremes(seed: int, monotone: bool) -> None:
    ranges = random_ranges(seed, 120, 80, monotone=monotone)
    codes, hi = ranges.timeline.codes, ranges.hi
    tails = np.stack([ranges.lo, hi, np.maximum(ranges.lo, hi - 3), np.maximum(ranges.lo, hi - 20)])

    for sign, best in ((1, max), (-1, min)):
        wanted = [[best(codes[a:b].tolist(), default=0) for a, b in zip(lo, hi, strict=True)] for lo in tails]
        assert compiled.slide_extremes(codes, tails, hi, sign).tolist() == wanted


@given(st.lists(st.integers(0, 2**50), max_size=40))
def test_radix_order_is_the_stable_order(keys: list[int]) -> None:
    column = np.array(keys, np.int64)

    assert compiled.radix_order(column, 51).tolist() == np.argsort(column, kind="stable").tolist()


@given(st.lists(st.integers(0, 500), max_size=40), st.lists(st.integers(-5, 505), max_size=40))
def test_walking_over_keys_equals_searching(keys: list[int], wanted: list[int]) -> None:
    column, sought = np.sort(np.array(keys, np.int64)), np.sort(np.array(wanted, np.int64))

    assert compiled.merge_search(column, sought).tolist() == np.searchsorted(column, sought).tolist()


@given(st.lists(st.tuples(st.integers(-1, 4), st.integers(0, 9)), max_size=40))
def test_rows_are_reached_and_split_the_same(rows: list[tuple[int, int]]) -> None:
    entity, ts = np.array(rows, np.int64).reshape(-1, 2).T.copy()
    reach = np.array([[0, 4], [3, 9], [9, 0], [5, 7], [7, 7], [9, 0]])
    kept = parts.reached_rows(entity, ts, reach)
    part = np.array([0, 0, 1, 1, 2, 2], np.uint16)[entity[kept]]

    assert compiled.reached(entity, ts, reach).tolist() == kept.tolist()
    for fast, plain in zip(
        compiled.split_rows(kept, entity[kept], part, 3), parts.split_rows(kept, entity[kept], part, 3), strict=True
    ):
        assert fast.tolist() == plain.tolist()


@given(st.lists(NUMBERS, min_size=1, max_size=30))
def test_extent_and_running_lanes_are_the_same(numbers: list[float]) -> None:
    codes = real_codes(np.array(numbers))
    base, top = totals.extent(codes)
    width, depth = 44, max(-(-(top - base) // 44), 1)
    lo, hi = np.zeros(len(codes), np.int64), np.arange(1, len(codes) + 1)
    parts = totals.parts_of(np.where(totals.odd_codes(codes), 0.0, totals.reals(codes)))
    lanes = [totals.over(totals.lane(parts, base, width, j), lo, hi).tolist() for j in range(depth)]

    assert compiled.extent(codes) == (base, top)
    assert compiled.running_lanes(codes, base, width, depth)[:, 1:].tolist() == lanes


@settings(max_examples=200)
@given(
    st.lists(st.lists(st.integers(-(2**61), 2**61), min_size=3, max_size=3), min_size=1, max_size=8),
    st.integers(-1074, 900),
    st.integers(32, 50),
    st.integers(1, 2**10),
    st.integers(1, 3),
)
def test_rounding_is_the_same(rows: list[list[int]], base: int, width: int, count: int, depth: int) -> None:
    table = np.array(rows, np.int64).T[:depth].copy()
    sums = Sums(base=base, width=width, lanes=tuple(table))
    counts = np.full(len(rows), count)
    extra = -(-(66 + 62 - width) // width)

    values, _ = compiled.round_lanes(table, base, width, counts, 0)
    divided, something = compiled.round_lanes(table, base, width, counts, extra)
    plain = quotient_by_digits(sums, counts, extra)

    assert values.tolist() == rounded_by_digits(sums).tolist()
    normal = np.abs(plain) >= 2.0**-1021
    assert divided[normal].tolist() == plain[normal].tolist()
    assert something.tolist() == (quotient(sums, counts) != 0).tolist()


SUMMANDS = st.integers(-(2**62), 2**62) | st.integers(-(2**40), 2**40) | st.sampled_from([0, 2**32, -(2**32), 2**50])


@settings(max_examples=100)
@given(
    st.lists(st.tuples(SUMMANDS, SUMMANDS), min_size=1, max_size=12),
    st.integers(-1074, 900),
    st.integers(32, 50),
    st.data(),
)
def test_pairs_round_like_digits_do(rows: list[tuple[int, int]], base: int, width: int, data: st.DataObject) -> None:
    lanes = tuple(np.array(rows, np.int64).T.copy())
    counts = np.array([data.draw(st.integers(1, 2 ** (62 - width) - 1)) for _ in rows])
    sums = Sums(base=base, width=width, lanes=lanes)
    divided, small = divided_by_words(lanes, counts, base, width)
    by_digits = quotient_by_digits(sums, counts, -(-(66 + 62 - width) // width))
    sure = ~small & (np.abs(by_digits) >= 2.0**-1021)

    assert rounded_by_words(*lanes, base, width).tolist() == rounded_by_digits(sums).tolist()
    assert compiled.round_pairs(*lanes, base, width).tolist() == rounded_by_digits(sums).tolist()
    assert divided[sure].tolist() == by_digits[sure].tolist()
    assert compiled.divide_pairs(*lanes, counts, base, width)[0].tolist() == divided.tolist()
    assert compiled.divide_pairs(*lanes, counts, base, width)[1].tolist() == small.tolist()
    assert quotient(sums, counts).tolist() == by_digits.tolist()
