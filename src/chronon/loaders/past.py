"""The repository as it was at a revision, read from git's objects: no file of the working tree is touched."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from chronon.loaders import codes
from chronon.loaders.config import FILE
from chronon.loaders.files import Place, place_of
from chronon.loaders.repository import document_of, repository_of
from chronon.loaders.yaml import MAX_BYTES, parse
from chronon.model.diagnostics import Diagnostic
from chronon.model.errors import ChrononError
from chronon.model.names import IDENTIFIER, Kind
from chronon.model.specs import Repository, Spec

if TYPE_CHECKING:
    from git import Commit, Repo


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRevision:
    """A repository of one commit and what is wrong with its files; those have no spec."""

    repository: Repository
    found: tuple[Diagnostic, ...]


def past_revisions(root: Path, revision: str) -> Generator[PastRevision, None, None]:
    """The repository in a folder as it was at a revision, then at each earlier one that changed it, the newest first.

    Whoever does not take them all closes the generator, and with it git.
    Errors: CHR-S032 outside git; CHR-S033 when git knows no such revision, or the repository was not there then.
    """
    from git import Repo
    from git.exc import BadName, BadObject, InvalidGitRepositoryError

    try:
        repo = Repo(root, search_parent_directories=True)
    except InvalidGitRepositoryError as cause:
        hint = "compare with what is deployed: `--against deployed`"
        raise ChrononError(codes.NO_GIT, f"{root} is not in a git repository", hint) from cause
    with repo:
        prefix = root.resolve().relative_to(Path(str(repo.working_tree_dir)).resolve()).as_posix()
        past = _Past(repo, "" if prefix == "." else f"{prefix}/")
        try:
            first = repo.commit(revision)
        except (BadName, BadObject, ValueError, IndexError) as cause:
            message = f"git knows no revision `{revision}`"
            raise ChrononError(codes.NO_REVISION, message, "name a commit, branch or tag that was fetched") from cause
        yield past.at(first)
        for commit in repo.iter_commits(first, paths=prefix, first_parent=True):
            if commit != first and past.has(commit):
                yield past.at(commit)


@dataclass(frozen=True, slots=True)
class _Past:
    """Reads commits. prefix: of the repository's folder inside git's, empty or with `/` behind it.

    known: path and git's name of a file's bytes → what they say, as most files are the same in most commits.
    """

    repo: Repo
    prefix: str
    known: dict[tuple[str, str], tuple[Spec | None, tuple[Diagnostic, ...]]] = field(default_factory=dict)

    def has(self, commit: Commit) -> bool:
        """Whether the repository was there."""
        return f"{self.prefix}{FILE}" in self._files(commit, f"{self.prefix}{FILE}")

    def at(self, commit: Commit) -> PastRevision:
        """The repository at a commit. Errors: CHR-S033."""
        short = commit.hexsha[:12]
        if not self.has(commit):
            message = f"there is no {self.prefix}{FILE} in revision {short}"
            raise ChrononError(codes.NO_REVISION, message, "name a revision that has this repository")
        specs: list[Spec] = []
        found: list[Diagnostic] = []
        teams = self._teams(commit)
        for path, name in sorted(self._files(commit, f"{self.prefix}{teams}").items()):
            if place := _place(path.removeprefix(self.prefix), teams):
                spec, problems = self._document(place, name)
                found += problems
                specs += [spec] if spec else []
        return PastRevision(repository=repository_of(specs, short), found=tuple(found))

    def _document(self, place: Place, name: str) -> tuple[Spec | None, tuple[Diagnostic, ...]]:
        key = (place.path, name)
        if key not in self.known:
            self.known[key] = document_of(self._bytes(name), place)
        return self.known[key]

    def _teams(self, commit: Commit) -> str:
        """The folder of the teams, as the chronon.yaml of that commit has it."""
        (name,) = self._files(commit, f"{self.prefix}{FILE}").values()
        document, _found = parse(self._bytes(name), FILE)
        return str(PurePosixPath(document.data.get("teams", "teams"))) if document else "teams"

    def _files(self, commit: Commit, path: str) -> dict[str, str]:
        """Path → git's name of the bytes, of every regular file at or below a path."""
        listed: str = self.repo.git.ls_tree("-r", "-z", "--full-tree", commit.hexsha, "--", path or ".")
        entries = (entry.partition("\t") for entry in listed.split("\0") if entry)
        return {found: head.split()[2] for head, _tab, found in entries if head.startswith("100")}

    def _bytes(self, name: str) -> bytes:
        content: bytes = self.repo.odb.stream(bytes.fromhex(name)).read(MAX_BYTES + 1)
        return content


def _place(path: str, teams: str) -> Place | None:
    """The place of a document: two or three folders below that of the teams; None for other files."""
    inside = PurePosixPath(path).relative_to(teams).parts
    place = place_of(path)
    is_document = place is not None and len(inside) == (2 if place.kind is Kind.TEAM else 3)
    is_named = place is not None and all(IDENTIFIER.fullmatch(name) for name in (place.team, place.name))
    return place if is_document and is_named else None
