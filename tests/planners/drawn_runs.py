"""Runs that nobody made: drawn from a law that is known, so that what is foretold from some can be held against the next one."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from chronon.model.sizes import Run, Size, Work
from chronon.planners.durations import duration_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """A fixed start, a time for a row, and how far runs lie off that: standard deviations of logarithms, of seconds and of volumes.

    slow:   the share of runs that take three times as long, as when a process has just begun.
    slower: by how much each run takes longer than the one before, as on a machine that gets busier.
    """

    start_s: float
    row_s: float = 1e-5
    rows: int = 100_000
    spread: float = 0.3
    uneven: float = 0.0
    slow: float = 0.0
    slower: float = 0.0

    def run(self, chance: random.Random, number: int) -> Run:
        """One more, that so many come before."""
        rows = round(self.rows * chance.lognormvariate(0, self.uneven))
        seconds = (self.start_s + rows * self.row_s) * chance.lognormvariate(0, self.spread)
        seconds *= (1 + self.slower) ** number
        if chance.random() < self.slow:
            seconds *= 3
        return a_run(rows, seconds)


LAWS = {
    "rows alone": Law(start_s=0.0),
    "rows alone, calm": Law(start_s=0.0, spread=0.1),
    "rows alone, wild": Law(start_s=0.0, spread=0.6),
    "half start-up": Law(start_s=1.0, uneven=0.7),
    "half start-up, calm": Law(start_s=1.0, uneven=0.7, spread=0.1),
    "half start-up, wild": Law(start_s=1.0, uneven=0.7, spread=0.6),
    "mostly start-up": Law(start_s=10.0, uneven=0.7),
    "uneven days": Law(start_s=0.0, uneven=0.7),
    "one in five is slow": Law(start_s=1.0, uneven=0.4, spread=0.2, slow=0.2),
    "each 1 % slower": Law(start_s=1.0, uneven=0.4, slower=0.01),
}


@dataclass(frozen=True, slots=True)
class Covered:
    """Of how many runs a time was told, and how many were done by p50 and by p90. wide: the middle one of p90 / p50."""

    told: int
    p50: int
    p90: int
    wide: float


def covered(law: Law, earlier: int, trials: int, seed: str) -> Covered:
    """Runs held against what so many earlier ones foretold."""
    chance = random.Random(seed)
    found = []
    for _ in range(trials):
        *runs, then = (law.run(chance, number) for number in range(earlier + 1))
        told = duration_of(runs[::-1], then.read.rows)
        if told:
            took = then.seconds * 1000
            found.append((took <= told.p50, took <= told.p90, told.p90 / told.p50))
    wide = sorted(each[2] for each in found)[len(found) // 2]
    return Covered(len(found), sum(each[0] for each in found), sum(each[1] for each in found), wide)


def a_run(rows: int, seconds: float) -> Run:
    """A run of so many rows."""
    return Run(work=Work("w"), seconds=seconds, read=Size(rows=rows), written=Size())


def some_runs(pairs: Sequence[tuple[int, float]]) -> list[Run]:
    """Runs of (rows, seconds)."""
    return [a_run(rows, seconds) for rows, seconds in pairs]
