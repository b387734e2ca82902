"""A target without data, a plan of steps that compute nothing, and a runner that writes down what is submitted to it.

What an apply promises about its journal, its lock and what it publishes does not depend on what jobs do, so these do nothing.
"""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chronon.model.dayset import DaySet
from chronon.model.jobs import DerivationJob, Digest, Output
from chronon.model.names import Kind, ObjectId, ObjectName
from chronon.model.plan import Plan, PlanId, Step, StepId
from chronon.model.state import Snapshot
from chronon.model.time import Day
from chronon.runners.deployment import Deployment
from chronon.runners.runner import JobId, Tell
from chronon.stores.kv import open_kv
from chronon.stores.kv.contract import KvStore
from chronon.stores.state import open_state
from chronon.stores.state.contract import StateStore
from chronon.stores.tables.sources import SourceTables
from chronon.stores.tables.warehouse import Warehouse

LEFT = Digest("1ef7")


def a_job(number: int) -> DerivationJob:
    columns = ((Digest(f"{number:08x}"), f"c{number}"),)
    return DerivationJob(left=LEFT, derivations=(), columns=columns, inputs={}, input_types=(), days=DaySet.span(1, 5))


def a_step(number: int, *needs: int) -> Step:
    return Step(
        id=StepId(f"s{number:03}"),
        object=ObjectId(Kind.JOIN, ObjectName("shop", f"join_{number}"), 1),
        job=a_job(number),
        needs=tuple(StepId(f"s{need:03}") for need in needs),
        reason="because",
    )


def a_plan(*steps: Step, name: str = "p-1", base: int = 0) -> Plan:
    return Plan(
        id=PlanId(name),
        environment="prod",
        base_serial=base,
        as_of=Day(5),
        revision="",
        changes=(),
        gates=(),
        steps=steps,
        gaps=(),
        snapshots=(a_snapshot(name),),
        untouched=0,
    )


def a_snapshot(name: str) -> Snapshot:
    return Snapshot(
        id=ObjectId(Kind.GROUP_BY, ObjectName("shop", "user"), 1),
        fingerprint=Digest(name),
        columns={},
        metadata=Digest("3e"),
        definition="{}",
        origin="teams/shop/group_bys/user.yaml",
    )


def a_web(n_steps: int, seed: int) -> tuple[Step, ...]:
    """Steps that need up to three of those before them; some need none."""
    chance = random.Random(seed)
    return tuple(
        a_step(number, *chance.sample(range(number), min(number, chance.randrange(4)))) for number in range(n_steps)
    )


@contextmanager
def a_target(home: Path, state: StateStore | None = None, kv: KvStore | None = None) -> Iterator[Deployment]:
    home.mkdir(parents=True, exist_ok=True)
    state = state or open_state(f"sqlite:{home}/state.db")
    kv = kv or open_kv(f"lmdb:{home}/kv")
    try:
        yield Deployment(
            home=home,
            state=state,
            kv=kv,
            warehouse=Warehouse(home / "warehouse"),
            tables=SourceTables(home / "tables"),
            streams=home / "streams",
            engine=no_engine,
        )
    finally:
        state.close()
        kv.close()


def no_engine() -> Any:
    raise AssertionError("nothing here computes anything")


class Silent:
    """An observer that sees nothing."""

    def __getattr__(self, _name: str) -> Any:
        return lambda *_arguments: None


class Recording:
    """A runner like a cluster: it keeps a list of what was submitted, which outlives whoever submits."""

    def __init__(self, log: Path) -> None:
        self.log, self._lock = log, threading.Lock()

    def find(self, _step: Step, job: JobId) -> Output | None:
        return () if job in submitted(self.log) else None

    def ready(self, _step: Step, _tell: Tell) -> None:
        """Nothing has to be started."""

    def run(self, _step: Step, job: JobId, _tell: Tell) -> Output:
        with self._lock, self.log.open("a") as log:
            log.write(f"{job}\n")
            log.flush()
            os.fsync(log.fileno())
        return ()

    def read(self, _job: JobId) -> None:
        return None

    def settle(self, _step: Step, _job: JobId) -> None:
        """Nothing is left behind."""

    def close(self) -> None:
        """Nothing keeps running."""


def submitted(log: Path) -> list[str]:
    """The ids of the jobs in the order of their submission."""
    return log.read_text().split() if log.exists() else []


def steps_of(jobs: list[str]) -> list[str]:
    return [job.rpartition("-")[0] for job in jobs]
