"""What a run keeps of the files of a repository, and the whole answer of a run when nothing has changed since."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from chronon.loaders.config import FILE, Config, is_below
from chronon.loaders.files import Listing, Stamp, content_of, listing, place_of
from chronon.loaders.memory import Memory
from chronon.loaders.yaml import MAX_BYTES
from chronon.model.diagnostics import Diagnostic, Severity, Span
from chronon.model.items import deprecations_of
from chronon.model.names import Kind, ObjectId, ObjectName
from chronon.model.specs import GroupBySpec, JoinSpec, QuerySpec, SourceSpec, Spec
from chronon.model.time import Day, Millis, day_of

UNCERTAIN = 2_000_000_000
"""Nanoseconds: a file written that shortly before it was read may be written once more under the same stamp."""

ENDLESS = 2**31
"""More days than any date has."""

Said = tuple[str, str, int, int, str, str, str]
"""A finding as data: code, path, line, column, message, hint, severity."""


class Summary(msgspec.Struct, frozen=True, array_like=True):
    """One document.

    stamp:   None when it cannot be relied on.  content: digest of its bytes.
    id:      kind, team, name, version of its object; None when it has errors, which are in `found`.
    reads:   kind and text of every reference in it.  places: the tables and topics of a source.
    asks:    whether it is served and has no owners of its own, so that its team is asked.
    uses:    kind and text of what shall be read in its place.  days: the last ones of what shall go in it.
    """

    stamp: Stamp | None
    content: bytes
    id: tuple[str, str, str, int] | None
    reads: tuple[tuple[str, str], ...] = ()
    places: tuple[str, ...] = ()
    asks: bool = False
    found: tuple[Said, ...] = ()
    uses: tuple[tuple[str, str], ...] = ()
    days: tuple[int, ...] = ()

    @property
    def kind(self) -> str:
        """The kind of its object; empty without one."""
        return self.id[0] if self.id else ""

    @property
    def team(self) -> str:
        """The team of its object; empty without one."""
        return self.id[1] if self.id else ""

    @property
    def object(self) -> ObjectId:
        """The object that it declares; it must have one."""
        kind, team, name, version = self.id or ("", "", "", 0)
        return ObjectId(Kind(kind), ObjectName(team, name), version)


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """What a run has answered, and the files of which it is the answer.

    config:  digest of the root file.  folders: of the teams, the tables and the streams, as it names them.
    listing: digest of what lay in the folder of the teams.  documents: of the paths and contents of all documents.
    content: digest of the bytes of every document whose stamp cannot be relied on.
    days:    the first and the last on which it is so: what shall go then may be read no longer.
    """

    config: bytes
    folders: tuple[str, str, str]
    listing: bytes
    documents: bytes
    content: dict[str, bytes]
    definitions: int
    found: tuple[Said, ...]
    days: tuple[int, int]


def digest(content: bytes) -> bytes:
    """What tells that bytes are the same."""
    return hashlib.blake2b(content, digest_size=16).digest()


def said(found: Iterable[Diagnostic]) -> tuple[Said, ...]:
    """Findings as data."""
    return tuple(
        (one.code, one.span.path, one.span.line, one.span.column, one.message, one.hint, one.severity.value)
        for one in found
    )


def heard(found: Iterable[Said]) -> tuple[Diagnostic, ...]:
    """Findings from data."""
    return tuple(
        Diagnostic(code=code, span=Span(path, line, column), message=message, hint=hint, severity=Severity(severity))
        for code, path, line, column, message, hint, severity in found
    )


def summary_of(content: bytes, spec: Spec | None, found: Iterable[Diagnostic]) -> Summary:
    """What to keep of a document that was read."""
    if spec is None:
        return Summary(stamp=None, content=digest(content), id=None, found=said(found))
    identity = spec.header.id
    return Summary(
        stamp=None,
        content=digest(content),
        id=(identity.kind.value, identity.name.team, identity.name.name, identity.version),
        reads=tuple(dict.fromkeys(reads_of(spec))),
        places=_places(spec) if isinstance(spec, SourceSpec) else (),
        asks=isinstance(spec, GroupBySpec | JoinSpec) and spec.online and not spec.header.owners,
        uses=((identity.kind.value, use),) if spec.header.deprecated and (use := spec.header.deprecated.use) else (),
        days=tuple(sorted({one.until for one in deprecations_of(spec) if one.until is not None})),
    )


def same_days(days: Collection[int], today: Day) -> tuple[int, int]:
    """The first and the last day on which as many of these have passed as today."""
    passed, ahead = ([day for day in days if is_past == (day < today)] for is_past in (True, False))
    return max(passed, default=-ENDLESS) + 1, min(ahead, default=ENDLESS)


def today_of(begun: int) -> Day:
    """The day of a moment in nanoseconds since the epoch."""
    return day_of(Millis(begun // 1_000_000))


def _places(source: SourceSpec) -> tuple[str, ...]:
    changes = source.mutations
    places = (source.table, source.topic, *((changes.table, changes.topic) if changes else ()))
    return tuple(dict.fromkeys(place for place in places if place))


def reads_of(spec: Spec) -> Iterable[tuple[str, str]]:
    """Kind and text of every reference in a spec."""
    if isinstance(spec, GroupBySpec):
        yield from map(_read, spec.queries)
    elif isinstance(spec, JoinSpec):
        yield _read(spec.left)
        yield from (_read(one.query) for one in spec.bootstrap)
        yield from ((Kind.GROUP_BY.value, part.group_by) for _path, part in spec.asked)


def _read(query: QuerySpec) -> tuple[str, str]:
    return (Kind.SOURCE.value, str(query.source)) if query.join is None else (Kind.JOIN.value, query.join)


def is_certain(stamp: Stamp, begun: int) -> bool:
    """Whether another content under this stamp is out of the question. begun: nanoseconds, before the file was read."""
    written, changed, _size, _inode = stamp
    return max(written, changed) < begun - UNCERTAIN


def digest_of_listing(found: Listing) -> bytes:
    """What tells that nothing lies elsewhere, or looks different from outside."""
    return digest(repr((found.stamps, found.problems)).encode())


def digest_of_documents(summaries: Mapping[str, Summary]) -> bytes:
    """What tells that every document says what it said, wherever its stamp comes from."""
    found = hashlib.blake2b(digest_size=16)
    for path, summary in summaries.items():
        found.update(b"%s\0%s" % (path.encode(errors="surrogateescape"), summary.content))
    return found.digest()


def config_digest(root: Path) -> bytes:
    """The digest of the root file; empty when it is no file. Errors: OSError when it cannot be read."""
    file = root / FILE
    if not file.is_file():
        return b""
    with file.open("rb") as stream:
        return digest(stream.read(MAX_BYTES + 1))


def folders_of(config: Config) -> tuple[str, str, str]:
    """The folders that decide which files are documents."""
    return str(config.teams), str(config.tables), str(config.streams)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What a look at a repository has told.

    answer:  the remembered one, if every file is still as it was.
    listing: what lies there now; None where nobody has looked.  config: digest of the root file that says where.
    """

    answer: Answer | None = None
    listing: Listing | None = None
    config: bytes = b""


NOT_LOOKED = Looked()


def look(root: Path, memory: Memory, begun: int) -> Looked:
    """Whether a repository is still as it was. root: absolute, without links.  begun: nanoseconds since the epoch, now."""
    answer = memory.read("answer", Answer)
    if answer is None:
        return NOT_LOOKED
    try:
        found = _listing_of(root, answer)
    except OSError:
        return NOT_LOOKED  # whoever reads everything again tells what is wrong with a folder
    is_same = found is not None and digest_of_listing(found) == answer.listing
    if found is None or not is_same or not answer.days[0] <= today_of(begun) <= answer.days[1]:
        return Looked(listing=found, config=answer.config)
    if not all(_is_same(root, path, content) for path, content in answer.content.items()):
        return Looked(listing=found, config=answer.config)
    stamps = found.stamps
    uncertain = {path: content for path, content in answer.content.items() if not is_certain(stamps[path], begun)}
    if len(uncertain) < len(answer.content):
        memory.write("answer", msgspec.structs.replace(answer, content=uncertain))
    return Looked(answer=answer, listing=found, config=answer.config)


def _listing_of(root: Path, answer: Answer) -> Listing | None:
    """What lies there now, if documents lie where they did when the answer was given. Errors: OSError."""
    if config_digest(root) != answer.config:
        return None
    teams, *data = map(Path, answer.folders)
    return listing(root, teams, data) if is_below(root, teams) else None


def _is_same(root: Path, path: str, content: bytes) -> bool:
    place = place_of(path)
    found = content_of(root, place) if place else b""
    return isinstance(found, bytes) and digest(found) == content
