"""Columns that are compared at once say the same as values compared one by one."""

from __future__ import annotations

import math
import struct

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronon.runners.differences import difference, is_same
from chronon.serving.comparison import is_same as is_same_value

DOUBLES = st.sampled_from([0.0, -0.0, 0.1, 0.1 + 2**-56, math.nan, math.inf, -math.inf, 3.5])
TYPES = {
    "double": (pa.float64(), DOUBLES),
    "long": (pa.int64(), st.sampled_from([0, 1, 2**53, 2**53 + 1])),
    "string": (pa.string(), st.sampled_from(["", "a", "b"])),
    "list": (pa.list_(pa.float64()), st.lists(DOUBLES | st.none(), max_size=2)),
    "lists": (pa.list_(pa.list_(pa.string())), st.lists(st.lists(st.sampled_from("ab"), max_size=2), max_size=2)),
    "map": (
        pa.map_(pa.string(), pa.float64()),
        st.dictionaries(st.sampled_from("ab"), DOUBLES | st.none(), max_size=2).map(lambda d: list(d.items())),
    ),
    "struct": (
        pa.struct([("a", pa.float64()), ("b", pa.string())]),
        st.fixed_dictionaries({"a": DOUBLES, "b": st.sampled_from("xy") | st.none()}),
    ),
}


@pytest.mark.parametrize("of", TYPES)
@given(data=st.data())
def test_columns_when_compared_then_agree_with_values_compared_one_by_one(of: str, data: st.DataObject) -> None:
    arrow, values = TYPES[of]
    rows = data.draw(st.lists(st.tuples(values | st.none(), values | st.none()), max_size=12))
    left, right = (pa.array([row[side] for row in rows], arrow) for side in (0, 1))

    same = is_same(left, right)

    assert same.tolist() == [is_same_value(one, other) for one, other in rows]


def test_columns_when_sliced_then_only_their_own_rows_are_compared() -> None:
    whole = pa.array([[1.0], [2.0, 3.0], None, []], pa.list_(pa.float64()))
    other = pa.array([[2.0, 3.0], None, [0.0]], pa.list_(pa.float64()))

    assert is_same(whole.slice(1), other).tolist() == [True, True, False]


def test_difference_when_numbers_differ_then_tells_counts_nulls_and_the_largest() -> None:
    left = pa.array([1.0, 2.0, None, 4.0, None, math.nan, 8.0])
    right = pa.array([1.0, 2.5, 3.0, None, None, 1.0, 4.0])

    found = difference(left, right)

    assert (found.equal, found.different) == (2, 5)
    assert (found.null_left, found.null_right) == (1, 1)
    assert (found.largest, found.largest_relative) == (4.0, 0.5)
    assert found.where.tolist() == [1, 2, 3, 5, 6]


def test_difference_when_only_the_last_bit_differs_then_is_told() -> None:
    one = struct.unpack("<d", struct.pack("<q", 4_600_000_000_000_000_000))[0]
    next_up = float(np.nextafter(one, 2.0))

    found = difference(pa.array([one]), pa.array([next_up]))

    assert found.different == 1
    assert found.largest == next_up - one


def test_difference_when_the_type_has_no_numbers_then_none_is_the_largest() -> None:
    found = difference(pa.array(["a"]), pa.array(["b"]))

    assert (found.different, found.largest, found.largest_relative) == (1, None, None)
