"""Where findings stand, told so that it stays the same when lines move, and where the token meant ends.

Files with findings are read once more for that: places alone know neither the length of a token nor what it is part of.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chronon.loaders.files import place_of
from chronon.loaders.yaml import MAX_BYTES, TEXT, parse
from chronon.model.diagnostics import Diagnostic, Span

_TOKEN = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[\w.@]+|.""")
_LINE = re.compile(r"\bline \d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Landmark:
    """Where one finding stands.

    end: column behind the last character of its token.  fingerprint: equal for the same mistake in a later revision.
    """

    end: int
    fingerprint: str


def landmarks(root: Path, found: Sequence[Diagnostic]) -> tuple[Landmark, ...]:
    """One for each finding, in their order. root: the folder that their paths start from.

    A fingerprint hashes code, object, names on the way through the document, and message; positions in lists and
    numbers of lines are left out, so that mistakes that are alike in all of this are counted.
    """
    pages = {path: _Page.of(root, path) for path in {one.span.path for one in found}}
    seen: Counter[str] = Counter()
    made = []
    for one in found:
        page = pages[one.span.path]
        said = (one.code, _object(one.span.path), page.within(one.span), _LINE.sub("line", one.message))
        digest = hashlib.sha256("\0".join(said).encode()).hexdigest()[:32]
        seen[digest] += 1
        made.append(Landmark(end=page.end(one.span), fingerprint=f"{digest}:{seen[digest]}"))
    return tuple(made)


@dataclass(frozen=True, slots=True)
class _Page:
    """A file as its reader sees it. names: line → column → names on the way to what begins there."""

    lines: tuple[str, ...]
    names: Mapping[int, Mapping[int, str]]

    @classmethod
    def of(cls, root: Path, path: str) -> _Page:
        """The page of a file; an empty one where there is none that may be read."""
        file = root / path
        if not file.is_file() or not file.resolve().is_relative_to(root.resolve()):
            return cls((), {})
        with file.open("rb") as stream:
            content = stream.read(MAX_BYTES)
        names: dict[int, dict[int, str]] = {}
        document, _found = parse(content, path)
        spans = document.spans if document else {}
        for steps, span in sorted(spans.items(), key=lambda entry: len(entry[0])):
            if TEXT not in steps:
                way = [step.removeprefix("key:") for step in steps if isinstance(step, str)]
                names.setdefault(span.line, {})[span.column] = "/".join(way)
        return cls(tuple(content.decode("utf-8-sig", errors="replace").split("\n")), names)

    def within(self, span: Span) -> str:
        """The names on the way to the value in which a place lies: `aggregations/operations`."""
        starts = self.names.get(span.line, {})
        before = [column for column in starts if column <= span.column]
        return starts[max(before)] if before else ""

    def end(self, span: Span) -> int:
        """The column behind the token that begins at a place."""
        line = self.lines[span.line - 1] if span.line <= len(self.lines) else ""
        token = _TOKEN.match(line.rstrip("\r"), span.column - 1)
        return token.end() + 1 if token else span.column


def _object(path: str) -> str:
    """What a file declares by its path: moving the folder of the teams changes no fingerprint."""
    place = place_of(path)
    return f"{place.kind} {place.team}.{place.name}@{place.version or 1}" if place else path
