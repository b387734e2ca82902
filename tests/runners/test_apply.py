"""Applies that fail without being killed: what is told, and that nothing stays behind."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chronon.model.definitions import GroupBy
from chronon.model.errors import ChrononError
from chronon.model.jobs import Digest, Upload, UploadJob
from chronon.model.plan import Danger, Plan, PlanId, StepId, gates_of
from chronon.model.time import Day
from chronon.runners.apply import Manner, apply_plan
from chronon.runners.attempts import clear_attempts, note_generation, noted_outcome
from chronon.runners.deployment import Deployment
from chronon.runners.publish import publish
from chronon.runners.runner import JobId
from chronon.runners.work import JobRunner
from chronon.schemas.wire import definition_of
from chronon.serving.publications import publications
from chronon.stores.kv.layout import batch_prefix
from chronon.stores.state import Done, Started

LINE = str(Path(__file__).parents[1] / "line")
sys.path.insert(0, LINE)
try:
    import killed
finally:
    sys.path.remove(LINE)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[tuple[Deployment, Plan]]:
    """The small repository, planned and not yet applied."""
    killed.write_repository(tmp_path)
    with killed.deployed(tmp_path) as deployment:
        yield deployment, killed.planned(tmp_path, deployment, killed.NEW)


class Changed:
    """An engine whose upload does something else afterwards."""

    def __init__(self, inner: Any, after_upload: Callable[[tuple[Path, ...]], tuple[Path, ...]]) -> None:
        self._inner, self._after_upload = inner, after_upload

    def upload(self, *arguments: Any) -> tuple[Path, ...]:
        return self._after_upload(self._inner.upload(*arguments))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class Unlocking(killed.Silent):
    """An observer who takes the lock away when the third step begins."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment

    def started(self, _step: object, index: int, _total: int) -> None:
        if index == 3:
            self._deployment.state.unlock("bob", time.time())


def test_upload_when_it_fails_half_way_then_its_values_are_gone_and_the_next_apply_goes_on(
    shop: tuple[Deployment, Plan], tmp_path: Path
) -> None:
    deployment, plan = shop
    engine = Changed(deployment.engine(), lambda paths: (*paths, tmp_path / "lost.parquet"))
    failing = replace(deployment, engine=lambda: engine)

    with pytest.raises(ChrononError, match=r"CHR-R006 the system refused to read or write .*lost\.parquet"):
        apply_plan(failing, plan, holder="ann", observer=killed.Silent())
    left = list(deployment.kv.scan(b""))
    applied = apply_plan(deployment, plan, holder="ann", observer=killed.Silent())

    assert left == []
    assert deployment.warehouse.attempts() == ()
    assert deployment.state.holder() is None
    assert applied.skipped == len(plan.steps) - 2
    assert applied.done == 2


def test_apply_when_its_lock_is_taken_away_then_it_stops_and_records_nothing_more(
    shop: tuple[Deployment, Plan],
) -> None:
    deployment, plan = shop

    with pytest.raises(ChrononError, match="CHR-K013 ann lost the lock"):
        apply_plan(deployment, plan, holder="ann", observer=Unlocking(deployment))

    first, second, *others = [record.status for record in deployment.state.steps(plan.id)]
    assert (first, second, *set(others)) == ("done", "done", "running")
    assert apply_plan(deployment, plan, holder="bob", observer=killed.Silent()).skipped == 2


def test_apply_when_an_approval_is_missing_then_begins_nothing_whatever_the_file_says(
    shop: tuple[Deployment, Plan],
) -> None:
    deployment, plan = shop
    removed = replace(plan.changes[0], danger=Danger.REMOVAL, reason="CHR-P102")
    broken = replace(plan.changes[0], danger=Danger.SERVING_BREAK, reason="CHR-P112")
    dangerous = replace(plan, changes=(removed, broken), gates=())
    gates = [gate.id for gate in gates_of(dangerous.changes)]

    with pytest.raises(ChrononError, match=r"CHR-R070 2 changes of plan"):
        apply_plan(deployment, dangerous, holder="ann", observer=killed.Silent())
    deployment.state.approve(plan.id, 0, gates[:1], who="eve", reason="r", now=1.0)
    deployment.state.approve(PlanId("p-other"), 0, gates, who="eve", reason="r", now=1.0)
    with pytest.raises(ChrononError, match=r"CHR-R070 1 change of plan .*\n.*CHR-P112"):
        apply_plan(deployment, dangerous, holder="ann", observer=killed.Silent())
    begun = deployment.state.history()
    deployment.state.approve(plan.id, 0, gates[1:], who="eve", reason="r", now=1.0)
    applied = apply_plan(deployment, dangerous, holder="ann", observer=killed.Silent())

    assert begun == ()
    assert deployment.state.holder() is None
    assert applied.done == len(plan.steps)


def test_generation_of_an_interrupted_upload_when_it_was_recorded_then_is_kept(shop: tuple[Deployment, Plan]) -> None:
    deployment, plan = shop
    apply_plan(deployment, plan, holder="ann", observer=killed.Silent())
    (dataset, *_), before = deployment.state.read().uploads, list(deployment.kv.scan(b"b/"))
    (upload,) = deployment.state.uploads(dataset)
    staging = deployment.warehouse.staging("step")
    note_generation(staging, dataset, upload.generation)
    note_generation(staging, dataset, "never-recorded")
    deployment.kv.write([(batch_prefix(dataset, "never-recorded") + b"key", b"value")])

    clear_attempts(deployment)

    assert list(deployment.kv.scan(b"b/")) == before
    assert not staging.exists()


def test_publish_when_the_values_of_an_upload_are_lost_then_fetchers_are_not_led_to_it(
    shop: tuple[Deployment, Plan],
) -> None:
    deployment, plan = shop
    apply_plan(deployment, plan, holder="ann", observer=killed.Silent())
    before = publications(deployment.kv, plan.environment)
    (lost, *_others) = [each for each in before.values() if each.values is not None]
    assert lost.values is not None
    assert lost.generations
    deployment.kv.delete_prefix(batch_prefix(lost.values))

    publish(deployment, plan)

    after = publications(deployment.kv, plan.environment)
    emptied = {name for name, each in after.items() if each.values is not None and not each.generations}
    assert emptied == {name for name, each in before.items() if each.values == lost.values}


def test_job_that_was_finished_is_found_by_the_next_apply_unless_its_values_are_lost(
    shop: tuple[Deployment, Plan],
) -> None:
    deployment, plan = shop
    upload = next(step for step in plan.steps if isinstance(step.job, UploadJob))
    made = JobRunner(deployment).run(upload, JobId("job-1"), lambda _text: None)
    later = JobRunner(deployment)
    later.clear([JobId("job-1"), JobId("job-2")])

    found = later.find(upload, JobId("job-1"))
    unknown = later.find(upload, JobId("job-2"))
    deployment.kv.delete_prefix(b"b/")
    lost = later.find(upload, JobId("job-1"))

    assert found == made
    assert unknown is None
    assert lost is None


def test_outcome_of_another_version_counts_as_none(shop: tuple[Deployment, Plan]) -> None:
    deployment, _plan = shop
    for number, note in enumerate(["{", "[]", "{}", '{"upload": "{}"}', '{"fragments": ["?"]}']):
        staging = deployment.warehouse.staging(f"job-{number}")
        (staging / "outcome.json").write_text(note)

        assert noted_outcome(staging) is None


def test_steps_beside_each_other_leave_what_steps_one_after_another_leave(tmp_path: Path) -> None:
    left = []
    for parallelism in (1, 4):
        root = tmp_path / f"{parallelism}"
        killed.write_repository(root)
        with killed.deployed(root) as deployment:
            for as_of in (killed.OLD, killed.NEW):
                plan = killed.planned(root, deployment, as_of)
                manner = Manner(parallelism=parallelism)
                apply_plan(deployment, plan, holder="ann", observer=killed.Silent(), manner=manner)
            left.append(killed.kept(root, deployment))

    assert left[0] == left[1]


def test_generations_to_which_another_environment_leads_are_kept_until_it_leads_elsewhere(
    shop: tuple[Deployment, Plan], tmp_path: Path
) -> None:
    deployment, first = shop
    apply_plan(deployment, replace(first, environment="pr"), holder="ann", observer=killed.Silent())
    plan = killed.planned(tmp_path, deployment, killed.NEW)
    apply_plan(deployment, plan, holder="ann", observer=killed.Silent())
    dataset, before = next(iter(led_to(deployment, "pr").items()))
    upload_again(deployment, dataset, days=(30_001, 30_002, 30_003))

    publish(deployment, plan)

    assert led_to(deployment, "pr")[dataset] == before
    assert led_to(deployment, "prod")[dataset] == ("made-30003", "made-30002")
    assert stored(deployment, dataset) == {*before, "made-30002", "made-30003"}

    publish(deployment, replace(plan, environment="pr"))
    assert stored(deployment, dataset) == {"made-30002", "made-30003"}


def led_to(deployment: Deployment, environment: str) -> dict[Digest, tuple[str, ...]]:
    """Dataset → the generations to which an environment leads its readers."""
    found = publications(deployment.kv, environment).values()
    return {each.values: tuple(name for name, _day in each.generations) for each in found if each.values is not None}


def stored(deployment: Deployment, dataset: Digest) -> set[str]:
    """The generations of a dataset that have values."""
    prefix = batch_prefix(dataset)
    return {key[len(prefix) :].partition(b"/")[0].decode() for key, _value in deployment.kv.scan(prefix)}


def upload_again(deployment: Deployment, dataset: Digest, days: tuple[int, ...]) -> None:
    """Uploads of some days, recorded and with a value each."""
    state, plan = deployment.state, PlanId("p-uploads")
    lease = state.acquire("eve", lease_s=60, now=time.time())
    state.begin(lease, plan, '{"steps":[]}', state.read().serial, 1.0)
    group_by = next(
        definition_of(each) for each in state.read().environment("prod").snapshots.values() if each.serving == dataset
    )
    assert isinstance(group_by, GroupBy)
    for day in days:
        made = Upload(dataset=dataset, day=Day(day), generation=f"made-{day}", keys=1, bytes=1)
        deployment.kv.write([(batch_prefix(dataset, made.generation) + b"key", b"value")])
        state.record(lease, plan, [Started(step=StepId(f"{day}"), at=1.0)])
        job = UploadJob(dataset=dataset, group_by=group_by, day=Day(day))
        state.record(lease, plan, [Done(step=StepId(f"{day}"), job=job, output=made, at=1.0)])
    state.release(lease)
