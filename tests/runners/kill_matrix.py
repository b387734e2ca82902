"""Kills an apply of fifty steps at one of its moments after another, applies again, and tells what was submitted.

Run as a program, so that it can fork processes that kill themselves: this one starts no thread and opens no store.

    python kill_matrix.py <folder> <parallelism> <first> <step> <most> [forgetful]

One line of JSON per moment first, first + step, …, at most so many, and until there is none left. A forgetful runner does not
know what was submitted to it: a fault that the matrix must show.

A moment lies before a transaction of the state begins, before it is committed and after; before and after every write of
the KV store; before a job is submitted, when it is submitted and nobody knows yet, and when it is done.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import signal
import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from apply_world import Recording, Silent, a_plan, a_target, a_web, submitted

from chronon.model.errors import ChrononError
from chronon.model.jobs import Output
from chronon.model.plan import Step
from chronon.runners.apply import Manner, World, apply_plan
from chronon.runners.runner import JobId, Tell
from chronon.stores.kv import open_kv
from chronon.stores.state import StateStore, open_state
from chronon.stores.state.database import SqliteFile
from chronon.stores.state.store import SqlState

PLAN = a_plan(*a_web(50, seed=7))
IS_FORGETFUL = "forgetful" in sys.argv
KV = ("write", "replace", "delete_prefix")


class Moments:
    """Counts the moments that pass, in whatever thread, and ends this process at one of them."""

    def __init__(self, deadly: int, note: Path) -> None:
        self._deadly, self._note = deadly, note
        self._passed, self._lock = 0, threading.Lock()

    def pass_(self, label: str) -> None:
        with self._lock:
            self._passed += 1
            if self._passed == self._deadly:
                self._note.write_text(label)
                os.kill(os.getpid(), signal.SIGKILL)


class DeadlyFile(SqliteFile):
    """A state with moments around every transaction that writes."""

    def __init__(self, path: Path, moments: Moments) -> None:
        super().__init__(path)
        self._moments = moments

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        self._moments.pass_("before a transaction")
        with super().writing() as connection:
            yield connection
            self._moments.pass_("before its commit")
        self._moments.pass_("after its commit")


class DeadlyKv:
    """A KV store with moments around every write."""

    def __init__(self, inner: Any, moments: Moments) -> None:
        self._inner, self._moments = inner, moments

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name not in KV:
            return found

        def call(*arguments: object, **options: object) -> object:
            self._moments.pass_(f"before {name}")
            result = found(*arguments, **options)
            self._moments.pass_(f"after {name}")
            return result

        return call


class DeadlyRunner(Recording):
    """A runner with moments around every submission."""

    def __init__(self, log: Path, moments: Moments) -> None:
        super().__init__(log)
        self._moments = moments

    def find(self, step: Step, job: JobId) -> Output | None:
        return None if IS_FORGETFUL else super().find(step, job)

    def run(self, step: Step, job: JobId, tell: Tell) -> Output:
        self._moments.pass_("before a submission")
        output = super().run(step, job, tell)
        self._moments.pass_("after a submission")
        return output


def apply(home: Path, parallelism: int, deadly: int) -> None:
    moments = Moments(deadly, home / "label")
    state = SqlState(DeadlyFile(home / "state.db", moments))
    kv: Any = DeadlyKv(open_kv(f"lmdb:{home}/kv"), moments)
    with a_target(home, state, kv) as target:
        world = World(runner=lambda *_: DeadlyRunner(home / "jobs", moments))
        manner = Manner(parallelism=parallelism)
        try:
            apply_plan(
                target, PLAN, holder=f"ann@here pid {os.getpid()}", observer=Silent(), manner=manner, world=world
            )
        except ChrononError as error:
            if error.code != "CHR-K012":  # killed when everything was done, and only the lock not given back yet
                raise


def left(home: Path) -> dict[str, Any]:
    """What there is after a kill and an apply that came to its end."""
    state: StateStore = open_state(f"sqlite:{home}/state.db")
    try:
        (plan,) = state.history()
        return {
            "label": (home / "label").read_text() if (home / "label").exists() else "",
            "jobs": submitted(home / "jobs"),
            "status": plan.status,
            "done": plan.done,
            "serial": state.read().serial,
            "published": len(state.read().computed),
            "log": str(state.verify_log()),
            "holder": str(state.holder()),
        }
    finally:
        state.close()


def in_child(home: Path, parallelism: int, deadly: int) -> bool:
    """Whether an apply in a process of its own came to its end."""
    child = os.fork()
    if child == 0:
        try:
            apply(home, parallelism, deadly)
        except BaseException:  # noqa: BLE001  # whatever it is, this child must not go on as its parent
            import traceback

            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    assert killed or status == 0, f"an apply ended with status {status}"
    return not killed


def main(folder: Path, parallelism: int, first: int, step: int, most: int) -> None:
    for module in ("chronon.stores.kv.lmdb", "chronon.stores.state.sqlite"):
        importlib.import_module(module)
    assert threading.active_count() == 1
    for moment in range(first, first + step * most, step):
        home = folder / f"{moment}"
        home.mkdir(parents=True)
        is_whole = in_child(home, parallelism, moment)
        if not is_whole:
            assert in_child(home, parallelism, 0)
        print(json.dumps({"moment": moment, "is_killed": not is_whole, **left(home)}), flush=True)
        shutil.rmtree(home)
        if is_whole:
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:6]))
