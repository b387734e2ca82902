"""The same plan on every machine: equal bytes whatever the hash seed, locale, time zone, working folder, umask and order on disk.

Each process has its own of all of these and plans several copies of several repositories; 120 plans are compared in each of
their forms with those of this process.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import planning_anywhere
import pytest

from cases import edited

PROGRAM = Path(planning_anywhere.__file__)
CASES = ("filter_other", "group_by_renamed", "start_of_the_team_earlier")
SURROUNDINGS = (
    {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C", "LANG": "C"},
    {"PYTHONHASHSEED": "2", "TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8", "LANG": "tr_TR.UTF-8"},
    {"PYTHONHASHSEED": "31337", "TZ": "America/St_Johns", "LC_ALL": "POSIX", "PYTHONUTF8": "1"},
    {"PYTHONHASHSEED": "random", "TZ": "Asia/Kathmandu", "LC_ALL": "C.UTF-8", "PYTHONOPTIMIZE": "1"},
)
COPIES = 5
"""Of every repository and process: one in each order on disk."""


def copied(root: Path, there: Path, order: random.Random) -> None:
    """The folder once more, its files written in another order, so that a folder lists them in another one."""
    files = sorted(file for file in root.rglob("*") if file.is_file())
    order.shuffle(files)
    for file in files:
        target = there / file.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)


@pytest.fixture(scope="module")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    root = tmp_path_factory.mktemp("anywhere")
    for case in CASES:
        edited(case, root / case)
    return [root / case for case in CASES]


@pytest.fixture(scope="module")
def here(repositories: list[Path]) -> list[str]:
    """What this process plans."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        planning_anywhere.main([str(root) for root in repositories])
    return printed.getvalue().splitlines()


@pytest.mark.parametrize("number", range(len(SURROUNDINGS)))
def test_plans_made_elsewhere_have_the_same_bytes(
    number: int, repositories: list[Path], here: list[str], tmp_path: Path
) -> None:
    surroundings = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG", "TZ"))}
    folders = []
    for copy in range(COPIES):
        for root in repositories:
            folders.append(tmp_path / f"copy {copy}{'ü' * (copy % 2)}" / root.name)
            copied(root, folders[-1], random.Random(f"{number}/{copy}"))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    done = subprocess.run(
        [sys.executable, str(PROGRAM), *map(str, folders)],
        env=surroundings | SURROUNDINGS[number],
        cwd=elsewhere,
        umask=(0o000, 0o077, 0o027, 0o002)[number],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.splitlines() == here * COPIES


def test_plans_of_these_repositories_differ_from_each_other(here: list[str]) -> None:
    assert len(set(here)) == len(CASES)
