"""Edits of the example repository, from the files to the plan."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from planner_builders import applied, days

from chronon.loaders import load
from chronon.model.jobs import FeatureJob, UploadJob
from chronon.model.plan import Plan
from chronon.model.state import State
from chronon.planners import make_plan
from chronon.validators import resolve

ROOT = Path(__file__).parents[2]

AVAILABLE = {
    "airlines.arrivals": days("2013-01-01", "2013-02-28"),
    "airlines.departures": days("2013-01-01", "2013-02-28"),
    "airlines.planes": days("2013-01-31", "2013-02-28"),
    "airports.weather": days("2013-01-01", "2013-02-28"),
}


@dataclass
class Flights:
    """A copy of the example, and what is deployed of it."""

    root: Path
    state: State

    def plan(self) -> Plan:
        repository, found = load(self.root)
        catalog, wrong = resolve(repository)
        assert (*found, *wrong) == ()
        assert catalog is not None
        return make_plan(catalog, repository, self.state, AVAILABLE, environment="prod", as_of=None)

    def edit(self, path: str, old: str, new: str) -> Plan:
        file = self.root / "teams" / path
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new, 1))
        return self.plan()


@pytest.fixture
def flights(tmp_path: Path) -> Flights:
    shutil.copy(ROOT / "chronon.yaml", tmp_path)
    shutil.copytree(ROOT / "teams", tmp_path / "teams", ignore=shutil.ignore_patterns("data", "streams"))
    world = Flights(root=tmp_path, state=State())
    world.state = applied(world.state, world.plan())
    return world


def test_flights_when_applied_have_nothing_left_to_do(flights: Flights) -> None:
    assert flights.plan().is_empty


def test_flights_when_a_window_is_added_make_its_columns_and_one_upload(flights: Flights) -> None:
    plan = flights.edit("airlines/group_bys/carrier.yaml", "7d, 30d]", "7d, 14d, 30d]")

    feature, upload = (step.job for step in plan.steps)
    assert isinstance(feature, FeatureJob)
    assert all(name.endswith("_14d") for _, name in feature.columns)
    assert feature.days == days("2013-02-01", "2013-02-28")
    assert isinstance(upload, UploadJob)
    assert {change.reason for change in plan.changes} == {"CHR-P108"}
    assert {change.span.path for change in plan.changes} == {"teams/airlines/group_bys/carrier.yaml"}


def test_flights_when_a_filter_changes_follow_the_chain(flights: Flights) -> None:
    plan = flights.edit("airlines/group_bys/carrier.yaml", "arr_delay > 15", "arr_delay > 20")

    assert {str(change.id) for change in plan.changes} == {
        "airlines.carrier",
        "delays.departure",
        "delays.outlook",
        "delays.morning",
    }
    assert len({change.span for change in plan.changes}) == 1


def test_flights_when_the_team_starts_earlier_make_the_days_before_and_what_looks_back_to_them(
    flights: Flights,
) -> None:
    plan = flights.edit("delays/team.yaml", "start: 2013-02-01", "start: 2013-01-25")

    behind = {"delays.outlook", "delays.morning"}
    before = {step.job.days for step in plan.steps if str(step.object) not in behind}  # type: ignore[union-attr]
    assert before == {days("2013-01-25", "2013-01-31")}
    assert {str(change.id) for change in plan.changes} == {"delays.departure", *behind}
    assert {change.span.path for change in plan.changes} == {"teams/delays/team.yaml"}


def test_flights_when_a_description_changes_make_nothing(flights: Flights) -> None:
    plan = flights.edit("airlines/sources/arrivals.yaml", "description:", "description: Again,")
    told = flights.edit("airlines/group_bys/carrier.yaml", "description:", "description: Again,")

    assert plan.is_empty
    assert (told.steps, [change.reason for change in told.changes]) == ((), ["CHR-P117"])
