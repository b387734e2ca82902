"""Which steps of a plan can begin: those whose needs are done. Pure; knows no time and runs nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from heapq import heappop, heappush

from chronon.model.plan import Step, StepId


class Front:
    """The steps of a plan while they are done one after another, or beside each other.

    Laws: a step is taken once, after every step that it needs was done and in the plan's order where there is a choice;
    a step that failed takes back nothing but the steps that need it, directly or through others.
    """

    def __init__(self, steps: Iterable[Step], finished: Collection[StepId]) -> None:
        left = [(place, step) for place, step in enumerate(steps) if step.id not in finished]
        ids = {step.id for _place, step in left}
        self._ready: list[tuple[int, Step]] = []
        self._needs: dict[StepId, set[StepId]] = {}
        self._needed_by: dict[StepId, list[tuple[int, Step]]] = {}
        for place, step in left:
            needs = ids.intersection(step.needs)
            if not needs:
                heappush(self._ready, (place, step))
                continue
            self._needs[step.id] = needs
            for need in needs:
                self._needed_by.setdefault(need, []).append((place, step))

    def take(self, limit: int) -> list[Step]:
        """The next steps that can begin, at most so many."""
        return [heappop(self._ready)[1] for _ in range(min(limit, len(self._ready)))]

    def done(self, step: StepId) -> None:
        """Those that waited for this step alone can begin."""
        for place, waiting in self._needed_by.pop(step, ()):
            needs = self._needs[waiting.id]
            needs.discard(step)
            if not needs:
                del self._needs[waiting.id]
                heappush(self._ready, (place, waiting))

    def waiting(self) -> frozenset[StepId]:
        """The steps that cannot begin yet; once nothing runs any more, those that a failed step held back."""
        return frozenset(self._needs)
