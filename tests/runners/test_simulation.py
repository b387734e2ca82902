"""Applies that are killed, stand still, meet each other and lose replies, thousands of times: what must hold, holds.

300 seeds in each run, others in each commit; CHRONON_SIMULATION says how many, CHRONON_SEED which. Then the faults that the
simulation has to see: without a fence, with work before its journal, and without asking the engine.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from apply_simulation import Simulation, WatchedRunner

from chronon.model.plan import StepId
from chronon.runners.schedule import Journal
from chronon.stores.kv import KvStore
from chronon.stores.state import Started, Transition

SEEDS = int(os.environ.get("CHRONON_SIMULATION", "300"))


def revision() -> int:
    """A number that is another one in each commit; 0 outside git."""
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short=8", "HEAD"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return int(found.stdout, 16) if found.returncode == 0 else 0


FIRST = int(os.environ.get("CHRONON_SEED", revision()))


def simulated(seed: int) -> Simulation:
    memory = Path("/dev/shm")  # noqa: S108 - the folder in it is ours
    folder = Path(tempfile.mkdtemp(dir=memory if os.access(memory, os.W_OK) else None))
    simulation = Simulation(seed, folder)
    try:
        simulation.run()
    finally:
        shutil.rmtree(folder)
    return simulation


def test_applies_in_any_order_with_any_fault_publish_once_lose_nothing_and_do_nothing_twice() -> None:
    outcomes: Counter[str] = Counter()
    for seed in range(FIRST, FIRST + SEEDS):
        simulation = simulated(seed)
        assert not simulation.wrong, f"seed {seed}: {simulation.wrong}"
        outcomes += simulation.outcomes

    assert outcomes.keys() >= {"applied", "killed", "CHR-K010", "CHR-K011", "CHR-K013", "CHR-K124"}, outcomes
    assert outcomes["applied"] > SEEDS // 3


def test_same_seed_gives_the_same_history() -> None:
    first, second = simulated(4711), simulated(4711)

    assert first.cluster == second.cluster
    assert first.outcomes == second.outcomes
    assert first.now == second.now


def without_a_check_of_the_lease(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("chronon.stores.state.store.check_lease", lambda *_: None)


def without_a_fence_before_the_values(patch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def open_field(kv: KvStore, *_others: Any) -> Iterator[KvStore]:
        yield kv

    patch.setattr("chronon.runners.apply.fenced", open_field)


def with_work_before_its_journal(patch: pytest.MonkeyPatch) -> None:
    record = Journal.record

    def late(journal: Journal, transitions: Sequence[Transition]) -> Mapping[StepId, int]:
        started = {each.step: 1 for each in transitions if isinstance(each, Started)}
        for each in transitions:
            if not isinstance(each, Started):
                record(journal, [Started(step=each.step, at=each.at), each])
        return started

    patch.setattr(Journal, "record", late)


def without_asking_the_engine(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(WatchedRunner, "find", lambda *_: None)


@pytest.mark.parametrize(
    "fault",
    [
        without_a_check_of_the_lease,
        without_a_fence_before_the_values,
        with_work_before_its_journal,
        without_asking_the_engine,
    ],
)
def test_simulation_sees_a_planted_fault(fault: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    fault(monkeypatch)

    assert any(simulated(seed).wrong for seed in range(100))
