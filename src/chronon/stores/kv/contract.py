"""What every key-value store does, and how one is opened by its address.

Serving reads from here, uploads and tiles are written here. Keys and values are bytes; `layout` gives them meaning.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from chronon.model.errors import ChrononError
from chronon.stores.backends import meant, openers, schemes

_PACKAGE = __name__.rpartition(".")[0]

MAX_KEY_BYTES = 480
"""The longest key that every backend takes; `layout` stays below it."""


Guard = tuple[bytes, bytes]
"""A key and the value that it must have for a write to happen: looked at inside the write itself."""


class GuardBrokenError(Exception):
    """The key of a guard has another value; nothing was written. What that means is known to who wrote the guard."""


class KvStore(Protocol):
    """A sorted map from bytes to bytes: many readers in many processes, one writer at a time.

    Laws: tests/stores/test_kv_conformance.py, run over every backend. Safe for use by several threads.
    Errors of every method: CHR-K002 damaged, CHR-K009 the system refused to read or write.
    """

    def multi_get(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """The values of the keys, in their order, as of one moment; None where there is none."""

    def write(
        self, entries: Iterable[tuple[bytes, bytes]], *, ascending: bool = False, guard: Guard | None = None
    ) -> int:
        """Put all entries or none, durable on return; the number of entries.

        ascending: the keys rise strictly, which lets a backend append. A later entry of an equal key wins otherwise.
        Errors: CHR-K001 no permission, CHR-K003 disk full, CHR-K005 key too long or empty, CHR-K008 opened read-only,
        GuardBrokenError, InvariantError when ascending is not true.
        """

    def delete_prefix(self, prefix: bytes, *, guard: Guard | None = None) -> int:
        """Remove every entry whose key starts with the prefix, all at once; how many there were. Errors: as `write`."""

    def replace(self, prefix: bytes, entries: Iterable[tuple[bytes, bytes]], *, guard: Guard | None = None) -> int:
        """Make these the only entries under a prefix, durable on return: readers see all of the old or all of the new.

        The number of entries. Errors: as `write`; InvariantError when a key does not start with the prefix.
        """

    def scan(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """The entries whose keys start with the prefix, by key. What is written meanwhile may or may not be seen."""

    def mark(self) -> str:
        """What tells this moment from every other: as long as it stays the same, nothing was written or removed."""

    def close(self) -> None:
        """Give back files and locks. Calling it twice is harmless."""


def open_kv(address: str, *, read_only: bool = False) -> KvStore:
    """The store at an address such as `lmdb:<path>`; created when it is not there, unless read-only.

    The part before the colon names the module of this folder that has `open_store(path, *, read_only)`.
    Errors: CHR-K006 unknown backend, CHR-K001 no permission, CHR-K002 damaged, CHR-K004 read-only and not there.
    """
    scheme, colon, path = address.partition(":")
    found = openers(_PACKAGE, scheme)
    if not colon or not path or scheme not in found:
        known = kv_backends()
        expected = ", ".join(f"{one}:…" for one in known)
        message = f"{address!r} is no address of a key-value store: expected one of {expected}"
        raise ChrononError("CHR-K006", message, meant(scheme, known, "lmdb"))
    store: KvStore = found[scheme](Path(path), read_only=read_only)
    return store


def kv_backends() -> tuple[str, ...]:
    """The schemes of every backend, sorted."""
    return schemes(_PACKAGE)
