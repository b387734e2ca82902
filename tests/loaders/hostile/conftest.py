"""Lets the tests of this folder import their builders."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import pytest
from children import validated
from folders import GOOD, a_repository

from chronon.cli.exits import ExitCode


@pytest.fixture(scope="session")
def idle_cpu_s(tmp_path_factory: pytest.TempPathFactory) -> float:
    """What the command costs on a repository without findings: interpreter, imports, one parsed expression."""
    folder = a_repository(tmp_path_factory.mktemp("idle") / "repository")
    (folder / "teams" / "flights" / "sources" / "y.yaml").write_text(GOOD.replace("time: a", "time: a + 1"))
    ended = validated(folder)
    assert (ended.code, ended.findings) == (ExitCode.DONE, [])
    return ended.cpu_s
