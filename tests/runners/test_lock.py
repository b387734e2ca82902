"""The lock of a target: held by one, given back, taken from the dead at once and from the living never."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chronon.model.errors import ChrononError
from chronon.runners.lock import Patience, locked
from chronon.stores.state import open_state
from chronon.stores.state.contract import StateStore

HOLD_AND_DIE = """
import os, pathlib, signal, sys, time
from chronon.runners.lock import Patience, locked
from chronon.stores.state import open_state
home = pathlib.Path(sys.argv[1])
with locked(open_state(f"sqlite:{home}/state.db"), home, holder="ann@laptop pid 7", clock=time.time):
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def state(tmp_path: Path) -> Iterator[StateStore]:
    store = open_state(f"sqlite:{tmp_path}/state.db")
    yield store
    store.close()


def test_lock_when_its_holder_was_killed_then_is_taken_over_at_once(state: StateStore, tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", HOLD_AND_DIE, tmp_path], check=False)
    before = state.holder()

    with locked(state, tmp_path, holder="bob@laptop pid 8", clock=time.time) as lease:
        held = state.holder()

    assert killed.returncode == -signal.SIGKILL
    assert before is not None
    assert before.until > time.time()
    assert held == lease
    assert state.log()[0].what == "took the lock from ann@laptop pid 7"
    assert state.holder() is None


def test_lock_when_its_holder_lives_then_is_refused_with_who_and_since_when(state: StateStore, tmp_path: Path) -> None:
    other = open_state(f"sqlite:{tmp_path}/state.db")

    with (
        locked(state, tmp_path, holder="ann@laptop pid 7", clock=time.time),
        pytest.raises(ChrononError, match=r"CHR-K010 .*ann@laptop pid 7 since \d{4}-"),
        locked(other, tmp_path, holder="bob@laptop pid 8", clock=time.time),
    ):
        pytest.fail("two hold the lock")

    other.close()
    assert state.holder() is None


def test_lock_when_another_host_holds_the_lease_then_is_refused(state: StateStore, tmp_path: Path) -> None:
    with locked(state, tmp_path, holder="bob@laptop pid 8", clock=time.time):
        pass
    lease = state.acquire("ann@far pid 7", lease_s=60, now=time.time())

    with (
        pytest.raises(ChrononError, match=r"CHR-K010 .*ann@far pid 7"),
        locked(state, tmp_path, holder="bob@laptop pid 8", clock=time.time),
    ):
        pytest.fail("two hold the lock")

    assert state.holder() == lease


@pytest.mark.parametrize("text", ["", "{", '["ann@laptop pid 7"', "[]", "\x00\xff"])
def test_lock_when_the_file_is_damaged_then_the_lease_decides(state: StateStore, tmp_path: Path, text: str) -> None:
    (tmp_path / "apply.lock").write_text(text)
    lease = state.acquire("ann@laptop pid 7", lease_s=60, now=time.time())

    with (
        pytest.raises(ChrononError, match="CHR-K010"),
        locked(state, tmp_path, holder="bob@laptop pid 8", clock=time.time),
    ):
        pytest.fail("two hold the lock")
    state.release(lease)
    with locked(state, tmp_path, holder="bob@laptop pid 8", clock=time.time) as mine:
        assert state.holder() == mine


def test_lock_when_it_is_waited_for_then_pauses_double_and_say_who_holds_it(state: StateStore, tmp_path: Path) -> None:
    lease = state.acquire("ann@far pid 7", lease_s=60, now=1000.0)
    said: list[tuple[str, float]] = []
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if sum(slept) >= 31:
            state.release(lease)

    patience = Patience(timeout_s=600, told=lambda error, pause: said.append((error.message, pause)), sleep=sleep)
    with locked(state, tmp_path, holder="bob@laptop pid 8", clock=lambda: 1000.0, patience=patience) as mine:
        assert state.holder() == mine

    assert slept == [1, 2, 4, 8, 16]
    assert [pause for _, pause in said] == slept
    assert all("held by ann@far pid 7 since 1970-01-01T00:16:40Z" in text for text, _ in said)


def test_lock_when_the_patience_ends_then_is_refused(state: StateStore, tmp_path: Path) -> None:
    lease = state.acquire("ann@far pid 7", lease_s=60, now=1000.0)
    slept: list[float] = []

    with (
        pytest.raises(ChrononError, match=r"CHR-K010.*ann@far pid 7"),
        locked(
            state,
            tmp_path,
            holder="bob@laptop pid 8",
            clock=lambda: 1000.0,
            patience=Patience(timeout_s=40, sleep=slept.append),
        ),
    ):
        pytest.fail("two hold the lock")

    assert slept == [1, 2, 4, 8, 16, 9]
    assert state.holder() == lease


def test_lock_when_waited_for_then_neither_lock_is_held_meanwhile(state: StateStore, tmp_path: Path) -> None:
    lease = state.acquire("ann@far pid 7", lease_s=60, now=1000.0)

    def others_turn(_: float) -> None:
        state.release(lease)
        with locked(state, tmp_path, holder="eve@laptop pid 9", clock=lambda: 1000.0) as theirs:
            assert state.holder() == theirs

    patience = Patience(timeout_s=1, sleep=others_turn)
    with locked(state, tmp_path, holder="bob@laptop pid 8", clock=lambda: 1000.0, patience=patience) as mine:
        assert state.holder() == mine


def test_lock_when_its_file_cannot_be_made_then_says_what_to_do(state: StateStore, tmp_path: Path) -> None:
    (tmp_path / "apply.lock").mkdir()

    with (
        pytest.raises(ChrononError, match=r"CHR-R002 .*apply\.lock.*nothing was begun"),
        locked(state, tmp_path, holder="bob@laptop pid 8", clock=time.time),
    ):
        pytest.fail("locked without a file")

    assert state.holder() is None
