"""A clean that is killed at any of its moments: whoever reads finds what they did, and the next clean comes to the same end.

In CI a part of the moments, another one in each commit; CHRONON_KILLS=all takes every one.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from test_kill_matrix import IS_ALL, revision

HERE = Path(__file__).parent


@pytest.mark.slow
def test_clean_when_killed_at_any_moment_then_loses_nothing_and_the_next_one_ends_alike(tmp_path: Path) -> None:
    first, step = (1, 1) if IS_ALL else (1 + revision() % 4, 4)
    command = [sys.executable, HERE / "clean_matrix.py", tmp_path / "kills", str(first), str(step)]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr[-4000:]
    whole, *killed = map(json.loads, done.stdout.splitlines())
    before, after = whole["before"], whole["left"]
    found, never = before["sweep"], before["never_recorded"]
    assert whole["same"]
    assert found["columns"]
    assert found["uploads"]
    assert len(never["files"]) == 2
    assert len(never["attempts"]) == 1
    assert set(before["files"]) - set(after["files"]) == {*found["files"], *never["files"]}
    assert set(before["attempts"]) - set(after["attempts"]) == set(never["attempts"])
    assert after["attempts"], "the plan that goes on finds what it has made"
    assert after["sweep"]["is_empty"]
    assert len(killed) > (25 if IS_ALL else 5)
    for moment in killed:
        told = f"moment {moment['moment']}, {moment['label']}"
        assert moment["same"], f"{told}: readers find something else"
        assert moment["same_after"], told
        assert moment["left"] == after, told
