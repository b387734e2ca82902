"""Benchmarks are no tests, and nobody runs them at every change: at least all that they are made of is there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
MODULES = sorted(
    ".".join(path.relative_to(FOLDER).with_suffix("").parts)
    for path in FOLDER.rglob("*.py")
    if path.name != "__init__.py" and "peers" not in path.parts
)


@pytest.mark.parametrize("module", MODULES)
def test_benchmark_when_imported_then_finds_what_it_measures(module: str) -> None:
    found = subprocess.run(
        [sys.executable, "-c", f"import {module}"], cwd=FOLDER, check=False, capture_output=True, text=True
    )

    assert found.returncode == 0, found.stderr
