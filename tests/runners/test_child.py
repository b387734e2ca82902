"""Children of an apply: what they are given, and what they are not."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from chronon.runners.child import child_environment, started
from chronon.stores.secrets import secret

WHAT_I_WAS_GIVEN = """
import os, pathlib
print(os.environ, pathlib.Path("/proc/self/cmdline").read_bytes())
"""


ANSWERS = """
from chronon.runners.child import die_with_parent
die_with_parent()
print("ready", flush=True)
print(input())
"""


def test_child_is_given_no_secret_that_was_looked_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHRONON_TEST_CANARY", "canary-of-the-environment")
    monkeypatch.setenv("CHRONON_TEST_PLAIN", "an ordinary setting")
    (tmp_path / "secret").write_text("canary-of-a-file\n")
    found = secret("env:CHRONON_TEST_CANARY"), secret(f"file:{tmp_path}/secret")

    child = subprocess.run(
        [sys.executable, "-c", WHAT_I_WAS_GIVEN],
        env=child_environment(MORE="more"),
        capture_output=True,
        text=True,
        check=True,
    )

    assert found == ("canary-of-the-environment", "canary-of-a-file")
    assert "canary" not in child.stdout
    assert "an ordinary setting" in child.stdout
    assert "'MORE': 'more'" in child.stdout


def test_child_when_the_thread_that_asked_for_it_ends_then_goes_on(tmp_path: Path) -> None:
    command = [sys.executable, "-c", ANSWERS]
    begun: list[subprocess.Popen[str]] = []
    with (tmp_path / "log").open("wb") as log:
        asking = threading.Thread(target=lambda: begun.append(started(command, log, child_environment())))
        asking.start()
        asking.join()
    (child,) = begun

    said, _ = child.communicate("still there\n", timeout=30)

    assert (said, child.returncode) == ("ready\nstill there\n", 0)
