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
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from chronon.model.errors import ChrononError
from chronon.stores.state.contract import Lease, StateStore

LEASE_S = 60.0
_RENEW_S = 15.0
_FILE = "apply.lock"


@contextmanager
def locked(state: StateStore, home: Path, *, holder: str, clock: Callable[[], float]) -> Iterator[Lease]:
    """Hold the target's lock, renewed in the background, until the block ends.

    home: the folder of the target, on a file system of this host.
    Errors: CHR-K010 when another holds it: who, since and until when.
    """
    with _alone(home / _FILE) as file:
        lease = _acquired(state, file, holder, clock)
        over = threading.Event()
        heartbeat = threading.Thread(target=_renew, args=(state, lease, clock, over), daemon=True)
        heartbeat.start()
        try:
            yield lease
        finally:
            over.set()
            heartbeat.join()
            state.release(lease)


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


def _renew(state: StateStore, lease: Lease, clock: Callable[[], float], over: threading.Event) -> None:
    while not over.wait(_RENEW_S):
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
