"""Jobs of one Spark beside each other: the same files as one after another, and nothing that runs on when the apply ends."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import pytest

from chronon.cli.exits import ExitCode
from chronon.model.plan import Step
from chronon.runners.apply import Manner, apply_plan

LINE = str(Path(__file__).parents[1] / "line")
sys.path.insert(0, LINE)
try:
    import killed
finally:
    sys.path.remove(LINE)

pytestmark = pytest.mark.engine

CHRONON = Path(sys.executable).with_name("chronon")
MARK = "CHRONON_TEST_APPLY"
"""A variable that every process of an apply is born with."""


@dataclass
class Together(killed.Silent):
    """An observer that counts the steps that run."""

    running: int = 0
    most: int = 0
    lock: Lock = field(default_factory=Lock)

    def started(self, _step: Step, _place: int, _total: int) -> None:
        self.running += 1
        self.most = max(self.most, self.running)

    def finished(self, _step: Step, _output: object, _seconds: float) -> None:
        self.running -= 1


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A small repository for Spark, with three joins that do not need each other."""
    root = tmp_path / "shop"
    killed.write_repository(root)
    (root / "chronon.yaml").write_text("tables: data\ntargets:\n  spark: {engine: spark, home: home}\n")
    join = root / "teams/shop/joins/checkout.yaml"
    for name in ("basket", "visit"):
        text = join.read_text().replace("join: checkout", f"join: {name}").replace("online: true\n", "")
        (join.parent / f"{name}.yaml").write_text(text)
    return root


def test_steps_when_beside_each_other_then_files_are_those_of_one_after_another(shop: Path, tmp_path: Path) -> None:
    again = shutil.copytree(shop, tmp_path / "again")
    seen, files = {}, {}
    for root, at_once in ((shop, 1), (again, 3)):
        seen[at_once] = Together()
        with killed.deployed(root) as deployment:
            plan, manner = killed.planned(root, deployment, killed.NEW), Manner(parallelism=at_once)
            apply_plan(deployment, plan, holder="ann", observer=seen[at_once], manner=manner)
            files[at_once] = killed.file_digests(root / "home/warehouse/left"), killed.visible(deployment)

    assert (seen[1].most, seen[3].most) == (1, 3)
    assert files[1] == files[3]


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_apply_when_ended_in_the_middle_of_jobs_then_no_process_of_it_runs_on(shop: Path, sent: signal.Signals) -> None:
    mark = f"{MARK}={shop}"
    send = os.killpg if sent is signal.SIGINT else os.kill  # Ctrl-C reaches every process of a terminal
    command = [CHRONON, "apply", "--yes", "--parallelism", "3"]
    with subprocess.Popen(
        command,
        start_new_session=True,
        cwd=shop,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, MARK: str(shop)},
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "done" in line:  # Spark works, and on other steps, too
                break
        alive = born_with(mark)
        send(process.pid, sent)
        begun = time.monotonic()
        process.stderr.read()
        code = process.wait(timeout=60)
    took = time.monotonic() - begun
    while born_with(mark) and time.monotonic() < begun + 60:
        time.sleep(0.1)

    assert len(alive) >= 3, "an apply, its child, and a JVM"
    assert code == (-signal.SIGKILL if sent is signal.SIGKILL else ExitCode.INTERRUPTED)
    assert took < 20
    assert born_with(mark) == []


def born_with(mark: str) -> list[int]:
    """Processes whose environment holds a variable, but for those that have ended and were not waited for."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except (FileNotFoundError, PermissionError, ProcessLookupError):
            continue
    return found
