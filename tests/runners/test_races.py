"""Two processes that apply to one target: one wins, the other is told, and whoever comes back late changes nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from apply_world import steps_of, submitted
from racing import N_STEPS, PLAN

from chronon.stores.kv import open_kv
from chronon.stores.state import LogKind, PlanStatus, StepStatus, open_state

HERE = Path(__file__).parent
ROUNDS = int(os.environ.get("CHRONON_RACES", "8"))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.engine)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:{tmp_path}/state.db"
        return
    sys.path.insert(0, str(HERE.parent / "stores"))
    try:
        from postgres_server import running
    finally:
        sys.path.remove(str(HERE.parent / "stores"))
    with running() as server:
        yield server.address()


def start(what: str, address: str, folder: Path, rounds: int = 0) -> subprocess.Popen[str]:
    command = [sys.executable, HERE / "racing.py", what, address, folder, str(rounds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def outcomes_of(process: subprocess.Popen[str]) -> Counter[str]:
    said, trouble = process.communicate(timeout=120)
    assert process.returncode == 0, trouble[-3000:]
    return Counter(json.loads(said))


def test_applies_that_race_then_each_plan_has_one_winner_and_each_job_one_submission(
    address: str, tmp_path: Path
) -> None:
    racers = [start("race", address, tmp_path, ROUNDS) for _ in range(2)]
    outcomes = [outcomes_of(racer) for racer in racers]

    assert sum(each["0"] for each in outcomes) == ROUNDS
    assert {outcome for each in outcomes for outcome in each} <= {"0", "4 CHR-K012", "5 CHR-K010"}
    jobs = steps_of(submitted(tmp_path / "jobs"))
    assert sorted(jobs) == sorted(f"p-{number}-s{step:03}" for number in range(ROUNDS) for step in range(N_STEPS))
    state = open_state(address)
    assert state.read().serial == ROUNDS * (N_STEPS + 1)
    assert {plan.status for plan in state.history(ROUNDS + 1)} == {PlanStatus.APPLIED}
    assert state.verify_log() is None
    assert state.holder() is None
    state.close()


def test_holder_that_stood_still_past_its_lease_is_refused_and_changes_nothing(address: str, tmp_path: Path) -> None:
    paused = start("pause", address, tmp_path)
    os.waitid(os.P_PID, paused.pid, os.WSTOPPED | os.WNOWAIT)

    later = outcomes_of(start("later", address, tmp_path))
    state = open_state(address)
    before = state.read(), state.log(1000), values(tmp_path)
    paused.send_signal(signal.SIGCONT)
    late = outcomes_of(paused)
    after = state.read(), state.log(1000), values(tmp_path)

    assert later == {"0": 1}
    assert late == {"5 CHR-K013": 1}
    assert after == before
    assert sorted(steps_of(submitted(tmp_path / "jobs"))) == sorted(f"p-1-{step.id}" for step in PLAN.steps)
    assert {record.status for record in state.steps(PLAN.id)} == {StepStatus.DONE}
    assert [line.kind for line in before[1]].count(LogKind.FINISHED) == 1
    state.close()


def values(folder: Path) -> list[tuple[bytes, bytes]]:
    kv = open_kv(f"lmdb:{folder}/kv")
    try:
        return list(kv.scan(b""))
    finally:
        kv.close()
