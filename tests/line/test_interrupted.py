"""An apply that ends in the middle: the next one goes on, and nobody ever sees half of it.

`killed.py` kills an apply of a small repository at one moment after another; here is what must hold at each.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from chronon.cli.exits import ExitCode
from chronon.loaders.config import load_config
from chronon.runners.deployment import Deployment, open_deployment
from chronon.runners.lock import locked

HERE = Path(__file__).parent
CHRONON = Path(sys.executable).with_name("chronon")


def test_some_moments_when_killed_then_the_same_plan_goes_on(tmp_path: Path) -> None:
    check_kills(tmp_path, "same", first=7, step=14)


@pytest.mark.slow
@pytest.mark.parametrize(("mode", "first"), [("same", 1), ("fresh", 2)])
def test_every_second_moment_when_killed_then_apply_goes_on(tmp_path: Path, mode: str, first: int) -> None:
    labels = check_kills(tmp_path, mode, first=first, step=2)

    methods = {label.split()[1] for label in labels}
    assert methods >= {"acquire", "begin", "record", "run", "sync", "rename", "publish", "upload", "write"}
    assert methods >= {"replace", "delete_prefix", "finish", "release", "discard", "sweep"}
    assert len(labels) > 50


def check_kills(folder: Path, mode: str, *, first: int, step: int) -> list[str]:
    """Kill an apply at some of its moments and hold each answer against an apply that was not killed; all moments."""
    done = subprocess.run(
        [sys.executable, HERE / "killed.py", folder, mode, str(first), str(step)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    whole, *kills = map(json.loads, done.stdout.splitlines())
    assert len(kills) == len(range(first, len(whole["labels"]) + 1, step))
    assert whole["old"].items().isdisjoint(whole["after"].items())
    for kill in kills:
        check_kill(kill, whole, is_same=mode == "same")
    labels: list[str] = whole["labels"]
    return labels


def check_kill(kill: dict[str, Any], whole: dict[str, Any], *, is_same: bool) -> None:
    where = f"{kill['label']} (moment {kill['moment']})"
    is_applied = kill["moment"] >= whole["labels"].index("after finish") + 1
    assert kill["refused"] == ("CHR-K012" if is_same and is_applied else ""), where
    for view, seen in kill["between"].items():
        assert seen in {whole["old"][view], whole["after"][view]}, f"{view} half-way {where}"
    taken_over = set(kill["taken_over"]) - set(kill["done"])
    assert not (set(kill["done"]) | taken_over) & set(kill["again"]), f"done twice {where}"
    assert len(kill["done"]) + len(taken_over) + len(kill["again"]) == kill["total"], where
    assert kill["is_settled"], where
    differences = [
        name
        for name, value in whole["after"].items()
        if value != kill["after"][name] and not (is_applied and name == "holder")
    ]
    assert not differences, f"{differences} differ {where}"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    made = "import sys, pathlib, killed; killed.write_repository(pathlib.Path(sys.argv[1]))"
    subprocess.run(
        [sys.executable, "-c", made, tmp_path / "shop"], check=True, env={**os.environ, "PYTHONPATH": str(HERE)}
    )
    return tmp_path / "shop"


def ended_in_the_first_step(shop: Path, sent: signal.Signals) -> tuple[int, str]:
    """Exit code of an apply to which a signal is sent when its first step begins, and what it said."""
    with subprocess.Popen(
        [CHRONON, "apply", "--yes"], cwd=shop, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if line.startswith("[1/") and "done" not in line:
                process.send_signal(sent)
        return process.wait(timeout=60), "".join(said)


def chronon(shop: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [CHRONON, *arguments], cwd=shop, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )


@pytest.mark.slow
def test_two_applies_at_once_then_one_is_told_who_holds_the_lock_and_since_when(shop: Path) -> None:
    with deployed(shop) as deployment:
        with locked(deployment.state, deployment.home, holder="ann@laptop pid 7", clock=time.time):
            second = chronon(shop, "apply", "--yes")
        third = chronon(shop, "apply", "--yes")

    assert second.returncode == ExitCode.LOCKED
    assert re.search(r"CHR-K010 the lock is held by ann@laptop pid 7 since \d{4}-\S+Z, until \S+Z", second.stderr)
    assert third.returncode == ExitCode.DONE


@pytest.mark.slow
def test_apply_after_kill_9_then_goes_on_at_once(shop: Path) -> None:
    code, _said = ended_in_the_first_step(shop, signal.SIGKILL)
    with deployed(shop) as deployment:
        left_behind = deployment.state.holder()

    again = chronon(shop, "apply", "--yes")

    assert code == -signal.SIGKILL
    assert left_behind is not None
    assert again.returncode == ExitCode.DONE, again.stderr
    assert list_staging(shop) == []


@pytest.mark.slow
def test_apply_when_interrupted_then_exits_130_says_how_to_go_on_and_gives_the_lock_back(shop: Path) -> None:
    code, said = ended_in_the_first_step(shop, signal.SIGINT)
    with deployed(shop) as deployment:
        left_behind = deployment.state.holder()

    again = chronon(shop, "apply", "--yes")

    assert code == ExitCode.INTERRUPTED
    assert "interrupted: what was finished is kept; run the same command again to go on" in said
    assert left_behind is None
    assert again.returncode == ExitCode.DONE, again.stderr
    assert list_staging(shop) == []


@contextmanager
def deployed(shop: Path) -> Iterator[Deployment]:
    config, _found = load_config(shop)
    assert config is not None
    with open_deployment(config) as deployment:
        yield deployment


def list_staging(shop: Path) -> list[Path]:
    return list((shop / "home/warehouse/staging").glob("*"))
