"""The lock of a target while a plan is applied: a lease in the state store, renewed, given back, and taken from the dead.

A process that was killed cannot give its lease back, and nobody wants to wait until it expires. So whoever applies also
holds the operating system's lock on a file beside the data, and the file names the lease taken under it. The system
frees that lock with the process, however it ends. Who gets it and finds the named lease still out knows its holder dead.
On another host, or where files cannot be locked, the lease's own end decides.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from chronon.model.errors import ChrononError
from chronon.stores.state.contract import Lease, StateStore

LEASE_S = 60.0
_RENEW_S = 15.0
_FILE = "apply.lock"
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 16.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait for the lock, trying again after pauses that double. told: hears each time who holds it."""

    timeout_s: float = 0.0
    told: Callable[[ChrononError, float], None] = lambda _error, _pause_s: None
    sleep: Callable[[float], None] = time.sleep

    def pauses(self) -> Iterator[float]:
        """The pauses between the attempts, in seconds; together as long as the patience."""
        left, pause = self.timeout_s, _FIRST_PAUSE_S
        while left > 0:
            yield min(pause, left)
            left, pause = left - pause, min(2 * pause, _LONGEST_PAUSE_S)


NONE = Patience()


Heartbeat = Callable[[Callable[[], object], float], AbstractContextManager[None]]
"""Does something every so many seconds, until the block ends."""


@contextmanager
def every(beat: Callable[[], object], seconds: float) -> Iterator[None]:
    """A heartbeat in a thread of its own."""
    over = threading.Event()

    def beats() -> None:
        while not over.wait(seconds):
            beat()

    heartbeat = threading.Thread(target=beats, name="heartbeat", daemon=True)
    heartbeat.start()
    try:
        yield
    finally:
        over.set()
        heartbeat.join()


@contextmanager
def locked(
    state: StateStore,
    home: Path,
    *,
    holder: str,
    clock: Callable[[], float],
    patience: Patience = NONE,
    heartbeat: Heartbeat = every,
) -> Iterator[Lease]:
    """Hold the target's lock, renewed in the background, until the block ends.

    home: the folder of the target, on a file system of this host.
    Errors: CHR-K010 when another holds it, and still does when the patience is at its end: who, since and until when.
    """
    with ExitStack() as opened:
        lease = _patiently(state, home / _FILE, opened, holder, clock, patience)
        opened.callback(state.release, lease)
        opened.enter_context(heartbeat(partial(_renew, state, lease, clock), _RENEW_S))
        yield lease


def _patiently(  # noqa: PLR0917 - what `locked` was given
    state: StateStore,
    path: Path,
    opened: ExitStack,
    holder: str,
    clock: Callable[[], float],
    patience: Patience,
) -> Lease:
    """The lease, with the file of the system's lock left open; between two attempts neither is held."""
    pauses = patience.pauses()
    while True:
        with ExitStack() as attempt:
            file = attempt.enter_context(_alone(path))
            try:
                lease = _acquired(state, file, holder, clock)
            except ChrononError as error:
                pause = next(pauses, None) if error.code == "CHR-K010" else None
                if pause is None:
                    raise
                patience.told(error, pause)
            else:
                opened.push(attempt.pop_all())
                return lease
        patience.sleep(pause)


@contextmanager
def _alone(path: Path) -> Iterator[int | None]:
    """The descriptor of the file, locked; None when another process has it or the file system cannot lock."""
    with _told(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        yield descriptor if _is_ours(descriptor) else None
    finally:
        os.close(descriptor)


def _is_ours(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _acquired(state: StateStore, file: int | None, holder: str, clock: Callable[[], float]) -> Lease:
    now = clock()
    if file is not None:
        out = state.holder()
        if out is not None and _named(file) == [out.holder, out.since]:
            state.unlock(holder, now)
        _name(file, holder, now)
    return state.acquire(holder, lease_s=LEASE_S, now=now)


def _named(file: int) -> object:
    """Holder and time of the lease that was last asked for under the lock; None when nobody got so far."""
    text = os.pread(file, 4096, 0)
    try:
        return json.loads(text)
    except ValueError:
        return None


def _name(file: int, holder: str, now: float) -> None:
    """Before the lease is asked for: a process that dies between the two leaves a name that fits no lease."""
    text = json.dumps([holder, now]).encode()
    with suppress(OSError):  # on a full disk: a lease without a name ends by itself, a minute after its holder
        os.pwrite(file, text, 0)
        os.ftruncate(file, len(text))


def _renew(state: StateStore, lease: Lease, clock: Callable[[], float]) -> None:
    # A lease that was taken away, or a disk that is full, is told by the next write of the apply itself.
    with suppress(ChrononError):
        state.renew(lease, lease_s=LEASE_S, now=clock())


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as cause:
        message = f"cannot write to {path}: {cause.strerror}; nothing was begun"
        raise ChrononError("CHR-R002", message, "check owner and permissions of the target's home") from cause
