"""The rules themselves: each accounts for the difference it is made for, and for no other one of its operation."""

from __future__ import annotations

import pytest
from agreement.chronon_ir import finished
from agreement.comparison import equal
from agreement.explanations import BY_ID
from agreement.naming import asked_of, kept_of
from agreement.translation import columns_of
from hand_made import DO_NOT_HOLD, HOLD, evidence

from chronon.model.time import DAY, HOUR, Millis

END = Millis(20_000 * DAY)


@pytest.mark.parametrize("rule", HOLD)
def test_rule_when_asked_about_its_difference_then_holds(rule: str) -> None:
    holds = BY_ID[rule].of_cell

    assert holds is not None
    assert holds(HOLD[rule], evidence())


@pytest.mark.parametrize("rule", DO_NOT_HOLD)
def test_rule_when_the_evidence_is_missing_then_does_not_hold(rule: str) -> None:
    holds = BY_ID[rule].of_cell

    assert holds is not None
    assert not holds(DO_NOT_HOLD[rule], evidence())


@pytest.mark.parametrize(
    ("ours", "theirs", "is_equal"),
    [
        (1.0, 1, True),
        (1, 1.0, True),
        (3, 4, False),
        (10**15, 10**15 + 1, False),
        (1.0, 1.0 + 1e-12, True),
        (1.0, 1.0 + 1e-8, False),
        (0.0, 1e-300, False),
        (float("nan"), "NaN", True),
        (float("inf"), "Infinity", True),
        ("NaN", "NaN", True),
        (1.0, "NaN", False),
        (True, True, True),
        (True, 1, False),
        (1, True, False),
        (None, None, True),
        (0, None, False),
        ([1, 2.0], [1, 2], True),
        ([1], [1, 2], False),
        ({"a": 1.0}, {"a": 1}, True),
        ({"a": 1}, {}, False),
    ],
)
def test_values_when_compared_then_only_floats_have_room(ours: object, theirs: object, is_equal: bool) -> None:
    assert equal(ours, theirs) is is_equal


def test_partial_states_when_finished_then_hops_of_the_tail_are_merged() -> None:
    #   window 1d at its batch end: nothing is collapsed, hours from end - 1d on count, older ones do not
    group_by = {
        "keys": ["k"],
        "aggregations": [{"input": "v", "operation": "AVERAGE", "args": None, "windows": ["1d"], "buckets": None}],
        "sources": [],
    }
    hours = [
        {"v_average": {"sum": 100.0, "count": 1}, "ts": END - DAY - HOUR},
        {"v_average": {"sum": 3.0, "count": 1}, "ts": END - DAY},
        {"v_average": {"sum": 4.0, "count": 1}, "ts": END - HOUR},
    ]
    batch = {"collapsedIr": {"v_average_1d": None}, "tailHopIrs": [[], hours, []]}

    assert finished(batch, list(asked_of(group_by)), END) == {"v_average_1d": 3.5}


def test_schema_when_columns_are_nested_then_is_read_to_the_matching_bracket() -> None:
    schema = "a bigint, m map<string,array<int>>, s struct<x:int,y:string>, ds string"

    assert columns_of(schema) == {
        "a": "long",
        "m": "map<string,list<int>>",
        "s": "struct<x:int,y:string>",
        "ds": "string",
    }


def test_features_when_a_derivation_renames_one_then_it_is_gone() -> None:
    group_by = {
        "keys": ["k"],
        "aggregations": [{"input": "v", "operation": "COUNT", "windows": ["7d", "2147483647d"]}],
        "derivations": [{"name": "n", "expression": "v_count_7d"}, {"name": "*", "expression": "*"}],
    }

    assert [one.their_name for one in kept_of(group_by)] == ["v_count"]
