"""Lets the tests of this folder import their builders, and measures once what a command costs that finds nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def idle_cpu_s(tmp_path_factory: pytest.TempPathFactory) -> float:
    """What the command costs on a repository with an ordinary mistake: interpreter, imports, one parsed expression, one place."""
    from children import validated
    from folders import GOOD, a_repository

    folder = a_repository(tmp_path_factory.mktemp("idle") / "repository")
    (folder / "teams" / "flights" / "sources" / "y.yaml").write_text(
        f"{GOOD.replace('time: a', 'time: a + 1')}\nownr: x\n"
    )
    ended = validated(folder)
    assert (ended.code, [one["line"] > 1 for one in ended.findings]) == (1, [True])
    return ended.cpu_s
