"""Which files of a repository are documents, and the bytes in them. Never leaves the repository's folder."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from chronon.loaders import codes
from chronon.loaders.yaml import MAX_BYTES
from chronon.model.diagnostics import Diagnostic, Severity, Span
from chronon.model.names import IDENTIFIER, Kind, ObjectName

FOLDERS = {"sources": Kind.SOURCE, "group_bys": Kind.GROUP_BY, "joins": Kind.JOIN}
"""Folder of a team → what its files declare."""

_DOCUMENT = re.compile(rf"{IDENTIFIER.pattern}(@[1-9][0-9]*)?\.yaml")
"""The name of a file in the folder of a kind that is as it should be."""
_STEM = re.compile(r"(?P<name>[^@]+)(@(?P<version>[1-9][0-9]*))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a document lies, and what it must therefore declare.

    path: relative to the root.  version: the one in the file's name (`carrier@2.yaml`); None without.
    """

    path: str
    kind: Kind
    team: str
    name: str
    version: int | None = None

    @property
    def object(self) -> tuple[Kind, ObjectName]:
        """What is declared there; a team has its own name twice."""
        return self.kind, ObjectName(self.team, self.name)


def place_of(path: str) -> Place | None:
    """What the path of a document says: `<teams>/delays/joins/departure.yaml`; None for any other file."""
    *folders, name = path.split("/")
    if not folders or not name.endswith(".yaml"):
        return None
    if name == "team.yaml":
        return Place(path=path, kind=Kind.TEAM, team=folders[-1], name=folders[-1])
    stem = _STEM.fullmatch(name, 0, len(name) - len(".yaml"))
    if stem is None or len(folders) < 2 or folders[-1] not in FOLDERS:
        return None
    own, version = stem["name"], stem["version"]
    return Place(
        path=path, kind=FOLDERS[folders[-1]], team=folders[-2], name=own, version=int(version) if version else None
    )


def broken_objects(found: Collection[Diagnostic]) -> frozenset[tuple[Kind, ObjectName]]:
    """The objects whose files have errors: a reference to one of them is no second mistake."""
    paths = {one.span.path for one in found if one.severity is Severity.ERROR}
    paths |= {_meant(one.span.path) for one in found if one.code in (codes.MISPLACED, codes.MISNAMED)}
    return frozenset(place.object for place in map(place_of, paths) if place)


def _meant(path: str) -> str:
    """The path of a document whose folder or name was misspelt, as far as one can tell."""
    *above, folder, name = ("", *path.split("/"))
    stem = re.sub(r"\.ya?ml$", "", name)
    return "/".join((*above[1:], _kind_folder(folder) or folder, f"{_identifier(stem)}.yaml"))


def _kind_folder(folder: str) -> str | None:
    """The folder of a kind that a name stands for."""
    from chronon.loaders.nearest import nearest

    return nearest(folder.lower().replace("-", "_"), FOLDERS)


def _identifier(name: str) -> str:
    """A name as it may be: small letters, digits and `_`, its version kept."""
    return re.sub(r"[^a-z0-9@]+", "_", name.lower()).strip("_")


Stamp = tuple[int, int, int, int]
"""What tells that a file is still the same: when it was written and changed (nanoseconds), its size, its inode."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What lies under the folder of the teams: path of every document → its stamp, in order; and what should be none."""

    stamps: Mapping[str, Stamp]
    problems: tuple[Diagnostic, ...]


def listing(root: Path, teams: Path, skipped: Collection[Path] = ()) -> Listing:
    """Every document under the folder of the teams, looked at from outside.

    skipped: folders of data that may lie there. A folder is a team when it has a team.yaml or a folder for a kind.
    """
    prefix = teams.relative_to(root).as_posix()
    scan = _Scan(str(root.resolve()), {}, [])
    folders_of_data = {str(folder) for folder in skipped}
    for folder in _entries(str(teams)):
        if folder.path not in folders_of_data and _is_folder(folder) and _is_team(folder.path):
            scan.team(folder, folder.name if prefix == "." else f"{prefix}/{folder.name}")
    return Listing(scan.stamps, tuple(scan.problems))


def documents(root: Path, teams: Path, skipped: Collection[Path] = ()) -> Iterator[Place | Diagnostic]:
    """Every document of a listing by its place, in the order of paths, then the problems."""
    found = listing(root, teams, skipped)
    for path in found.stamps:
        if place := place_of(path):
            yield place
    yield from found.problems


def content_of(root: Path, place: Place) -> bytes | Diagnostic:
    """The bytes of a document, one more than may be at most; or why they cannot be read."""
    path, file = place.path, f"{root}/{place.path}"
    try:
        descriptor = _opened(file, path, root)
        if isinstance(descriptor, Diagnostic):
            return descriptor
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                return _problem(codes.NOT_A_FILE, path, "this is no regular file", "replace it by a file")
            return _all(descriptor, status.st_size)
        finally:
            os.close(descriptor)
    except OSError as error:
        message = f"the file cannot be read: {error.strerror}"
        return _problem(codes.UNREADABLE, path, message, "look at its permissions")


def _opened(file: str, path: str, root: Path) -> int | Diagnostic:
    """A descriptor; or what is wrong with a link. Since the scan the file may have become one, or a pipe. Errors: OSError."""
    try:
        return os.open(file, _FLAGS | os.O_NOFOLLOW)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
    return _Scan(str(root.resolve()), {}, []).escape(file, path) or os.open(file, _FLAGS)


_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
"""Without waiting for whoever writes into a pipe."""


def _stamp(status: os.stat_result) -> Stamp:
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino


def _all(descriptor: int, size: int) -> bytes:
    """As many bytes as the file has, and one more if it has grown; a read that comes back early is taken up again."""
    at_most = min(size, MAX_BYTES) + 1
    content = os.read(descriptor, at_most)
    while len(content) < min(size, at_most) and (more := os.read(descriptor, at_most - len(content))):
        content += more
    return content


def _is_team(folder: str) -> bool:
    return Path(folder, "team.yaml").exists() or any(Path(folder, kind).is_dir() for kind in FOLDERS)


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Whether it is one, links followed: an entry itself fails on a link to itself."""
    return Path(entry.path).is_file() if entry.is_symlink() else entry.is_file()


def _is_folder(entry: os.DirEntry[str]) -> bool:
    return Path(entry.path).is_dir() if entry.is_symlink() else entry.is_dir()


def _entries(folder: str) -> list[os.DirEntry[str]]:
    """What lies in a folder, by name; hidden things are nobody's documents."""
    with os.scandir(folder) as entries:
        return sorted((entry for entry in entries if not entry.name.startswith(".")), key=lambda entry: entry.name)


@dataclass(frozen=True, slots=True)
class _Scan:
    """real: the root without links, which nothing may leave.  stamps, problems: what was found so far."""

    real: str
    stamps: dict[str, Stamp]
    problems: list[Diagnostic]

    def team(self, folder: os.DirEntry[str], path: str) -> None:
        if folder.is_symlink() and (problem := self.escape(folder.path, path)):
            self.problems.append(problem)
        elif not IDENTIFIER.fullmatch(folder.name):
            message = f"a team's folder is named `{folder.name}`: expected small letters, digits and `_`"
            self._found(codes.MISNAMED, f"{path}/team.yaml", message, "rename it")
        else:
            self._members(folder, path)

    def _members(self, folder: os.DirEntry[str], path: str) -> None:
        if not Path(folder.path, "team.yaml").exists():
            message = f"team `{folder.name}` has no team.yaml"
            self._found(codes.NO_TEAM, f"{path}/team.yaml", message, f"write one: `team: {folder.name}`")
        for entry in _entries(folder.path):
            inside = f"{path}/{entry.name}"
            if entry.name in FOLDERS and _is_folder(entry):
                if entry.is_symlink() and (problem := self.escape(entry.path, inside)):
                    self.problems.append(problem)
                    continue
                for file in _entries(entry.path):
                    if file.name.endswith((".yaml", ".yml")) or _is_folder(file):
                        self._file(file, f"{inside}/{file.name}")
            elif entry.name.endswith((".yaml", ".yml")):
                self._file(entry, inside)
            elif _is_folder(entry) and (meant := _kind_folder(entry.name)):
                for file in _entries(entry.path):
                    if file.name.endswith((".yaml", ".yml")):
                        message = f"no document is read from `{entry.name}/`"
                        self._found(codes.MISPLACED, f"{inside}/{file.name}", message, f"rename the folder to {meant}/")

    def _file(self, file: os.DirEntry[str], path: str) -> None:
        if file.is_symlink() and (problem := self.escape(file.path, path)):
            self.problems.append(problem)
        elif not _is_file(file):
            self._found(codes.NOT_A_FILE, path, "this is no regular file", "a document is one .yaml file")
        else:
            self._document(file, path)

    def _document(self, file: os.DirEntry[str], path: str) -> None:
        *_, folder, name = path.split("/")
        if folder in FOLDERS and _DOCUMENT.fullmatch(name):
            self.stamps[path] = _stamp(file.stat())
            return
        stem = _STEM.fullmatch(name, 0, len(name) - len(".yaml")) if name.endswith(".yaml") else None
        if name != "team.yaml" and (stem is None or folder not in FOLDERS):
            hint = "name it .yaml" if name.endswith(".yml") else f"documents lie in {', '.join(FOLDERS)}"
            self._found(codes.MISPLACED, path, f"no document is read from `{name}` here", hint)
        elif stem is not None and not IDENTIFIER.fullmatch(stem["name"]):
            message = (
                f"`{name.removesuffix('.yaml')}` is no name: expected small letters, digits and `_`, a letter first"
            )
            meant = _identifier(stem["name"])
            hint = f"rename it to {meant}.yaml" if IDENTIFIER.fullmatch(meant) else "rename the file"
            self._found(codes.MISNAMED, path, message, hint)
        else:
            self.stamps[path] = _stamp(file.stat())

    def escape(self, file: str, path: str) -> Diagnostic | None:
        """What is wrong with a link that leads out of the repository."""
        if f"{os.path.realpath(file)}/".startswith(f"{self.real.rstrip('/')}/"):
            return None
        message = "this link leads out of the repository"
        return _problem(codes.NOT_A_FILE, path, message, "put the file itself here")

    def _found(self, code: str, path: str, message: str, hint: str) -> None:
        self.problems.append(_problem(code, path, message, hint))


def _problem(code: str, path: str, message: str, hint: str) -> Diagnostic:
    return Diagnostic(code=code, span=Span(path), message=message, hint=hint)
