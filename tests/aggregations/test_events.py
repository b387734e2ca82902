"""Entities are numbered by their keys, unambiguously."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronon.aggregations import entity_codes

PART = st.none() | st.sampled_from(["a", "ab", "b", "", "c", "bc"])
NUMBER = st.none() | st.integers(-3, 3) | st.sampled_from([2**62, -(2**62)])


@given(st.lists(st.tuples(PART, NUMBER), max_size=12), st.lists(st.tuples(PART, NUMBER), max_size=12))
def test_codes_are_equal_iff_all_parts_are(events: list[tuple], queries: list[tuple]) -> None:
    columns = [
        [pa.array([row[at] for row in side], kind) for at, kind in enumerate((pa.string(), pa.int64()))]
        for side in (events, queries)
    ]

    of_events, of_queries, n = entity_codes(*columns)

    codes = [*of_events.tolist(), *of_queries.tolist()]
    keys = [*events, *queries]
    assert [code == -1 for code in codes] == [None in key for key in keys]
    whole = [(key, code) for key, code in zip(keys, codes, strict=True) if code >= 0]
    assert len(set(whole)) == len({key for key, _ in whole}) == len({code for _, code in whole})
    assert all(code < n for code in codes)


def test_parts_are_not_glued_together() -> None:
    of_events, of_queries, _ = entity_codes(
        [pa.array(["ab"]), pa.array(["c"])], [pa.array(["a", "ab"]), pa.array(["bc", "c"])]
    )

    assert (of_queries == of_events[0]).tolist() == [False, True]


@pytest.mark.parametrize(
    "column", [pa.array([5, 1, 5]), pa.chunked_array([[5], [1, 5]]), pa.array([5, 1, 5]).dictionary_encode()]
)
def test_every_layout_of_a_column_gives_the_same_codes(column: object) -> None:
    of_events, of_queries, n = entity_codes([column], [pa.array([1, 7])])

    assert len({*of_events.tolist()}) == 2
    assert of_queries[0] == of_events[1] != of_events[0]
    assert max(*of_events, *of_queries) == n - 1
