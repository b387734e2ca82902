"""The embedded backend: LMDB, a memory-mapped B-tree in a folder. Readers never wait, not even for the writer.

Two facts of LMDB shape this file. A process may open a folder only once, so handles on the same folder share one
environment. And the map has a size: a writer that fills it must grow it, everyone else must adopt the new size, and
neither may happen while the process is inside a transaction: that is what `_Gate` is for.
"""

from __future__ import annotations

import errno
import itertools
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import lmdb

from chronon.model.errors import ChrononError, InvariantError
from chronon.stores.kv.contract import MAX_KEY_BYTES, Guard, GuardBrokenError

T = TypeVar("T")

FIRST_MAP_BYTES = 1 << 30
"""Address space, not disk: the file is as long as what is stored."""

_MAX_READERS = 1024

_RESTORE = "restore the folder from a backup; without one, move it and the target's state.db away and apply again"
"""The state has the uploads that the store held; as long as it has them, an apply would not make them again."""
_SCAN_ENTRIES = 1024
_DAMAGED = (lmdb.CorruptedError, lmdb.InvalidError, lmdb.PageNotFoundError, lmdb.PanicError, lmdb.VersionMismatchError)
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


class LmdbStore:
    """One handle on a folder. Handles of one process share the environment; the last `close` ends it."""

    def __init__(self, shared: _Shared, *, read_only: bool) -> None:
        self._shared: _Shared | None = shared
        self._read_only = read_only

    def multi_get(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """See KvStore. An empty key is never stored, LMDB refuses to look for it."""
        if not all(keys):
            found = iter(self.multi_get([key for key in keys if key]))
            return [next(found) if key else None for key in keys]
        return self._open().run(lambda txn: list(map(txn.get, keys)))

    def write(
        self, entries: Iterable[tuple[bytes, bytes]], *, ascending: bool = False, guard: Guard | None = None
    ) -> int:
        """See KvStore. The batch is kept in memory: it is written again when the map has to grow."""
        shared, batch = self._writable(), _storable(entries)
        if ascending and not all(a[0] < b[0] for a, b in itertools.pairwise(batch)):
            raise InvariantError("kv-ascending", "a batch that was announced as ascending is not")
        if batch:
            shared.reserve(2 * sum(len(key) + len(value) for key, value in batch))
            shared.run(_guarded(guard, lambda txn: _put(txn, batch, append=ascending)), write=True)
        return len(batch)

    def delete_prefix(self, prefix: bytes, *, guard: Guard | None = None) -> int:
        """See KvStore."""
        return self._writable().run(_guarded(guard, lambda txn: _delete(txn, prefix)), write=True)

    def replace(self, prefix: bytes, entries: Iterable[tuple[bytes, bytes]], *, guard: Guard | None = None) -> int:
        """See KvStore."""
        batch = _storable(entries)
        if not all(key.startswith(prefix) for key, _ in batch):
            raise InvariantError("kv-prefix", f"an entry that is to replace those under {prefix!r} is not under it")

        def swap(txn: Any) -> None:
            _delete(txn, prefix)
            _put(txn, batch, append=False)

        self._writable().run(_guarded(guard, swap), write=True)
        return len(batch)

    def scan(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """See KvStore. Reads in bites: a reader that lingers would keep the writer from reusing pages."""
        shared, start = self._open(), prefix
        while bite := shared.run(lambda txn, start=start: _bite(txn, prefix, start)):  # type: ignore[misc]
            yield from bite
            start = bite[-1][0] + b"\0"

    def mark(self) -> str:
        """See KvStore. The file itself counts too: one that was restored may have the same number of transactions."""
        return self._open().mark()

    def close(self) -> None:
        """See KvStore."""
        shared, self._shared = self._shared, None
        if shared:
            shared.release()

    def _open(self) -> _Shared:
        if self._shared is None:
            raise InvariantError("kv-open", "a closed store was used")
        return self._shared

    def _writable(self) -> _Shared:
        shared = self._open()
        if self._read_only:
            message = f"the key-value store in {shared.folder} was opened read-only"
            raise ChrononError("CHR-K008", message, "open it for writing")
        if shared.read_only:
            raise _refused(PermissionError(errno.EACCES, os.strerror(errno.EACCES)), shared.folder)
        return shared


def open_store(path: Path, *, read_only: bool = False, map_bytes: int = FIRST_MAP_BYTES) -> LmdbStore:
    """The store in a folder. Errors: see `open_kv`. map_bytes: size of the map of a new store."""
    return LmdbStore(_Shared.acquire(path, read_only=read_only, map_bytes=map_bytes), read_only=read_only)


class _Shared:
    """The environment of a folder in this process, counted by its handles."""

    _lock = threading.Lock()
    _by_folder: dict[str, _Shared] = {}  # noqa: RUF012 - the one registry that LMDB's rule asks for

    def __init__(self, folder: Path, *, read_only: bool, map_bytes: int) -> None:
        self.folder, self.read_only = folder, read_only
        self.pid, self._handles, self._gate = os.getpid(), 0, _Gate()
        self._env = _environment(folder, read_only=read_only, map_bytes=map_bytes)

    @classmethod
    def acquire(cls, path: Path, *, read_only: bool, map_bytes: int) -> _Shared:
        key = os.path.realpath(path)
        with cls._lock:
            shared = cls._by_folder.get(key)
            if shared and shared.pid != os.getpid():
                shared.abandon()  # useless here, and in the way of a new one
                shared = None
            if shared is None:
                _prepare(path, read_only=read_only)
                # One environment serves readers and writers of the process, so it is writable wherever it can be.
                frozen = read_only and not os.access(path, os.W_OK)
                shared = cls._by_folder[key] = cls(Path(key), read_only=frozen, map_bytes=map_bytes)
            shared._handles += 1
            return shared

    def release(self) -> None:
        with self._lock:
            self._handles -= 1
            if self._handles == 0:
                self._env.close()
                self._by_folder.pop(str(self.folder), None)

    def abandon(self) -> None:
        """Let go of an environment that another process had opened before it forked."""
        self._env.close()

    def run(self, work: Callable[[Any], T], *, write: bool = False) -> T:
        """The result of `work` on a transaction of its own; it is repeated when the map changes its size."""
        while True:
            try:
                with self._gate, self._env.begin(write=write) as txn:
                    return work(txn)
            except lmdb.MapFullError:
                self._resize(2 * int(self._env.info()["map_size"]))
            except lmdb.MapResizedError:
                self._resize(0)
            except lmdb.Error as cause:
                raise _explained(cause, self.folder) from cause

    def mark(self) -> str:
        """The file, and the last transaction that was written to it."""
        file = (self.folder / "data.mdb").stat()
        return f"{file.st_dev} {file.st_ino} {self._env.info()['last_txnid']}"

    def reserve(self, size: int) -> None:
        """Make room before a batch starts: an abort costs more than a change of the map, above all with many readers."""
        info = self._env.info()
        used = (info["last_pgno"] + 1) * self._env.stat()["psize"]
        if info["map_size"] - used < size:
            self._resize(info["map_size"] + max(info["map_size"], size))

    def _resize(self, size: int) -> None:
        """Grow the map; with 0 take over the size that another process has given it."""
        with self._gate.alone():
            try:
                self._env.set_mapsize(size)
            except lmdb.Error as cause:
                raise _explained(cause, self.folder) from cause


class _Gate:
    """Lets any number of transactions in, or one change of the map alone; who wants to be alone goes first."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside = 0
        self._alone = 0

    def __enter__(self) -> None:
        with self._changed:
            while self._alone:
                self._changed.wait()
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._inside -= 1
            if self._alone:
                self._changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        with self._changed:
            self._alone += 1
            try:
                self._changed.wait_for(lambda: self._inside == 0)
                yield
            finally:
                self._alone -= 1
                self._changed.notify_all()


def _prepare(path: Path, *, read_only: bool) -> None:
    try:
        if (path / "data.mdb").exists():
            return
        if not read_only:
            path.mkdir(parents=True, exist_ok=True)
            return
    except OSError as cause:
        raise _refused(cause, path) from cause
    message = f"there is no key-value store in {path}"
    raise ChrononError("CHR-K004", message, "run `chronon apply` first: it uploads what is served")


def _environment(folder: Path, *, read_only: bool, map_bytes: int) -> Any:
    try:
        env = lmdb.open(str(folder), map_size=map_bytes, readonly=read_only, max_readers=_MAX_READERS, readahead=False)
        env.reader_check()
    except lmdb.Error as cause:
        raise _explained(cause, folder) from cause
    except OSError as cause:
        raise _refused(cause, folder) from cause
    # Reading beyond the end of a truncated file would kill the process with a bus error: find out before.
    needed = (env.info()["last_pgno"] + 1) * env.stat()["psize"]
    found = (folder / "data.mdb").stat().st_size
    if found < needed:
        env.close()
        raise _damaged(folder, f"the file has {found} bytes, its root needs {needed}")
    return env


def _storable(entries: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    batch = list(entries)
    for key, _ in batch:
        if not 0 < len(key) <= MAX_KEY_BYTES:
            message = f"a key of {len(key)} bytes cannot be stored: 1 to {MAX_KEY_BYTES} are possible"
            raise ChrononError("CHR-K005", message, "shorten the names of datasets or environments")
    return batch


def _guarded(guard: Guard | None, work: Callable[[Any], T]) -> Callable[[Any], T]:
    def guarded(txn: Any) -> T:
        if guard and txn.get(guard[0]) != guard[1]:
            raise GuardBrokenError
        return work(txn)

    return guarded


def _put(txn: Any, batch: Sequence[tuple[bytes, bytes]], *, append: bool) -> None:
    cursor = txn.cursor()
    # Appending is possible only behind the last key of the whole store; it fills pages completely and skips searching.
    append = append and (not cursor.last() or cursor.key() < batch[0][0])
    cursor.putmulti(batch, append=append)


def _delete(txn: Any, prefix: bytes) -> int:
    cursor, count = txn.cursor(), 0
    cursor.set_range(prefix) if prefix else cursor.first()
    while (key := cursor.key()) and key.startswith(prefix):  # the key is empty behind the last entry
        cursor.delete()
        count += 1
    return count


def _bite(txn: Any, prefix: bytes, start: bytes) -> list[tuple[bytes, bytes]]:
    cursor = txn.cursor()
    if not (cursor.set_range(start) if start else cursor.first()):
        return []
    entries = itertools.islice(cursor.iternext(), _SCAN_ENTRIES)
    return list(itertools.takewhile(lambda entry: entry[0].startswith(prefix), entries))


def _explained(cause: lmdb.Error, folder: Path) -> ChrononError:
    why = str(cause).removeprefix(f"{folder}: ")
    if isinstance(cause, _DAMAGED):
        return _damaged(folder, why)
    if isinstance(cause, lmdb.ReadersFullError):
        message = f"{folder} is read by {_MAX_READERS} threads already"
        return ChrononError("CHR-K007", message, "stop some of the processes that read it")
    return _refused(OSError(getattr(cause, "code", 0) or 0, why), folder)


def _refused(cause: OSError, folder: Path) -> ChrononError:
    if cause.errno in _FORBIDDEN:
        return ChrononError(
            "CHR-K001",
            f"cannot read or write {folder}: {cause.strerror}",
            "check owner and permissions of the target's home",
        )
    if cause.errno in _FULL:
        message = f"the disk of {folder} is full; nothing of the batch was written"
        return ChrononError("CHR-K003", message, "free some space, then apply again")
    message = f"the system refused to read or write {folder}: {cause.strerror or cause}"
    return ChrononError("CHR-K009", message, "check the disk and the limits of the process, then try again")


def _damaged(folder: Path, why: str) -> ChrononError:
    message = f"the key-value store in {folder} is damaged: {why}"
    return ChrononError("CHR-K002", message, _RESTORE)
