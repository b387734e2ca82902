"""Which files of a repository are documents, and the bytes in them. Never leaves the repository's folder."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from chronon.loaders import codes
from chronon.loaders.yaml import MAX_BYTES
from chronon.model.diagnostics import Diagnostic, Severity, Span
from chronon.model.names import IDENTIFIER, Kind, ObjectName

FOLDERS = {"sources": Kind.SOURCE, "group_bys": Kind.GROUP_BY, "joins": Kind.JOIN}
"""Folder of a team → what its files declare."""

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
    parts = PurePosixPath(path).parts
    stem = _STEM.fullmatch(PurePosixPath(path).stem)
    if not path.endswith(".yaml") or stem is None:
        return None
    if len(parts) >= 2 and parts[-1] == "team.yaml":
        return Place(path=path, kind=Kind.TEAM, team=parts[-2], name=parts[-2])
    if len(parts) >= 3 and parts[-2] in FOLDERS:
        version = int(stem["version"]) if stem["version"] else None
        return Place(path=path, kind=FOLDERS[parts[-2]], team=parts[-3], name=stem["name"], version=version)
    return None


def broken_objects(found: Collection[Diagnostic]) -> frozenset[tuple[Kind, ObjectName]]:
    """The objects whose files have errors: a reference to one of them is no second mistake."""
    places = (place_of(one.span.path) for one in found if one.severity is Severity.ERROR)
    return frozenset(place.object for place in places if place)


def documents(root: Path, teams: Path, skipped: Collection[Path] = ()) -> Iterator[Place | Diagnostic]:
    """Every document under the folder of the teams, in the order of paths, and every file that should be none.

    skipped: folders of data that may lie there. A folder is a team when it has a team.yaml or a folder for a kind.
    """
    scan = _Scan(root, root.resolve())
    for folder in scan.entries(teams):
        if folder.is_dir() and folder not in skipped and _is_team(folder):
            yield from scan.team(folder)


def content_of(root: Path, place: Place) -> bytes | Diagnostic:
    """The bytes of a document, one more than may be at most; or why they cannot be read."""
    file = root / place.path
    try:
        # Looked at once more, and opened without waiting: since the scan it may have become a link or a pipe.
        if problem := _Scan(root, root.resolve()).escape(file):
            return problem
        if not stat.S_ISREG(file.stat().st_mode):
            return _problem(codes.NOT_A_FILE, place.path, "this is no regular file", "replace it by a file")
        with os.fdopen(os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        message = f"the file cannot be read: {error.strerror}"
        return _problem(codes.UNREADABLE, place.path, message, "look at its permissions")


def _is_team(folder: Path) -> bool:
    return (folder / "team.yaml").exists() or any((folder / kind).is_dir() for kind in FOLDERS)


@dataclass(frozen=True, slots=True)
class _Scan:
    """root: as given.  real: the same without links, which nothing may leave."""

    root: Path
    real: Path

    def entries(self, folder: Path) -> list[Path]:
        """What lies in a folder, by name; hidden things are nobody's documents."""
        return sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))

    def team(self, folder: Path) -> Iterator[Place | Diagnostic]:
        if problem := self.escape(folder):
            yield problem
        elif not IDENTIFIER.fullmatch(folder.name):
            message = f"a team's folder is named `{folder.name}`: expected small letters, digits and `_`"
            yield _problem(codes.MISNAMED, self._relative(folder / "team.yaml"), message, "rename it")
        else:
            yield from self._members(folder)

    def _members(self, folder: Path) -> Iterator[Place | Diagnostic]:
        if not (folder / "team.yaml").exists():
            message = f"team `{folder.name}` has no team.yaml"
            path = self._relative(folder / "team.yaml")
            yield _problem(codes.NO_TEAM, path, message, f"write one: `team: {folder.name}`")
        for entry in self.entries(folder):
            if entry.is_dir() and entry.name in FOLDERS:
                problem = self.escape(entry)
                yield from [problem] if problem else self._folder(entry)
            elif entry.name == "team.yaml" or entry.suffix in {".yaml", ".yml"}:
                yield self._file(entry)

    def _folder(self, folder: Path) -> Iterator[Place | Diagnostic]:
        for entry in self.entries(folder):
            if entry.suffix in {".yaml", ".yml"} or entry.is_dir():
                yield self._file(entry)

    def _file(self, file: Path) -> Place | Diagnostic:
        path = self._relative(file)
        if problem := self.escape(file):
            return problem
        if not file.is_file():
            return _problem(codes.NOT_A_FILE, path, "this is no regular file", "a document is one .yaml file")
        place = place_of(path)
        if place is None:
            hint = "name it .yaml" if file.suffix == ".yml" else f"documents lie in {', '.join(FOLDERS)}"
            return _problem(codes.MISPLACED, path, f"no document is read from `{file.name}` here", hint)
        if not IDENTIFIER.fullmatch(place.name):
            message = f"`{file.stem}` is no name: expected small letters, digits and `_`, a letter first"
            return _problem(codes.MISNAMED, path, message, "rename the file")
        return place

    def escape(self, entry: Path) -> Diagnostic | None:
        """What is wrong with a link that leads out of the repository."""
        if not entry.is_symlink() or Path(os.path.realpath(entry)).is_relative_to(self.real):
            return None
        message = "this link leads out of the repository"
        return _problem(codes.NOT_A_FILE, self._relative(entry), message, "put the file itself here")

    def _relative(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()


def _problem(code: str, path: str, message: str, hint: str) -> Diagnostic:
    return Diagnostic(code=code, span=Span(path), message=message, hint=hint)
