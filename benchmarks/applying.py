"""Steps per second of an apply whose jobs do nothing: what lock, journal, log and schedule cost.

The state is a SQLite file on this disk, every write of it synchronous. The peer records the same steps one transition at a
time, as a journal without group commit does. Both must record every step, once, with a log that is whole. `--quick` takes seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from definitions.population import CONFIG

from chronon.loaders.config import load_config
from chronon.model.dayset import DaySet
from chronon.model.jobs import DerivationJob, Digest, Output
from chronon.model.names import Kind, ObjectId, ObjectName
from chronon.model.plan import Plan, PlanId, Step, StepId
from chronon.model.sizes import Size
from chronon.model.time import Day
from chronon.runners.apply import Manner, World, apply_plan
from chronon.runners.deployment import Deployment, open_deployment
from chronon.runners.engine import Engine
from chronon.runners.runner import JobId, Tell
from chronon.schemas.wire import to_json
from chronon.stores.state import Done, LogKind, Started, StateStore

GOAL = 1_000
LEFT = Digest("1ef7")


@dataclass(frozen=True, slots=True)
class Rate:
    """Steps per second by the clock, and processor seconds of all of them."""

    steps_per_s: float
    cpu_s: float


class Null:
    """A runner whose jobs are done when they are submitted, and have made nothing."""

    def find(self, _step: Step, _job: JobId) -> Output | None:
        return None

    def ready(self, _step: Step, _tell: Tell) -> None:
        """Nothing has to be started."""

    def run(self, _step: Step, _job: JobId, _tell: Tell) -> Output:
        return ()

    def read(self, _job: JobId) -> Size | None:
        return None

    def settle(self, _step: Step, _job: JobId) -> None:
        """Nothing is left behind."""

    def close(self) -> None:
        """Nothing keeps running."""


class Silent:
    """An observer that sees nothing."""

    def __getattr__(self, _name: str) -> Any:
        return lambda *_arguments: None


def a_plan(n_steps: int, chain: int) -> Plan:
    """Chains of so many steps, each of which needs the one before it; with 1 every step is by itself."""
    steps = tuple(a_step(number, (number - 1,) if number % chain else ()) for number in range(n_steps))
    return Plan(
        id=PlanId("p-1"),
        environment="prod",
        base_serial=0,
        as_of=Day(5),
        revision="",
        changes=(),
        gates=(),
        steps=steps,
        gaps=(),
        snapshots=(),
        untouched=0,
    )


def a_step(number: int, needs: tuple[int, ...]) -> Step:
    columns = ((Digest(f"{number:032x}"), "c"),)
    days = DaySet.span(1, 5)
    job = DerivationJob(left=LEFT, derivations=(), columns=columns, inputs={}, input_types=(), days=days)
    return Step(
        id=StepId(f"{number:024x}"),
        object=ObjectId(Kind.JOIN, ObjectName("team", f"join_{number}"), 1),
        job=job,
        needs=tuple(StepId(f"{need:024x}") for need in needs),
        reason="",
    )


def no_engine() -> Engine:
    raise AssertionError("a null runner needs no engine")


@contextmanager
def a_target() -> Iterator[Deployment]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "chronon.yaml").write_text(CONFIG, encoding="utf-8")
        config, found = load_config(root)
        if config is None:
            sys.exit(str(found))
        with open_deployment(config) as deployment:
            yield replace(deployment, engine=no_engine)


def apply_rate(n_steps: int, *, chain: int = 1, parallelism: int = 1) -> Rate:
    """Of a whole apply: from the lock to what is published."""
    plan, world = a_plan(n_steps, chain), World(runner=lambda *_: Null())
    with a_target() as target:
        begun, cpu = time.perf_counter(), time.process_time()
        apply_plan(target, plan, holder="bench", observer=Silent(), manner=Manner(parallelism=parallelism), world=world)
        rate = Rate(n_steps / (time.perf_counter() - begun), time.process_time() - cpu)
        check(target.state, n_steps)
    return rate


def naive_rate(n_steps: int) -> Rate:
    """Two transactions a step."""
    plan = a_plan(n_steps, 1)
    with a_target() as target:
        begun, cpu = time.perf_counter(), time.process_time()
        lease = target.state.acquire("bench", lease_s=600, now=time.time())
        target.state.begin(lease, plan.id, to_json(plan), 0, time.time())
        for step in plan.steps:
            target.state.record(lease, plan.id, [Started(step=step.id, at=time.time())])
            target.state.record(lease, plan.id, [Done(step=step.id, job=step.job, output=(), at=time.time())])
        target.state.finish(lease, plan.id, plan.environment, (), time.time())
        rate = Rate(n_steps / (time.perf_counter() - begun), time.process_time() - cpu)
        check(target.state, n_steps)
    return rate


def check(state: StateStore, n_steps: int) -> None:
    """Every step is journaled and done, once, and the log is whole."""
    kinds = Counter(line.kind for line in state.log(10 * n_steps))
    recorded = (kinds[LogKind.STEP_STARTED], kinds[LogKind.STEP_DONE], len(state.read().computed))
    if recorded != (n_steps, n_steps, n_steps) or state.verify_log() is not None:
        sys.exit(f"the answers differ: {recorded}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a thousand steps")
    parser.add_argument("--json", action="store_true", help="one JSON object a case")
    options = parser.parse_args()
    n_steps = 1_000 if options.quick else 10_000
    naive = naive_rate(n_steps // 20)
    if not options.json:
        print(f"{n_steps:,} steps; {os.cpu_count()} cores, load before the run {os.getloadavg()[0]:.1f}")
        print(
            f"{'case':28} {'steps/s':>8} {'cpu ms/step':>12} {'goal':>6}   {'a commit per transition':>24} {'ratio':>6}"
        )
    for case, found in {
        "apply": apply_rate(n_steps),
        "apply, 4 at once": apply_rate(n_steps, parallelism=4),
        "apply, chains of 5": apply_rate(n_steps, chain=5),
    }.items():
        report(case, found, naive, n_steps, as_json=options.json)


def report(case: str, found: Rate, naive: Rate, n_steps: int, *, as_json: bool) -> None:
    ratio = found.steps_per_s / naive.steps_per_s
    if as_json:
        line = {"case": case, "ours": found.steps_per_s, "peer": naive.steps_per_s}
        more = {"peer_name": "a commit per transition", "unit": "steps/s", "ratio": ratio, "agrees": True}
        print(json.dumps(line | more | {"cpu_s": found.cpu_s, "goal": GOAL}))
        return
    cpu_ms = 1000 * found.cpu_s / n_steps
    print(
        f"{case:28} {found.steps_per_s:8,.0f} {cpu_ms:12.2f} {GOAL:6,}   {naive.steps_per_s:24,.0f} {ratio:6.1f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
