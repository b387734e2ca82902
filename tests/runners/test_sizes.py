"""What plans tell of rows, bytes and time, against what real applies by the local engine read and take."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

from chronon.cli.app import run
from chronon.cli.drafting import Asked, checked_or_told, planned
from chronon.model.plan import Plan
from chronon.model.time import parse_day
from chronon.runners.apply import apply_plan
from chronon.runners.deployment import Deployment

LINE = str(Path(__file__).parents[1] / "line")
sys.path.insert(0, LINE)
try:
    import killed
finally:
    sys.path.remove(LINE)

DAYS = ("2024-01-04", "2024-01-05", "2024-01-06")


def plan(root: Path, as_of: str, *corrected: str) -> Plan:
    checked = checked_or_told(root, as_json=False)
    assert checked is not None
    asked = Asked(repo=root, target=None, environment="prod", as_of=parse_day(as_of), corrected=corrected)
    return planned(checked, asked)[0]


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Deployment, list[Plan]]]:
    """A first apply, a daily one, an edit, and a correction."""
    root = tmp_path_factory.mktemp("shop")
    killed.write_repository(root)
    with killed.deployed(root) as deployment:
        plans = []
        for as_of in DAYS[:2]:
            plans.append(plan(root, as_of))
            apply_plan(deployment, plans[-1], holder="ann", observer=killed.Silent())
        killed.edit(root)
        for corrected in ((), ("shop.purchases=2024-01-04",)):
            plans.append(plan(root, DAYS[2], *corrected))
            apply_plan(deployment, plans[-1], holder="ann", observer=killed.Silent())
        yield root, deployment, plans


def test_rows_read_are_told_exactly(applied: tuple[Path, Deployment, list[Plan]]) -> None:
    _root, deployment, plans = applied
    for each in plans:
        runs = deployment.state.runs_of(each.id)
        assert set(runs) == {step.id for step in each.steps}
        told = {step.id: step.estimate.read.rows for step in each.steps if step.estimate}
        assert told == {step: run.read.rows for step, run in runs.items()}


def test_rows_written_are_told_exactly_where_they_are_told(applied: tuple[Path, Deployment, list[Plan]]) -> None:
    _root, deployment, plans = applied
    pairs = [
        (step.estimate.written.rows, deployment.state.runs_of(each.id)[step.id].written.rows)
        for each in plans
        for step in each.steps
        if step.estimate and step.estimate.written.rows is not None
    ]

    assert len(pairs) >= 12
    assert [told for told, _ in pairs] == [made for _, made in pairs]


def test_bytes_read_are_told_within_fifteen_percent(applied: tuple[Path, Deployment, list[Plan]]) -> None:
    _root, deployment, plans = applied
    errors = [
        abs(step.estimate.read.bytes - run.read.bytes) / run.read.bytes
        for each in plans
        for step in each.steps
        if step.estimate and step.estimate.read.bytes
        for run in [deployment.state.runs_of(each.id)[step.id]]
    ]

    assert len(errors) >= 12
    assert median(errors) <= 0.15


def test_first_plan_tells_no_time_and_later_ones_say_from_how_many_runs(
    applied: tuple[Path, Deployment, list[Plan]],
) -> None:
    plans = applied[2]
    estimates = [[step.estimate for step in each.steps if step.estimate] for each in plans]

    assert {each.duration for each in estimates[0]} == {None}
    assert all(each.duration is not None and each.runs == 1 for each in estimates[1])
    assert all("1 earlier run" in each.basis for each in estimates[1])


def test_history_tells_what_was_foretold_beside_what_it_took(
    applied: tuple[Path, Deployment, list[Plan]], capsys: pytest.CaptureFixture[str]
) -> None:
    root, _deployment, plans = applied

    assert run(["history", "--json", "--repo", str(root)]) == 0

    found = json.loads(capsys.readouterr().out)
    assert [each["plan"] for each in found] == [each.id for each in reversed(plans)]
    for each in found:
        assert each["took"]["steps"] == each["steps"]
        assert each["took"]["read"]["rows"] == each["took"]["foretold"]["read"]["rows"]
