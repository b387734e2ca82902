"""Applies in processes of their own, which meet on one target.

    python racing.py race <state> <folder> <rounds>    apply one plan after another, as fast as the other process lets it
    python racing.py pause <state> <folder>            stand still before the fourth job, until somebody lets it go on
    python racing.py later <state> <folder>            on another host, two minutes later

The last line on standard output is JSON: how each attempt ended, by exit code.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from apply_world import Recording, Silent, a_plan, a_target, a_web, submitted

from chronon.cli.exits import ExitCode, exit_of
from chronon.model.errors import ChrononError
from chronon.model.jobs import Output
from chronon.model.plan import Plan, Step
from chronon.runners.apply import Manner, World, apply_plan
from chronon.runners.runner import JobId, Tell
from chronon.stores.kv import open_kv
from chronon.stores.state import open_state

sys.path.append(str(Path(__file__).parents[1] / "line"))
from inline import Inline

N_STEPS = 8
PLAN = a_plan(*a_web(N_STEPS, seed=3))


class Cluster(Recording):
    """Takes each job once, by its id, whoever submits it. paused: the job before which this process stands still."""

    def __init__(self, log: Path, paused: int = 0) -> None:
        super().__init__(log)
        self._left = paused

    def run(self, _step: Step, job: JobId, tell: Tell) -> Output:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGSTOP)
        with self.log.open("a") as log:
            fcntl.flock(log, fcntl.LOCK_EX)
            if job not in submitted(self.log):
                log.write(f"{job}\n")
                log.flush()
        tell("submitted")
        return ()


def applied(plan: Plan, address: str, folder: Path, world: World, host: str = "here") -> str:
    """How an apply ended: the exit code of the command, and the code of what it said."""
    state: Any = open_state(address)
    with a_target(folder / host, state, open_kv(f"lmdb:{folder}/kv")) as target:
        try:
            apply_plan(
                target, plan, holder=f"{host} pid {os.getpid()}", observer=Silent(), manner=Manner(), world=world
            )
        except ChrononError as error:
            return f"{int(exit_of(error))} {error.code}"
    return str(int(ExitCode.DONE))


def race(address: str, folder: Path, rounds: int) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    world = World(runner=lambda *_: Recording(folder / "jobs"))
    for number in range(rounds):
        plan = a_plan(*a_web(N_STEPS, seed=number), name=f"p-{number}", base=number * (N_STEPS + 1))
        while True:
            outcome = applied(plan, address, folder, world)
            outcomes[outcome] += 1
            if outcome in {"0", "4 CHR-K012"}:
                break
    return outcomes


def main(what: str, address: str, folder: Path, rounds: int) -> None:
    match what:
        case "race":
            outcomes = race(address, folder, rounds)
        case "pause":
            # In the applying thread: a process that stands still in the middle of a transaction would keep SQLite's lock.
            world = World(runner=lambda *_: Cluster(folder / "jobs", paused=4), hands=Inline)
            outcomes = Counter([applied(PLAN, address, folder, world, "paused")])
        case "later":
            world = World(runner=lambda *_: Cluster(folder / "jobs"), clock=lambda: time.time() + 120)
            outcomes = Counter([applied(PLAN, address, folder, world, "later")])
        case _:
            raise AssertionError(what)
    print(json.dumps(outcomes))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
