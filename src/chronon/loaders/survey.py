"""A repository by its summaries: only files that are new or look different are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from chronon.loaders.files import Listing, Stamp, content_of, place_of
from chronon.loaders.repository import document_of, duplicate
from chronon.loaders.shared import Shared
from chronon.loaders.summaries import Summary, digest, heard, is_certain, summary_of
from chronon.model.diagnostics import Diagnostic
from chronon.model.errors import ChrononError
from chronon.model.names import ObjectId
from chronon.model.specs import Spec


class MovedError(ChrononError):
    """A file was changed while the run that had read it went on."""


@dataclass(slots=True)
class Survey:
    """What lies in a repository.

    summaries: of every document that could be read, by path, in order.
    paths:     object → its document; of two documents of one object the first.
    found:     everything that is wrong with files by themselves.
    shared:    what documents have in common.
    unread:    whether a file could not be read: what is wrong with it may be otherwise the next time, unseen.
    """

    root: Path
    listing: Listing
    summaries: dict[str, Summary] = field(default_factory=dict)
    paths: dict[ObjectId, str] = field(default_factory=dict)
    found: list[Diagnostic] = field(default_factory=list)
    unread: bool = False
    shared: Shared = field(default_factory=Shared)
    _specs: dict[str, Spec] = field(default_factory=dict)

    def spec(self, path: str) -> Spec:
        """The spec in a document that has one, read now if it was not yet. Errors: MovedError."""
        if path not in self._specs:
            place = place_of(path)
            content = content_of(self.root, place) if place else None
            is_same = isinstance(content, bytes) and digest(content) == self.summaries[path].content
            spec = (
                document_of(content, place, self.shared)[0]
                if place and isinstance(content, bytes) and is_same
                else None
            )
            if spec is None:
                raise MovedError("CHR-S024", f"{path} was changed while it was read", "run the command again")
            self._specs[path] = spec
        return self._specs[path]

    def look(self, path: str, known: Summary | None, stamp: Stamp | None) -> None:
        """Take a document in. stamp: None when it cannot be relied on."""
        place = place_of(path)
        content = content_of(self.root, place) if place else b""
        if place is None or isinstance(content, Diagnostic):
            self.unread = True
            self.found += [content] if isinstance(content, Diagnostic) else []
            return
        summary = known if known and known.content == digest(content) else None
        if summary is None:
            spec, found = document_of(content, place, self.shared)
            summary = summary_of(content, spec, found)
            if spec:
                self._specs[path] = spec
        self.keep(path, summary if summary.stamp == stamp else msgspec.structs.replace(summary, stamp=stamp))

    def keep(self, path: str, summary: Summary) -> None:
        """Take a summary in."""
        self.summaries[path] = summary
        if summary.found:
            self.found += heard(summary.found)
        if summary.id:
            first = self.paths.setdefault(summary.object, path)
            if first != path:
                self.found.append(duplicate(self.spec(first), self.spec(path)))


def survey(there: Listing, root: Path, known: Mapping[str, Summary], begun: int) -> Survey:
    """The documents under the folder of the teams.

    there: what lies in it.  root: without links.  known: what an earlier run has kept.
    begun: nanoseconds since the epoch, before somebody has looked.  Errors: MovedError.
    """
    seen = Survey(root, there)
    seen.found += seen.listing.problems
    for path, stamp in seen.listing.stamps.items():
        summary = known.get(path)
        if summary and summary.stamp == stamp:
            seen.keep(path, summary)
        else:
            seen.look(path, summary, stamp if is_certain(stamp, begun) else None)
    seen.shared = Shared()  # texts of entries are as long as all files: who reads a document later reads few
    return seen
