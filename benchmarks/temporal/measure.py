"""What a contestant costs: seconds by the clock and of processors, and memory; and how a comparison is shown."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds by the clock, and of processors over all threads: the second hardly depends on what else runs."""

    wall: float
    cpu: float


def timed(*runs: Callable[[], object], repeat: int = 3) -> list[Cost]:
    """Of every run the medians by the clock and of processors; the runs take turns."""
    taken: list[list[Cost]] = [[] for _ in runs]
    for _ in range(repeat):
        for run, mine in zip(runs, taken, strict=True):
            begin, cpu = time.perf_counter(), time.process_time()
            run()
            mine.append(Cost(time.perf_counter() - begin, time.process_time() - cpu))
    middle = repeat // 2
    return [Cost(sorted(c.wall for c in mine)[middle], sorted(c.cpu for c in mine)[middle]) for mine in taken]


def peak_megabytes(run: Callable[[], object]) -> float | None:
    """The most memory that the process holds while it runs, beyond what it held before; None where nobody tells."""
    status, reset = Path("/proc/self/status"), Path("/proc/self/clear_refs")
    try:
        reset.write_text("5")
        before = _megabytes(status.read_text(), "VmRSS")
        run()
        return _megabytes(status.read_text(), "VmHWM") - before
    except OSError:
        return None


def _megabytes(status: str, name: str) -> float:
    return int(status.split(f"{name}:")[1].split(maxsplit=1)[0]) / 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One comparison. work: rows that ours takes in `ours`; goal: the ratio by the clock that it should reach."""

    case: str
    ours: Cost
    work: int = 0
    peer: Cost | None = None
    peer_name: str = ""
    goal: float | None = None
    agrees: bool = True

    @property
    def ratio(self) -> float | None:
        """How many times better ours is by the clock."""
        return self.peer.wall / self.ours.wall if self.peer else None


HEAD = (
    f"{'case':<34}{'peer':<28}{'peer s':>15}{'ours s':>15}{'rows/s':>13}{'ratio':>14}{'goal':>6}  agrees\n"
    f"{'':<62}{'clock / cpu':>15}{'clock / cpu':>15}{'':>13}{'clock / cpu':>14}"
)


def as_json(result: Result) -> str:
    fact = {"case": result.case, "ours": result.ours.wall, "peer": result.peer.wall if result.peer else None}
    fact |= {"peer_name": result.peer_name or None, "unit": "s", "ratio": result.ratio, "agrees": result.agrees}
    more = {"ours_cpu": result.ours.cpu, "peer_cpu": result.peer.cpu if result.peer else None}
    return json.dumps(fact | more | {"rows_per_second": result.work / result.ours.wall if result.work else None})


def as_line(result: Result) -> str:
    theirs = f"{result.peer.wall:.2f} / {result.peer.cpu:.2f}" if result.peer else ""
    mine = f"{result.ours.wall:.2f} / {result.ours.cpu:.2f}"
    ratio = f"{result.ratio:.2f} / {result.peer.cpu / result.ours.cpu:.2f}" if result.peer else ""
    rate = f"{result.work / result.ours.wall:,.0f}" if result.work else ""
    goal = "" if result.goal is None else f"{result.goal:.2g}"
    line = f"{result.case:<34}{result.peer_name:<28}{theirs:>15}{mine:>15}{rate:>13}{ratio:>14}{goal:>6}"
    return f"{line}  {'yes' if result.agrees else 'NO'}"
