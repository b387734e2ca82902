"""The table beside SQLMesh in docs/benchmarks.md: its sums hold, the page shows it as it is made, and its plans are enough."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest
from test_soundness import SEED

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

import precision  # noqa: E402
from precision import EDITS, WEIGHTED, WHOLE, Row, is_enough, rows, table, totals  # noqa: E402


@pytest.fixture(scope="module")
def found() -> list[Row]:
    return list(rows())


def test_sums_are_a_third_of_sqlmesh_and_no_more_than_the_least(found: list[Row]) -> None:
    sqlmesh, least, ours, columns = totals(found)

    assert (sqlmesh, least) == (46_495, 15_871)
    assert ours <= WHOLE * sqlmesh
    assert columns <= WEIGHTED * sqlmesh


def test_every_edit_makes_the_least(found: list[Row]) -> None:
    stored_nowhere = {"add a column to the source projection"}

    assert {row.edit: row.ours for row in found} == {
        row.edit: 0 if row.edit in stored_nowhere else row.least for row in found
    }


def test_page_shows_the_table_as_it_is_made(found: list[Row]) -> None:
    assert table(found) in (ROOT / "docs/benchmarks.md").read_text()


def test_counting_when_a_plan_makes_more_shows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "EDITS", (EDITS[7],))

    (row,) = rows()

    assert (row.ours, round(row.columns)) == (4 * 1_056, 2_781)


@pytest.mark.slow
def test_an_edit_when_applied_ends_where_a_rebuild_does() -> None:
    edit = random.Random(SEED).choice(EDITS)

    assert is_enough(edit), edit.name
