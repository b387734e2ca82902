"""Who does the work of an apply: threads that take tasks, and tell what happens in one queue that the applying thread reads."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from chronon.model.errors import ChrononError
from chronon.model.jobs import Output
from chronon.model.plan import Step
from chronon.runners.runner import JobId, Runner, StoppedError

_STOP_S = 10.0
"""How long an interrupted apply waits for jobs to notice. What they still do then ends with the process, and is read by nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """An attempt to run, or (is_asked) to ask about, as it may have been submitted before."""

    step: Step
    attempt: int
    job: JobId
    is_asked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Began:
    """Work on a task begins."""

    step: Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A task says how far it is."""

    step: Step
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A task is over: with an output, an error, or neither when nobody knows the job that was asked about."""

    task: Task
    outcome: Output | ChrononError | None
    began: float
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Broke:
    """A bug: something that is no error of ours was raised."""

    cause: BaseException


Event = Began | Said | Ended | Broke
Put = Callable[[Event], None]


class Hands(Protocol):
    """Works on tasks, in the order in which they are given where there is a choice."""

    def give(self, task: Task) -> None:
        """One more task."""

    def events(self, timeout_s: float | None) -> list[Event]:
        """What happened since the last call: at least one event, unless that takes longer than the timeout."""

    def stop(self) -> None:
        """Nobody waits for tasks any more. Those that run end at their next word."""


def do(runner: Runner, task: Task, put: Put, clock: Callable[[], float], is_over: Callable[[], bool]) -> None:
    """Run one task, or ask about it, and tell how it goes."""

    def tell(text: str) -> None:
        if is_over():
            raise StoppedError
        put(Said(step=task.step, text=text))

    began = clock()
    put(Began(step=task.step))
    try:
        if task.is_asked:
            found = runner.find(task.step, task.job)
        else:
            runner.ready(task.step, tell)
            began = clock()
            found = runner.run(task.step, task.job, tell)
    except ChrononError as error:
        put(Ended(task=task, outcome=error, began=began, at=clock()))
    except BaseException as cause:  # noqa: BLE001 - the applying thread raises it again
        put(Broke(cause=cause))
    else:
        put(Ended(task=task, outcome=found, began=began, at=clock()))


class Threads:
    """Hands that are threads of this process. They live until they are stopped: children that they started end with them."""

    def __init__(self, number: int, runner: Runner, clock: Callable[[], float]) -> None:
        self._runner, self._clock = runner, clock
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._serve, name=f"step {n}", daemon=True) for n in range(number)]
        for thread in self._threads:
            thread.start()

    def give(self, task: Task) -> None:
        """See Hands."""
        self._tasks.put(task)

    def events(self, timeout_s: float | None) -> list[Event]:
        """See Hands."""
        found: list[Event] = []
        with suppress(queue.Empty):
            found.append(self._events.get(timeout=timeout_s))
            while True:
                found.append(self._events.get_nowait())
        return found

    def stop(self) -> None:
        """See Hands."""
        self._over.set()
        for _ in self._threads:
            self._tasks.put(None)
        for thread in self._threads:
            thread.join(timeout=_STOP_S)

    def _serve(self) -> None:
        while (task := self._tasks.get()) is not None and not self._over.is_set():
            do(self._runner, task, self._events.put, self._clock, self._over.is_set)
