"""Steps on their way: beside each other, tried again, held back by a failure, interrupted; and what the journal says of it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from apply_world import Silent, a_plan, a_step, a_target

from chronon.model.errors import ChrononError, InvariantError
from chronon.model.jobs import Output
from chronon.model.plan import Plan, Step
from chronon.model.sizes import Size
from chronon.runners.apply import Applied, Manner, World, apply_plan
from chronon.runners.deployment import Deployment
from chronon.runners.runner import JobId, StoppedError, Tell
from chronon.schemas.wire import to_json
from chronon.stores.state import LogKind, Started, StepStatus
from chronon.stores.state.database import SqliteFile
from chronon.stores.state.store import SqlState

RESET = ChrononError("CHR-K124", "PostgreSQL does not answer")
FULL = ChrononError("CHR-K003", "the disk is full")


@dataclass
class Scripted:
    """A runner that fails as it is told: step → errors of its attempts. outcomes: what it says of a job when it is asked."""

    errors: dict[str, list[ChrononError]] = field(default_factory=dict)
    outcomes: dict[str, Output] = field(default_factory=dict)
    during: Callable[[Step, Tell], None] = lambda _step, _tell: None
    ran: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    settled: list[str] = field(default_factory=list)

    def find(self, _step: Step, job: JobId) -> Output | None:
        self.asked.append(job)
        return self.outcomes.get(job)

    def ready(self, _step: Step, _tell: Tell) -> None:
        """Nothing has to be started."""

    def run(self, step: Step, job: JobId, tell: Tell) -> Output:
        self.ran.append(job)
        self.during(step, tell)
        if errors := self.errors.get(step.id):
            raise errors.pop(0)
        return ()

    def read(self, _job: JobId) -> Size | None:
        return None

    def settle(self, _step: Step, job: JobId) -> None:
        self.settled.append(job)

    def close(self) -> None:
        """Nothing keeps running."""


class Told(Silent):
    """An observer that keeps what it is told."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str]] = []

    def __getattr__(self, name: str) -> Any:
        return lambda step, *_others: self.events.append((name, step.id))


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Deployment]:
    with a_target(tmp_path) as deployment:
        yield deployment


def applied(target: Deployment, plan: Plan, runner: Any, observer: Any = None, **manner: int) -> Applied:
    world = World(runner=lambda *_: runner, random=lambda: 0.0)
    return apply_plan(target, plan, holder="ann", observer=observer or Silent(), manner=Manner(**manner), world=world)


def test_failure_that_passes_is_tried_again_and_every_attempt_stands_in_the_log(target: Deployment) -> None:
    runner, told = Scripted(errors={"s000": [RESET, RESET]}), Told()

    done = applied(target, a_plan(a_step(0)), runner, told, retries=2)

    assert done.done == 1
    assert runner.ran == ["p-1-s000-1", "p-1-s000-2", "p-1-s000-3"]
    assert runner.asked == ["p-1-s000-1", "p-1-s000-2"]
    assert [record.attempts for record in target.state.steps(a_plan().id)] == [3]
    assert [(line.kind, line.job) for line in reversed(target.state.log()) if line.job] == [
        (LogKind.STEP_STARTED, "s000-1"),
        (LogKind.STEP_FAILED, "s000-1"),
        (LogKind.STEP_STARTED, "s000-2"),
        (LogKind.STEP_FAILED, "s000-2"),
        (LogKind.STEP_STARTED, "s000-3"),
        (LogKind.STEP_DONE, "s000-3"),
    ]
    assert [event for event, _ in told.events] == [
        "started", "retried", "started", "retried", "started", "finished"
    ]  # fmt: skip
    assert runner.settled == runner.ran


def test_failure_that_stays_is_told_at_once(target: Deployment) -> None:
    runner = Scripted(errors={"s000": [FULL]})

    with pytest.raises(ChrononError, match="CHR-K003"):
        applied(target, a_plan(a_step(0)), runner, retries=5)

    assert runner.ran == ["p-1-s000-1"]
    assert [record.error for record in target.state.steps(a_plan().id)] == [str(FULL)]


def test_failure_that_does_not_pass_is_told_after_the_last_attempt(target: Deployment) -> None:
    runner = Scripted(errors={"s000": [RESET] * 9})

    with pytest.raises(ChrononError, match="CHR-K124"):
        applied(target, a_plan(a_step(0)), runner, retries=3)

    assert len(runner.ran) == 4
    assert runner.asked == runner.ran
    assert [(record.status, record.attempts) for record in target.state.steps(a_plan().id)] == [(StepStatus.FAILED, 4)]
    assert target.state.holder() is None


def test_job_whose_last_reply_was_lost_is_asked_about_before_it_is_given_up(target: Deployment) -> None:
    runner = Scripted(errors={"s000": [RESET] * 2}, outcomes={"p-1-s000-2": ()})

    done = applied(target, a_plan(a_step(0)), runner, retries=1)

    assert done.done == 1
    assert runner.ran == runner.asked == ["p-1-s000-1", "p-1-s000-2"]


def test_job_that_nobody_can_be_asked_about_is_left_to_the_next_apply(target: Deployment) -> None:
    class Deaf(Scripted):
        def find(self, step: Step, job: JobId) -> Output | None:
            super().find(step, job)
            raise RESET

    runner, later = Deaf(errors={"s000": [RESET]}), Scripted(outcomes={"p-1-s000-1": ()})

    with pytest.raises(ChrononError, match="CHR-K124"):
        applied(target, a_plan(a_step(0)), runner, retries=2)
    left = [record.status for record in target.state.steps(a_plan().id)]
    done = applied(target, a_plan(a_step(0)), later)

    assert runner.ran == ["p-1-s000-1"]
    assert left == [StepStatus.RUNNING]
    assert (done.done, later.ran) == (1, [])


def test_job_that_came_to_its_end_though_its_reply_was_lost_is_not_submitted_again(target: Deployment) -> None:
    runner = Scripted(errors={"s000": [RESET]}, outcomes={"p-1-s000-1": ()})

    applied(target, a_plan(a_step(0)), runner)

    assert runner.ran == ["p-1-s000-1"]
    assert [(record.status, record.attempts) for record in target.state.steps(a_plan().id)] == [(StepStatus.DONE, 1)]


def test_failed_step_stops_only_what_needs_it(target: Deployment) -> None:
    plan = a_plan(a_step(0), a_step(1), a_step(2, 0), a_step(3, 1), a_step(4, 2, 3))
    runner = Scripted(errors={"s000": [FULL]})

    with pytest.raises(ChrononError, match="CHR-K003"):
        applied(target, plan, runner)
    first = list(runner.ran)
    again = applied(target, plan, runner)

    assert first == ["p-1-s000-1", "p-1-s001-1", "p-1-s003-1"]
    assert runner.ran[3:] == ["p-1-s000-2", "p-1-s002-1", "p-1-s004-1"]
    assert (again.done, again.skipped) == (3, 2)


def test_several_failures_are_told_together(target: Deployment) -> None:
    broken = ChrononError("CHR-R011", "cannot read a.parquet")
    runner = Scripted(errors={"s000": [FULL], "s001": [broken]})

    with pytest.raises(ChrononError) as caught:
        applied(target, a_plan(a_step(0), a_step(1), a_step(2, 1)), runner)

    assert str(caught.value).startswith("CHR-R090 2 steps failed; 1 that wait for them did not begin")
    assert "join shop.join_0: CHR-K003 the disk is full" in caught.value.message
    assert "join shop.join_1: CHR-R011 cannot read a.parquet" in caught.value.message


def test_bug_of_ours_is_told_before_mistakes_of_users(target: Deployment) -> None:
    runner = Scripted(errors={"s000": [FULL], "s001": [InvariantError("some-law", "broken")]})

    with pytest.raises(InvariantError, match="some-law"):
        applied(target, a_plan(a_step(0), a_step(1)), runner)


def test_so_many_steps_run_beside_each_other_and_no_more(target: Deployment) -> None:
    together, lock = threading.Barrier(3), threading.Lock()
    running: Counter[str] = Counter()
    most = 0

    def during(_step: Step, _tell: Tell) -> None:
        nonlocal most
        with lock:
            running["now"] += 1
            most = max(most, running["now"])
        together.wait(timeout=20)
        with lock:
            running["now"] -= 1

    applied(target, a_plan(*map(a_step, range(6))), Scripted(during=during), parallelism=3)

    assert most == 3


def test_steps_that_take_time_are_journaled_when_they_begin(target: Deployment) -> None:
    begun: list[int] = []
    plan = a_plan(*map(a_step, range(6)))

    def during(_step: Step, _tell: Tell) -> None:
        records = target.state.steps(plan.id)
        begun.append(sum(record.status is StepStatus.RUNNING for record in records))
        threading.Event().wait(0.03)

    applied(target, plan, Scripted(during=during), parallelism=1)

    assert begun == [1] * 6


def test_quick_steps_are_journaled_together(tmp_path: Path) -> None:
    class Counting(SqliteFile):
        transactions = 0

        @contextmanager
        def writing(self) -> Iterator[Any]:
            Counting.transactions += 1
            with super().writing() as connection:
                yield connection

    n_steps = 1000
    with a_target(tmp_path, SqlState(Counting(tmp_path / "state.db"))) as target:
        world = World(runner=lambda *_: Scripted(), clock=lambda: 1000.0)  # nothing takes any time
        apply_plan(target, a_plan(*map(a_step, range(n_steps))), holder="ann", observer=Silent(), world=world)

        assert Counting.transactions < n_steps / 2
        assert target.state.verify_log() is None


def test_apply_when_interrupted_stops_what_runs_and_gives_the_lock_back(target: Deployment) -> None:
    stopped = threading.Event()

    def during(_step: Step, tell: Tell) -> None:
        try:
            while True:
                tell("working")
                threading.Event().wait(0.01)
        except StoppedError:
            stopped.set()
            raise

    class Impatient(Silent):
        def __getattr__(self, _name: str) -> Any:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        applied(target, a_plan(a_step(0), a_step(1)), Scripted(during=during), Impatient(), parallelism=2)

    assert stopped.wait(timeout=10)
    assert target.state.holder() is None
    assert applied(target, a_plan(a_step(0), a_step(1)), Scripted()).done == 2


def test_resumed_apply_asks_about_what_was_begun_before_it_submits_anything(target: Deployment) -> None:
    plan = a_plan(a_step(0), a_step(1), a_step(2))
    lease = target.state.acquire("bob", lease_s=60, now=0.0)
    target.state.begin(lease, plan.id, to_json(plan), 0, 0.0)
    for step in plan.steps[:2]:
        target.state.record(lease, plan.id, [Started(step=step.id, at=0.0)])
    target.state.release(lease)
    runner = Scripted(outcomes={"p-1-s000-1": ()})

    done = applied(target, plan, runner)

    assert done.done == 3
    assert runner.asked == ["p-1-s000-1", "p-1-s001-1"]
    assert runner.ran == ["p-1-s001-1", "p-1-s002-1"]
