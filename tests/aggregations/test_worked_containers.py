"""Lists, maps and what splits them: section 1.12 of the reference and the containers of O1, O3 and O8."""

from __future__ import annotations

from typing import Any

import pytest
from worked import call, of_parts

from chronon.model.specs import OperationCall
from chronon.model.types import DataType, parse_type

TITLES = ["A", "B", "D", "A", "B"]
SESSION_LENGTHS = [[[5, 3, 4], [6, None], None], [[], [None]]]
HIST_INPUT = [[["D", "A", "B", "A"], [], None], [["B", "A", "D"], ["A", "B", "C"]]]
HIST_MAP = [[{"A": 1, "B": 2}, None, {"A": None, "B": 1}], [{"A": 5, "B": 1}, {}]]
EMBEDDINGS = [[[1.0, 2.0], [3.0, 4.0], None], [[5.0, 6.0], [7.0, 8.0]]]


def typed(text: str) -> DataType:
    kind = parse_type(text)
    assert kind is not None
    return kind


@pytest.mark.parametrize(
    ("operation", "kind", "parts", "wanted"),
    [
        pytest.param(call("average"), "list<int>", SESSION_LENGTHS, 4.5, id="O1-average-of-elements"),
        pytest.param(call("count"), "list<int>", SESSION_LENGTHS, 4, id="1.12-count-of-elements-that-are-not-null"),
        pytest.param(call("histogram", 2), "list<string>", HIST_INPUT, {"A": 4, "B": 3}, id="O1-O8-histogram"),
        pytest.param(call("average"), "map<string,int>", HIST_MAP, {"A": 3.0, "B": 4 / 3}, id="O1-average-per-key"),
        pytest.param(call("last"), "list<string>", HIST_INPUT, ["A", "B", "C"], id="1.12-last-takes-the-list-whole"),
        pytest.param(call("first"), "map<string,int>", HIST_MAP, {"A": 1, "B": 2}, id="1.12-first-takes-the-map-whole"),
        pytest.param(call("count"), "list<list<int>>", [[[[1], [2]], None], [[]]], 2, id="1.12-count-of-rows"),
        # A window that holds only empty lists gives null in the reference, and so does one of empty maps in ours (D1).
        pytest.param(call("count"), "list<int>", [[[], [None]], [[]]], None, id="D1-only-empty-lists"),
        pytest.param(call("count"), "map<string,int>", [[{}, {"A": None}], [{}]], None, id="D1-only-empty-maps"),
    ],
)
def test_containers_without_buckets(operation: OperationCall, kind: str, parts: list, wanted: Any) -> None:
    assert of_parts(operation, typed(kind), parts) == [wanted] * 3


def test_elements_by_bucket_o1() -> None:
    found = of_parts(call("average"), typed("list<int>"), SESSION_LENGTHS, buckets=TITLES)

    assert found == [{"A": 4.0, "B": 6.0}] * 3


@pytest.mark.parametrize(
    ("operation", "parts", "wanted"),
    [
        pytest.param(call("sum"), EMBEDDINGS, [16.0, 20.0], id="O1-sum"),
        pytest.param(call("average"), EMBEDDINGS, [4.0, 5.0], id="O1-average"),
        pytest.param(call("average"), [[[1.5, 2.5, 3.5]]], [1.5, 2.5, 3.5], id="O3-one-list"),
        pytest.param(call("average"), [[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]], [2.5, 3.5, 4.5], id="O3-two-lists"),
        pytest.param(call("average"), [[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]], [4.0, 5.0], id="O3-merged"),
        # The reference fails here; ours counts a position where it is.
        pytest.param(call("average"), [[[1.0, 2.0]], [[3.0, 4.0, 5.0]]], [2.0, 3.0, 5.0], id="O3-of-two-lengths"),
        pytest.param(call("sum"), [[[1.0, None]], [[None, None, 2.0, None]]], [1.0, None, 2.0], id="O3-with-nulls"),
    ],
)
def test_elementwise(operation: OperationCall, parts: list, wanted: list) -> None:
    assert of_parts(operation, typed("list<double>"), parts, elementwise=True) == [wanted] * 3
