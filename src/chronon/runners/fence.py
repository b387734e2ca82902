"""Keeps the values of the KV store from an apply that lost its lock and does not know it yet.

The state refuses the writes of a lost lease by itself; the KV store knows no leases. So whoever applies puts a sign of
its own there, and every write looks, inside its own transaction, whether the sign still stands. A process that stood
still while another one took the lock over finds the other's sign, or none, and is refused before anything changes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress

from chronon.model.errors import ChrononError, InvariantError
from chronon.runners.lock import LEASE_S
from chronon.stores.kv.contract import Guard, GuardBrokenError, KvStore
from chronon.stores.kv.layout import FENCE
from chronon.stores.state.contract import Lease, StateStore

_TRIES = 5


@contextmanager
def fenced(kv: KvStore, state: StateStore, lease: Lease, clock: Callable[[], float]) -> Iterator[KvStore]:
    """The store for as long as the lease is the newest: later writes through it raise CHR-K013. Takes its sign away.

    Errors: CHR-K013 when the lease is lost already.
    """
    store = FencedKv(kv, lease, lambda: state.renew(lease, lease_s=LEASE_S, now=clock()))
    store.put_sign()
    try:
        yield store
    finally:
        _take_away(kv, store.guard)


class FencedKv:
    """Another store, with a guard on every write. confirm: proves that the lease is the newest, or raises CHR-K013.

    Law: a sign is used once it has been put and the lease was confirmed after that, and each is another one. So between
    the confirmation and a write under the sign nobody can have taken the lease over and put theirs: what is written was
    not written by a later holder yet. Safe for use by several threads.
    """

    def __init__(self, kv: KvStore, lease: Lease, confirm: Callable[[], object]) -> None:
        self._kv, self._lease, self._confirm = kv, lease, confirm
        self._signs, self._signing = 0, threading.Lock()
        self.guard: Guard = (FENCE, b"")

    def put_sign(self) -> None:
        """Say that this lease writes from now on. Errors: CHR-K013."""
        self._signs += 1
        sign = (FENCE, f"{self._lease.token} {self._lease.holder} {self._lease.since} {self._signs}".encode())
        self._kv.write([sign])
        try:
            self._confirm()
        except ChrononError:
            _take_away(self._kv, sign)
            raise
        self.guard = sign

    def multi_get(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """See KvStore."""
        return self._kv.multi_get(keys)

    def write(
        self, entries: Iterable[tuple[bytes, bytes]], *, ascending: bool = False, guard: Guard | None = None
    ) -> int:
        """See KvStore."""
        self._refuse(guard)
        batch = list(entries)
        return self._guarded(lambda guard: self._kv.write(batch, ascending=ascending, guard=guard))

    def delete_prefix(self, prefix: bytes, *, guard: Guard | None = None) -> int:
        """See KvStore."""
        self._refuse(guard)
        return self._guarded(lambda guard: self._kv.delete_prefix(prefix, guard=guard))

    def replace(self, prefix: bytes, entries: Iterable[tuple[bytes, bytes]], *, guard: Guard | None = None) -> int:
        """See KvStore."""
        self._refuse(guard)
        batch = list(entries)
        return self._guarded(lambda guard: self._kv.replace(prefix, batch, guard=guard))

    def scan(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """See KvStore."""
        return self._kv.scan(prefix)

    def mark(self) -> str:
        """See KvStore."""
        return self._kv.mark()

    def close(self) -> None:
        """See KvStore."""
        self._kv.close()

    def _guarded(self, write: Callable[[Guard], int]) -> int:
        """A sign that is not ours may be that of a process which woke up late and is refused next: then ours is put again."""
        for _ in range(_TRIES):
            guard = self.guard
            with suppress(GuardBrokenError):
                return write(guard)
            with self._signing:
                if self.guard == guard:  # else another thread has just put it
                    self.put_sign()
        message = (
            "another process signs the values of this target as its own, again and again, without holding the lock"
        )
        raise ChrononError(
            "CHR-K013", message, "nothing more was written; end that process, then run `chronon apply` again"
        )

    def _refuse(self, guard: Guard | None) -> None:
        if guard is not None:
            raise InvariantError("one-guard", "a fenced store has a guard of its own")


def _take_away(kv: KvStore, sign: Guard) -> None:
    with suppress(GuardBrokenError, ChrononError):  # what cannot be taken away is in nobody's way
        kv.delete_prefix(FENCE, guard=sign)
