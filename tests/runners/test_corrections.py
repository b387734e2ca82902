"""Days that are written again under a deployment: found, made again, and nothing twice when the apply is cut off."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chronon.cli.drafting import Asked, checked_or_told, planned
from chronon.model.dayset import DaySet
from chronon.model.errors import ChrononError
from chronon.model.jobs import UploadJob
from chronon.model.plan import Plan
from chronon.runners.apply import apply_plan
from chronon.runners.deployment import Deployment
from chronon.runners.training import rows_of, training_rows
from chronon.stores.tables.marks import ABSENT

LINE = str(Path(__file__).parents[1] / "line")
sys.path.insert(0, LINE)
try:
    import killed
finally:
    sys.path.remove(LINE)


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small repository, applied."""
    root = tmp_path_factory.mktemp("applied")
    killed.write_repository(root)
    with killed.deployed(root) as deployment:
        apply_plan(deployment, plan(root), holder="ann", observer=killed.Silent())
    return root


@pytest.fixture
def shop(applied: Path, tmp_path: Path) -> Iterator[Deployment]:
    """A copy of it, with the times of its files."""
    shutil.copytree(applied, tmp_path, dirs_exist_ok=True)
    with killed.deployed(tmp_path) as deployment:
        yield deployment


def plan(root: Path, *corrected: str) -> Plan:
    checked = checked_or_told(root, as_json=False)
    assert checked is not None
    return planned(checked, Asked(repo=root, target=None, environment="prod", corrected=corrected))[0]


def doubled(root: Path, day: str) -> None:
    """Every amount of a day is twice as much now."""
    path = root / f"data/shop/purchases/ds={day}/part-0.parquet"
    rows = pq.read_table(path, partitioning=None)
    amounts = pa.array([2 * amount for amount in rows["amount"].to_pylist()], pa.float64())
    pq.write_table(rows.set_column(rows.column_names.index("amount"), "amount", amounts), path)


class Failing:
    """An engine that fails from one of its jobs on, counted from 1."""

    def __init__(self, inner: Any, at: int) -> None:
        self._inner, self._left = inner, at

    def run(self, *arguments: Any) -> Any:
        self._count()
        return self._inner.run(*arguments)

    def upload(self, *arguments: Any) -> Any:
        self._count()
        return self._inner.upload(*arguments)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def _count(self) -> None:
        self._left -= 1
        if self._left <= 0:
            raise ChrononError("CHR-R099", "the engine fails", "")


def test_day_that_was_written_again_is_found_and_made_again(shop: Deployment, tmp_path: Path) -> None:
    assert plan(tmp_path).is_empty
    before = rows_of(training_rows(shop, "prod", "shop.checkout"))
    doubled(tmp_path, "2024-01-03")

    again = plan(tmp_path)
    apply_plan(shop, again, holder="ann", observer=killed.Silent())

    after = rows_of(training_rows(shop, "prod", "shop.checkout"))
    moved = {row["ds"] for row, old in zip(after, before, strict=True) if row != old}
    assert [each.code for each in again.upstream] == ["CHR-P171"]
    assert moved
    assert moved <= {"2024-01-04", "2024-01-05", "2024-01-06"}
    assert plan(tmp_path).is_empty


def test_readers_find_the_old_values_until_the_new_ones_are_there(shop: Deployment, tmp_path: Path) -> None:
    before = training_rows(shop, "prod", "shop.checkout")
    doubled(tmp_path, "2024-01-03")
    engine = Failing(shop.engine(), at=1)

    with pytest.raises(ChrononError, match="CHR-R09"):
        apply_plan(replace(shop, engine=lambda: engine), plan(tmp_path), holder="ann", observer=killed.Silent())

    assert training_rows(shop, "prod", "shop.checkout") == before


@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_apply_that_is_cut_off_leaves_the_rest_to_the_next_plan(at: int, shop: Deployment, tmp_path: Path) -> None:
    doubled(tmp_path, "2024-01-03")
    whole = plan(tmp_path)
    engine = Failing(shop.engine(), at=at)

    with pytest.raises(ChrononError, match="CHR-R09"):
        apply_plan(replace(shop, engine=lambda: engine), whole, holder="ann", observer=killed.Silent())
    rest = plan(tmp_path)

    assert {step.id for step in rest.steps} == {step.id for step in whole.steps[at - 1 :]}
    assert rest.upstream == ()
    apply_plan(shop, rest, holder="ann", observer=killed.Silent())
    assert plan(tmp_path).is_empty


def test_day_that_only_looks_written_again_is_told_until_the_next_apply(shop: Deployment, tmp_path: Path) -> None:
    (tmp_path / "data/shop/purchases/ds=2024-01-03/part-0.parquet").touch()

    told = plan(tmp_path)
    assert (told.is_empty, [each.code for each in told.upstream]) == (True, ["CHR-P172"])

    apply_plan(shop, plan(tmp_path, "shop.purchases=2024-01-05"), holder="ann", observer=killed.Silent())
    assert plan(tmp_path).upstream == ()


def test_upload_of_a_corrected_day_is_made_again_beside_the_one_that_is_read(shop: Deployment, tmp_path: Path) -> None:
    doubled(tmp_path, "2024-01-06")

    again = plan(tmp_path)
    apply_plan(shop, again, holder="ann", observer=killed.Silent())

    datasets = {step.job.dataset for step in again.steps if isinstance(step.job, UploadJob)}
    assert len(datasets) == 2
    for dataset in datasets:
        uploads = shop.state.uploads(dataset)
        assert {each.day for each in uploads} == {uploads[0].day}
        assert len({each.generation for each in uploads}) == 2
    assert shop.state.read().stale_uploads == frozenset()


def test_day_that_was_a_hole_makes_again_what_was_computed_without_it(tmp_path: Path) -> None:
    killed.write_repository(tmp_path)
    day = tmp_path / "data/shop/purchases/ds=2024-01-03"
    day.rename(tmp_path / "late")
    with killed.deployed(tmp_path) as shop:
        apply_plan(shop, plan(tmp_path), holder="ann", observer=killed.Silent())
        assert plan(tmp_path).is_empty
        (tmp_path / "late").rename(day)

        apply_plan(shop, plan(tmp_path), holder="ann", observer=killed.Silent())
        found = training_rows(shop, "prod", "shop.checkout")
    whole = tmp_path / "whole"
    killed.write_repository(whole)
    with killed.deployed(whole) as fresh:
        apply_plan(fresh, plan(whole), holder="ann", observer=killed.Silent())
        assert training_rows(fresh, "prod", "shop.checkout") == found


def test_marks_are_of_the_days_that_are_read_and_no_others(shop: Deployment) -> None:
    marks = shop.state.marks()

    assert set(marks) == {("shop.purchases", "ds"), ("shop.checkouts", "ds")}
    first = DaySet.days(marks["shop.checkouts", "ds"]).first
    read = DaySet.days(marks["shop.purchases", "ds"])
    assert marks["shop.purchases", "ds"][read.first] == ABSENT, "and the day before the first, which is not there"
    assert first == read.first + 3, "checkouts are asked from the third day on"
