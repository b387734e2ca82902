"""The list form of merging equals the array form."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from chronon.aggregations.folds.counts import Count, Distinct, Tally
from chronon.aggregations.folds.ends import Extreme, Ranked, Timed
from chronon.aggregations.joining import in_order, joined
from chronon.aggregations.ragged import Gather, Rule, reduce

FOLDS = [
    Count(),
    Distinct(),
    Distinct(2),
    Tally(),
    Ranked(Rule.LEAST, 2),
    Ranked(Rule.GREATEST, 3),
    Extreme(Rule.LEAST),
    Extreme(Rule.GREATEST),
    Timed(Rule.LEAST, 2),
    Timed(Rule.GREATEST, 3),
]


@given(st.sampled_from(FOLDS), st.lists(st.lists(st.integers(-5, 5), min_size=1, max_size=5), min_size=1, max_size=4))
def test_joined_lists_equal_reduced_arrays(fold: object, pieces: list[list[int]]) -> None:
    timed = isinstance(fold, Timed)
    # Pieces follow each other in time, so the ts of a later one is greater.
    lists = [
        ([at * 10 + row for row in range(len(piece))], piece) if timed else (piece, [1] * len(piece))
        for at, piece in enumerate(pieces)
    ]
    cut = [part[: fold.width] for part in lists]

    found = joined(fold, cut)

    columns = [np.concatenate([np.array(piece[at]) for piece in cut]) for at in range(fold.width)]
    wanted = reduce(np.zeros(len(columns[0]), np.int64), columns, 1, Gather(fold.rule, fold.keep))
    assert sorted(zip(*found, strict=True)) == sorted(zip(*(c.tolist() for c in wanted.columns), strict=True))


@given(
    st.sampled_from(FOLDS),
    st.lists(
        st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=1, max_size=5), min_size=1, max_size=4
    ),
)
def test_joined_lists_in_any_order_equal_reduced_arrays(fold: object, pieces: list[list[tuple[int, int]]]) -> None:
    cut = [tuple(map(list, zip(*piece, strict=True)))[: fold.width] for piece in pieces]

    found = joined(fold, in_order(fold, cut))

    columns = [np.concatenate([np.array(piece[at]) for piece in cut]) for at in range(fold.width)]
    wanted = reduce(np.zeros(len(columns[0]), np.int64), columns, 1, Gather(fold.rule, fold.keep))
    assert sorted(zip(*found, strict=True)) == sorted(zip(*(c.tolist() for c in wanted.columns), strict=True))
