"""Precision of plans: for every kind of edit exactly the least is planned, and its changes say what and where.

tests/cases/precision has the cases, `cases.py` how they read.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import pytest

from cases import deployed, found_in, minimal, names, planned, read
from chronon.model.plan import Change


def told(change: Change) -> dict[str, Any]:
    """A change as the cases tell it."""
    axes = change.axes
    return {
        "reason": change.reason,
        "axes": [axes.values.value, axes.readers.value, axes.serving.value],
        "at": str(change.span),
        **{name: list(names) for name in ("added", "removed", "changed") if (names := getattr(change, name))},
    }


def is_told(expected: dict[str, Any], change: Change) -> bool:
    """Whether a change is what a case says: columns by patterns that name all of them and no other."""
    actual = told(change)
    columns = {"added", "removed", "changed"}
    if expected.keys() != actual.keys() or any(expected[key] != actual[key] for key in expected.keys() - columns):
        return False
    return all(_names(expected[key], actual[key]) for key in expected.keys() & columns)


def _names(patterns: list[str], columns: list[str]) -> bool:
    return all(any(fnmatchcase(name, one) for name in columns) for one in patterns) and all(
        any(fnmatchcase(name, one) for one in patterns) for name in columns
    )


@pytest.mark.parametrize("case", names())
def test_edit_when_planned_makes_exactly_the_least(case: str) -> None:
    found = found_in(case)
    least = minimal(read(case, "minimum.yaml"), found)

    made = planned(found.plan(deployed()))

    assert (made.uploads, made.streams) == (least.uploads, least.streams)
    assert sorted(made.cells - least.cells) == [], "more than the least"
    assert sorted(least.cells - made.cells) == [], "less than enough"


@pytest.mark.parametrize("case", names())
def test_edit_when_planned_is_told_with_its_reason_axes_place_and_columns(case: str) -> None:
    expected = read(case, "minimum.yaml").get("changes") or {}

    plan = found_in(case).plan(deployed())

    changes = {str(change.id): change for change in plan.changes}
    assert {name: told(change) for name, change in changes.items() if not is_told(expected.get(name, {}), change)} == {}
    assert changes.keys() == expected.keys()
    assert plan.is_empty == (not expected)


def test_corpus_has_every_kind_of_edit_with_a_reason_for_its_least() -> None:
    assert len(names()) >= 60
    assert [case for case in names() if not read(case, "minimum.yaml").get("because", "").strip()] == []
