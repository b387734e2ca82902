"""Hands that are the applying thread itself: nothing happens beside anything else, so every moment comes in the same order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from chronon.runners.hands import Event, Task, do
from chronon.runners.runner import Runner


class Inline:
    """One task at a time. Every task takes a second by its own clock: nothing is journaled ahead because it is quick."""

    def __init__(self, _number: int, runner: Runner, clock: Callable[[], float]) -> None:
        self._runner, self._clock, self._seconds = runner, clock, 0.0
        self._tasks: deque[Task] = deque()

    def give(self, task: Task) -> None:
        self._tasks.append(task)

    def events(self, timeout_s: float | None) -> list[Event]:
        assert self._tasks, f"nothing to wait for, for {timeout_s} s"
        events: list[Event] = []
        do(self._runner, self._tasks.popleft(), events.append, self._now, lambda: False)
        return events

    def stop(self) -> None:
        self._tasks.clear()

    def _now(self) -> float:
        self._seconds += 1.0
        return self._clock() + self._seconds
