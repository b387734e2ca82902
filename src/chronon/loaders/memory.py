"""What earlier runs found out, kept in the user's cache folder: data that change nothing but speed.

A file that is damaged, cut off, of another program or of somebody else is as good as none. So is a folder that cannot
be read or written. What the keyed hash protects from, and what not: docs/adr/0008-memory-of-findings.md.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import hashlib
import hmac
import os
import stat
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar

import msgspec

from chronon import __version__

OFF = "off"
MAX_FILES = 64
"""More repositories than anybody works in; the files used longest ago make room."""
MAX_BYTES = 64_000_000

_SIGNATURE = 32
_PACKAGE = Path(__file__).parents[1]

T = TypeVar("T", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What is remembered of one repository: a file for each name, signed with a key that only its user can read.

    folder: of all repositories.  repository: tells this one apart.  key: the user's secret.
    """

    folder: Path
    repository: str
    key: bytes

    def read(self, name: str, kind: type[T]) -> T | None:
        """What was written under a name by this very program; None when there is nothing to rely on."""
        try:
            with _open(self._file(name), os.O_RDONLY) as stream:
                content = stream.read(MAX_BYTES + 1)
        except OSError:
            return None
        payload = memoryview(content)[_SIGNATURE:]
        if len(content) > MAX_BYTES or not hmac.compare_digest(content[:_SIGNATURE], self._signature(name, payload)):
            return None
        try:
            return msgspec.msgpack.decode(payload, type=kind)
        except msgspec.DecodeError:
            return None

    def write(self, name: str, value: msgspec.Struct) -> None:
        """Remember a value under a name. One that holds the name of a file that is no text is not remembered."""
        try:
            payload = msgspec.msgpack.encode(value)
        except UnicodeEncodeError:
            return
        if len(payload) + _SIGNATURE <= MAX_BYTES:
            # A full disk or a folder that cannot be written costs the next run some time, and is no finding.
            with contextlib.suppress(OSError):
                _replace(self._file(name), self._signature(name, payload) + payload)
                _make_room(self.folder)

    def _file(self, name: str) -> Path:
        return self.folder / f"{self.repository}.{name}"

    def _signature(self, name: str, payload: bytes | memoryview) -> bytes:
        """Of the payload under this name, of this repository, by this program."""
        digest = hashlib.blake2b(key=self.key, digest_size=_SIGNATURE)
        digest.update(b"%s %s %s\n" % (program_stamp(), self.repository.encode(), name.encode()))
        digest.update(payload)
        return digest.digest()


def memory_of(root: Path, environment: Mapping[str, str]) -> Memory | None:
    """The memory of the repository in a folder; None when there is none, or when CHRONON_CACHE=off.

    environment: of the process; XDG_CACHE_HOME and XDG_STATE_HOME move the folders, as everywhere.
    """
    if environment.get("CHRONON_CACHE") == OFF:
        return None
    cache = _folder(environment, "XDG_CACHE_HOME", ".cache")
    state = _folder(environment, "XDG_STATE_HOME", ".local/state")
    if cache is None or state is None:
        return None
    try:
        _own(cache)
        _own(state)
        key = _key(state / "memory.key")
    except OSError:
        return None
    repository = hashlib.blake2b(os.fsencode(root.resolve()), digest_size=16).hexdigest()
    return Memory(folder=cache, repository=repository, key=key)


@functools.cache
def program_stamp() -> bytes:
    """The program in hexadecimal: its version, its files as they lie there, the packages installed beside it."""
    digest = hashlib.blake2b(f"{__version__} {sys.version}\n".encode(), digest_size=16)
    packages = [Path(path) for path in sys.path if path.endswith("-packages")]
    for path, status in ((folder, folder.stat()) for folder in packages if folder.is_dir()):
        digest.update(f"{path} {status.st_mtime_ns}\n".encode())
    for name, status in _files(str(_PACKAGE)):
        digest.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest().encode()


def _files(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        if entry.is_dir() and entry.name != "__pycache__":
            yield from _files(entry.path)
        elif entry.is_file():
            yield entry.path, entry.stat()


def _folder(environment: Mapping[str, str], variable: str, otherwise: str) -> Path | None:
    """The product's own folder below one of the user's; None without a home. A path that is not absolute counts as none."""
    given, home = Path(environment.get(variable, "")), Path(environment.get("HOME", ""))
    if given.is_absolute():
        return given / "chronon"
    return home / otherwise / "chronon" if home.is_absolute() else None


def _own(folder: Path) -> None:
    """Make the folder where it is missing. Errors: PermissionError when others can write in it."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.stat()
    if status.st_uid != os.getuid() or status.st_mode & 0o022:
        raise PermissionError(f"{folder} can be written by others")


def _key(file: Path) -> bytes:
    """The user's secret, made when there is none. Errors: OSError when it cannot be kept from others."""
    if not file.exists():
        _replace(file, os.urandom(_SIGNATURE))
    with _open(file, os.O_RDONLY) as stream:
        status, key = os.fstat(stream.fileno()), stream.read(_SIGNATURE + 1)
    if status.st_uid != os.getuid() or status.st_mode & 0o077 or len(key) != _SIGNATURE:
        raise PermissionError(f"{file} is no secret")
    return key


def _open(file: Path, flags: int) -> BinaryIO:
    """A regular file, opened without following a link or waiting for a pipe. Errors: OSError."""
    descriptor = os.open(file, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "no regular file", str(file))
    return os.fdopen(descriptor, "rb" if flags == os.O_RDONLY else "wb")


def _replace(file: Path, content: bytes) -> None:
    """Written aside and renamed: a reader sees the old file or the new one, and the last of several writers stays."""
    unfinished = file.with_name(f"{file.name}.{os.urandom(8).hex()}")
    try:
        with _open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL) as stream:
            stream.write(content)
        unfinished.rename(file)
    finally:
        unfinished.unlink(missing_ok=True)


def _make_room(folder: Path) -> None:
    """Remove the files written longest ago where there are too many."""
    with os.scandir(folder) as found:
        files = sorted((entry for entry in found if entry.is_file()), key=lambda entry: entry.stat().st_mtime_ns)
    for entry in files[:-MAX_FILES]:
        Path(entry.path).unlink(missing_ok=True)
