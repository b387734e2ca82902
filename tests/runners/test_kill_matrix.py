"""An apply of fifty steps, killed at every write of its journal and every call of its runner: each job is submitted once.

The runner is like a cluster: what was submitted to it has its effect, whoever is killed. In CI a part of the moments, another
one in each commit; CHRONON_KILLS=all takes every one.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from apply_world import steps_of

HERE = Path(__file__).parent
IS_ALL = os.environ.get("CHRONON_KILLS") == "all"
N_STEPS = 50


def revision() -> int:
    """A number that is another one in each commit; 0 outside git."""
    command = ["git", "-C", str(HERE), "rev-parse", "--short=8", "HEAD"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return int(found.stdout, 16) if found.returncode == 0 else 0


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """In memory where that is possible: a killed process loses nothing that it wrote, whether it lies on a disk or not."""
    memory = Path("/dev/shm")  # noqa: S108 - the folder in it is ours
    made = Path(tempfile.mkdtemp(dir=memory if os.access(memory, os.W_OK) else tmp_path))
    yield made
    shutil.rmtree(made)


def kills(folder: Path, *arguments: object) -> list[dict[str, Any]]:
    command = [sys.executable, HERE / "kill_matrix.py", folder, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("parallelism", [1, 4])
def test_apply_when_killed_at_any_moment_then_the_next_one_submits_every_job_once(
    folder: Path, parallelism: int
) -> None:
    first, step, most = (1, 1, 10_000) if IS_ALL else (1 + revision() % 13, 13, 14)

    found = kills(folder, parallelism, first, step, most)

    killed = [kill for kill in found if kill["is_killed"]]
    assert len(killed) > (130 if IS_ALL else 6)
    for kill in found:
        where = f"killed {kill['label']} (moment {kill['moment']})"
        twice = [job for job, count in Counter(steps_of(kill["jobs"])).items() if count > 1]
        assert not twice, f"{where}: submitted twice"
        assert len(kill["jobs"]) == N_STEPS, f"{where}: jobs are missing"
        assert (kill["status"], kill["done"]) == ("applied", N_STEPS), where
        assert (kill["serial"], kill["published"]) == (N_STEPS + 1, N_STEPS), where
        assert (kill["log"], kill["holder"]) == ("None", "None"), where
    if IS_ALL:
        assert not found[-1]["is_killed"], "there are moments left"
        labels = {kill["label"] for kill in killed}
        assert labels >= {"before a transaction", "before its commit", "after its commit"}
        assert labels >= {"before a submission", "after a submission", "before replace", "after replace"}


def test_matrix_shows_an_engine_that_is_not_asked(folder: Path) -> None:
    found = kills(folder, 1, 20, 3, 6, "forgetful")

    assert any(len(steps_of(kill["jobs"])) > N_STEPS for kill in found)
