"""Runs the steps of a plan in an order in which they can run, and journals what happens to them.

An attempt is journaled before it is submitted, and what it made when it has ended. Between two writes of the journal
whatever happened meanwhile is collected: while one write is on its way to the disk, more steps end, and the next write takes all
of them. As long as steps are over in less time than such a write, ever more attempts are journaled ahead of their submission:
a step of an hour is journaled when it begins, and steps of a millisecond by the hundred.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from heapq import heappop, heappush
from typing import assert_never

from chronon.model.errors import ChrononError, InvariantError
from chronon.model.plan import Plan, Step, StepId
from chronon.runners.failures import Retries, is_transient
from chronon.runners.front import Front
from chronon.runners.hands import Began, Broke, Ended, Event, Hands, Said, Task
from chronon.runners.measuring import run_of
from chronon.runners.observer import Observer
from chronon.runners.runner import Runner, job_of
from chronon.stores.state.contract import Done, Failed, Lease, Started, StateStore, Transition

_FEW = 16
"""Plans of so many steps are done in their own order, a write for each: what is saved is not felt."""

_AHEAD = 256
"""The most attempts that are journaled and not yet over: what a crash makes the next apply ask the engine about."""

_QUICK_S = 0.02
"""About what a write to the disk takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """The record of one plan, for who holds the lease."""

    state: StateStore
    lease: Lease
    plan: Plan
    retries: Retries
    sleep: Callable[[float], None]

    def record(self, transitions: Iterable[Transition]) -> Mapping[StepId, int]:
        """See StateStore. Recording the same again is harmless, so a store that does not answer is asked again."""
        written, failures = tuple(transitions), 0
        while True:
            try:
                return self.state.record(self.lease, self.plan.id, written)
            except ChrononError as error:
                failures += 1
                if failures > self.retries.limit or not is_transient(error):
                    raise
            self.sleep(self.retries.pause_s(failures))


@dataclass(slots=True, kw_only=True)
class Schedule:
    """The steps of a plan on their way, used by the thread that applies.

    asked:  attempts that an interrupted apply had journaled: what became of them is asked before they are submitted.
    failed: steps that failed for good, in the order in which they did.

    An attempt that failed in a way that passes is asked about too, after a pause: its job may have come to its end all the
    same. Only when nobody knows it, it is recorded as failed and another one is journaled. Where no answer is to be had, it
    stays as it is, and the next apply asks.

    _later:   steps that pause, by the end of the pause.  _unknown: attempts that were asked about, and nobody knows them.
    _suspect: how attempts ended that are going to be asked about.  _untold: what is told once it is recorded.
    _ahead:   how many attempts may be journaled and not over.
    """

    journal: Journal
    front: Front
    runner: Runner
    hands: Hands
    observer: Observer
    parallelism: int
    clock: Callable[[], float]
    asked: dict[StepId, int]
    done: int = 0
    failed: list[tuple[Step, ChrononError]] = field(default_factory=list)
    _places: dict[StepId, int] = field(init=False)
    _running: set[StepId] = field(default_factory=set)
    _shown: set[StepId] = field(default_factory=set)
    _failures: dict[StepId, int] = field(default_factory=dict)
    _later: list[tuple[float, int, Step]] = field(default_factory=list)
    _unknown: list[Task] = field(default_factory=list)
    _suspect: dict[StepId, Ended] = field(default_factory=dict)
    _ended: list[Ended] = field(default_factory=list)
    _untold: list[Callable[[], None]] = field(default_factory=list)
    _ahead: int = field(init=False)

    def __post_init__(self) -> None:
        self._places = {step.id: place for place, step in enumerate(self.journal.plan.steps, start=1)}
        self._ahead = self.parallelism

    def run(self) -> None:
        """Until no step can begin any more: all are done, or wait for one that failed. Errors: those of the state store."""
        while True:
            self._begin(self._next())
            if not self._running and not self._later:
                return
            for event in self.hands.events(self._patience_s()):
                self._heard(event)

    def _next(self) -> list[Step]:
        """The steps that go on or begin now: those whose pause is over first, then what the plan has next."""
        room = self._ahead - len(self._running) - len(self._unknown)
        steps: list[Step] = []
        while self._later and self._later[0][0] <= self.clock() and len(steps) < room:
            steps.append(heappop(self._later)[2])
        return steps + self.front.take(max(room - len(steps), 0))

    def _patience_s(self) -> float | None:
        return max(0.0, self._later[0][0] - self.clock()) if self._later else None

    def _begin(self, steps: list[Step]) -> None:
        """One write of the journal: what ended since the last one, and what begins after it. Then it begins."""
        ended, self._ended = self._ended, []
        unknown, self._unknown = self._unknown, []
        tasks = [self._task(step, self.asked.pop(step.id), is_asked=True) for step in steps if step.id in self.asked]
        fresh = [step for step in steps if step.id not in {task.step.id for task in tasks}]
        for task in unknown:
            if failed := self._suspect.pop(task.step.id, None):
                ended.append(failed)
                fresh.append(task.step)
            else:
                tasks.append(replace(task, is_asked=False))  # submitted under its id, whoever else may still do so
        attempts = self._journal(ended, fresh)
        self._told(ended)
        tasks += [self._task(step, attempts[step.id], is_asked=False) for step in fresh]
        for task in tasks:
            self._running.add(task.step.id)
            self.hands.give(task)

    def _task(self, step: Step, attempt: int, *, is_asked: bool) -> Task:
        job = job_of(self.journal.plan.id, step.id, attempt)
        return Task(step=step, attempt=attempt, job=job, is_asked=is_asked)

    def _journal(self, ended: list[Ended], fresh: list[Step]) -> Mapping[StepId, int]:
        transitions = [self._transition(each) for each in ended]
        transitions += [Started(step=step.id, at=self.clock()) for step in fresh]
        return self.journal.record(transitions) if transitions else {}

    def _told(self, ended: list[Ended]) -> None:
        """Only now is told what happened, in the order in which it did, and what attempts left behind can go."""
        told, self._untold = self._untold, []
        for tell in told:
            tell()
        for each in ended:
            self.runner.settle(each.task.step, each.task.job)
        if ended:
            is_worth_it = len(self._places) > _FEW and all(each.at - each.began < _QUICK_S for each in ended)
            self._ahead = min(2 * self._ahead, max(self.parallelism, _AHEAD)) if is_worth_it else self.parallelism

    def _heard(self, event: Event) -> None:
        match event:
            case Began():
                if event.step.id not in self._shown:
                    self._shown.add(event.step.id)
                    place, total = self._places[event.step.id], len(self._places)
                    self._untold.append(partial(self.observer.started, event.step, place, total))
            case Said():
                self._untold.append(partial(self.observer.progress, event.step, event.text))
            case Ended():
                self._over(event)
            case Broke():
                raise event.cause
            case _:
                assert_never(event)

    def _over(self, ended: Ended) -> None:
        step = ended.task.step
        self._running.discard(step.id)
        if ended.outcome is None:
            self._nobody_knows(ended.task)
        elif isinstance(ended.outcome, ChrononError):
            self._went_wrong(ended, ended.outcome)
        else:
            self.done += 1
            self._suspect.pop(step.id, None)
            self._ended.append(ended)
            self.front.done(step.id)
            self._untold.append(partial(self.observer.finished, step, ended.outcome, ended.at - ended.began))

    def _nobody_knows(self, task: Task) -> None:
        failed = self._suspect.get(task.step.id)
        if failed and isinstance(failed.outcome, ChrononError) and self._is_tired(task.step):
            self._ended.append(self._suspect.pop(task.step.id))
            self._give_up(task.step, failed.outcome)
        else:
            self._unknown.append(task)

    def _went_wrong(self, ended: Ended, error: ChrononError) -> None:
        step = ended.task.step
        self._failures[step.id] = self._failures.get(step.id, 0) + 1
        if not is_transient(error):
            self._ended.append(ended)
            self._give_up(step, error)
        elif ended.task.is_asked and self._is_tired(step):
            self._give_up(step, error)
        else:
            self._ask_later(ended, error)

    def _ask_later(self, ended: Ended, error: ChrononError) -> None:
        step, failures, pause = ended.task.step, self._failures[ended.task.step.id], 0.0
        if not self._is_tired(step):
            pause = self.journal.retries.pause_s(failures)
            self._shown.discard(step.id)
            self._untold.append(partial(self.observer.retried, step, error, failures + 1, pause))
        self._suspect[step.id] = ended
        self.asked[step.id] = ended.task.attempt
        heappush(self._later, (self.clock() + pause, self._places[step.id], step))

    def _is_tired(self, step: Step) -> bool:
        """Whether a step has failed so often that it is not tried again by this apply."""
        return self._failures.get(step.id, 0) > self.journal.retries.limit

    def _give_up(self, step: Step, error: ChrononError) -> None:
        self.failed.append((step, error))
        self._untold.append(partial(self.observer.failed, step, error))

    def _transition(self, ended: Ended) -> Transition:
        step, outcome = ended.task.step, ended.outcome
        match outcome:
            case None:
                raise InvariantError("ended-step", f"step {step.id} ended without an outcome")
            case ChrononError():
                return Failed(step=step.id, error=str(outcome), at=ended.at, attempt=ended.task.attempt)
            case _:
                read = self.runner.read(ended.task.job)
                run = run_of(step, outcome, read, ended.at - ended.began) if read else None
                return Done(
                    step=step.id,
                    job=step.job,
                    output=outcome,
                    at=ended.at,
                    attempt=ended.task.attempt,
                    began=ended.began,
                    run=run,
                )
