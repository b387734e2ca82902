"""The key of an object: equal keys, equal findings.

It hashes everything that checks may ask about an object: its document, its team's, how each of its references resolves
with the key of what they lead to, and what `_around` lists. Whatever else is derived from an object with everything
that it reads may be remembered under its key too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter

from chronon.expressions.shapes import Shapes
from chronon.loaders.repository import repository_of
from chronon.loaders.summaries import Summary
from chronon.loaders.survey import Survey
from chronon.model.names import Kind, ObjectName
from chronon.model.specs import Level
from chronon.model.time import Day
from chronon.validators.context import Context, context_within
from chronon.validators.order import parents_first
from chronon.validators.references import Lost, Reason, References
from chronon.validators.whole import Whole, served_of, unread_of


@dataclass(slots=True)
class Closures:
    """Keys of the objects of a survey. Build it with `closures_of`.

    places: table or topic → documents of the sources that have it.
    teams:  team → the document of it.
    keys:   path → key.  reads: path → paths of the documents that its object needs, itself left out.
    shapes: of their expressions, as far as they are known.
    """

    survey: Survey
    whole: Whole
    places: Mapping[str, list[str]]
    keys: dict[str, bytes] = field(default_factory=dict)
    reads: dict[str, tuple[str, ...]] = field(default_factory=dict)
    teams: dict[str, str] = field(default_factory=dict)
    shapes: Shapes = field(default_factory=Shapes)
    _context: tuple[tuple[str, ...], Context] | None = None
    _readers: dict[str, list[str]] | None = None
    _found: dict[tuple[str, str, str], str | Lost] = field(default_factory=dict)
    _names: dict[Kind, str] = field(default_factory=dict)
    _levels: str = field(init=False)

    def __post_init__(self) -> None:
        self._levels = repr(sorted(self.whole.checks.items()))

    def within(self, asked: Iterable[str]) -> tuple[str, ...]:
        """The documents of these and of everything that they need, in the order of paths."""
        asked = tuple(asked)
        # What stands beside a source is told of that source alone: its readers ask nothing about it.
        wanted = {path for one in asked for path in (one, *self.beside(one))}
        left = list(wanted)
        while left:
            new = [path for path in self.reads[left.pop()] if path not in wanted]
            wanted.update(new)
            left += new
        return tuple(sorted(wanted))

    def readers_of(self, paths: Iterable[str]) -> set[str]:
        """The documents that read one of these directly."""
        if self._readers is None:
            self._readers = {}
            for path, read in self.reads.items():
                for one in read:
                    self._readers.setdefault(one, []).append(path)
        return {reader for path in paths for reader in self._readers.get(path, ())}

    def with_readers(self, paths: Iterable[str]) -> set[str]:
        """The documents, and all that read them, however many lie between."""
        found = set(paths)
        edge = found
        while edge:
            edge = self.readers_of(edge) - found
            found = found | edge
        return found

    def context(self, documents: Sequence[str]) -> Context:
        """What some documents say, among the names of the whole. Everything that they need must be among them.

        Whoever asks for the same ones again gets the same answers, which are not looked for again. Errors: MovedError.
        """
        asked = tuple(documents)
        if self._context is None or self._context[0] != asked:
            self._context = None  # two of them would be in memory at once
            repository = repository_of(map(self.survey.spec, asked), "")
            self._context = asked, context_within(repository, self.whole, self.shapes)
        return self._context[1]

    def find(self, kind: str, text: str, team: str) -> str | Lost:
        """The document of what a reference means."""
        key = (kind, text, team)
        if key not in self._found:
            found = self.whole.references.find(Kind(kind), text, team)
            self._found[key] = found if isinstance(found, Lost) else self.survey.paths[found]
        return self._found[key]

    def add(self, path: str, cyclic: Collection[str]) -> None:
        """Compute the key of an object; what it reads must have one, unless that is on a cycle."""
        summary = self.survey.summaries[path]
        team = summary.team
        parents = [self.teams.get(team, "")]
        parts = [summary.content.hex(), path, self._content(parents[0])]
        for kind, text in summary.reads:
            found = self.find(kind, text, team)
            if isinstance(found, Lost):
                parts.append(self._about(found, Kind(kind)))
            elif found in cyclic:
                parts.append("on a cycle")
            else:
                parents.append(found)
                parts.append(self.keys[found].hex())
        parts += [self._replaced(Kind(kind), text, team) for kind, text in summary.uses]
        parts += self._around(summary, path)
        self.keys[path] = hashlib.blake2b("\0".join(parts).encode(), digest_size=16).digest()
        self.reads[path] = tuple(parent for parent in parents if parent)

    def _replaced(self, kind: Kind, text: str, team: str) -> str:
        """Whether there is what shall be read in its place."""
        found = self.find(kind, text, team)
        return self._about(found, kind) if isinstance(found, Lost) else found

    def _about(self, lost: Lost, kind: Kind) -> str:
        """What is said about a reference that leads nowhere; the hint chooses among all names."""
        if lost.reason is Reason.HIDDEN:
            return "hidden"
        if kind not in self._names:
            names = "\0".join(map(str, self.whole.references.names(kind, "")))
            self._names[kind] = hashlib.blake2b(names.encode(), digest_size=16).hexdigest()
        others = [other.name for other in Kind if lost.name in self.whole.references.objects[other]]
        return f"{lost.reason.name} {lost.name} {lost.versions} {self._names[kind]} {others}"

    def _around(self, summary: Summary, path: str) -> list[str]:
        """What checks ask of objects to which no reference leads.

        `cycle` tells a cycle at its first object, `shared_name` tells a join of the group_by with its name, `unused_source`
        and `unread_group_by` that nobody reads one, `no_owners` a team of its first online object, `table_types` a source
        of the first one with its table; whoever reads what is deprecated tells that its day has passed.
        """
        around = [repr(cycle) for cycle in self.whole.cycles if cycle[0] == summary.object]
        around.append(self._levels)
        around += [str(self.whole.today is not None and day < self.whole.today) for day in summary.days]
        if summary.kind == Kind.JOIN:
            joined = summary.object
            versions = self.whole.references.objects[Kind.GROUP_BY].get(joined.name, ())
            around.append(str(joined.version in versions))
        if summary.kind in (Kind.SOURCE, Kind.GROUP_BY):
            around.append(str(summary.object in self.whole.unread))
        if summary.kind == Kind.TEAM:
            around.append(str(self.whole.served.get(summary.team)))
        around += [f"{other} {self._content(other)}" for other in self.beside(path)]
        return around

    def beside(self, path: str) -> list[str]:
        """The other sources with the table or topic of a source."""
        places = self.survey.summaries[path].places
        return sorted({other for place in places for other in self.places[place]} - {path}) if places else []

    def _content(self, path: str) -> str:
        return self.survey.summaries[path].content.hex() if path else ""


def closures_of(
    survey: Survey, broken: Collection[tuple[Kind, ObjectName]], checks: Mapping[str, Level], today: Day
) -> Closures:
    """The keys of every object. broken: objects whose files have errors.  checks, today: as in `Whole`."""
    documents = {path: survey.summaries[path] for path in survey.paths.values()}
    references = References.among(survey.paths, broken)
    reads = ((Kind(kind), text, one.team) for one in documents.values() for kind, text in one.reads)
    whole = Whole(
        references=references,
        unread=unread_of(references, reads),
        served=served_of(one.object for one in documents.values() if one.asks),
        checks=checks,
        today=today,
    )
    made = Closures(survey, whole, placed(documents), teams=teams_of(documents))
    edges = _edges(made, documents)
    try:
        order, cyclic = tuple(TopologicalSorter(edges).static_order()), frozenset[str]()
    except CycleError:
        order, cyclic = _tangled(made, edges)
    plain = [path for path in documents if path not in edges]
    sources = [path for path in plain if documents[path].kind not in _READERS]
    for path in dict.fromkeys((*sources, *plain, *order, *sorted(cyclic))):
        made.add(path, cyclic)
    return made


def placed(documents: Mapping[str, Summary]) -> Mapping[str, list[str]]:
    """Table or topic → the documents that have it."""
    places: dict[str, list[str]] = {}
    for path, summary in documents.items():
        for place in summary.places:
            places.setdefault(place, []).append(path)
    return places


def teams_of(documents: Mapping[str, Summary]) -> dict[str, str]:
    """Team → its document."""
    return {one.team: path for path, one in documents.items() if one.kind == Kind.TEAM}


def _edges(closures: Closures, documents: Mapping[str, Summary]) -> Mapping[str, tuple[str, ...]]:
    """The documents of those that read others which read others, each with these: most read sources alone."""
    edges = {}
    for path, summary in documents.items():
        read = [(kind, text) for kind, text in summary.reads if kind in _READERS]
        if found := [one for kind, text in read if isinstance(one := closures.find(kind, text, summary.team), str)]:
            edges[path] = dict.fromkeys(found)
    return {path: tuple(one for one in read if one in edges) for path, read in edges.items()}


_READERS = (Kind.GROUP_BY, Kind.JOIN)


def _tangled(closures: Closures, edges: Mapping[str, tuple[str, ...]]) -> tuple[tuple[str, ...], frozenset[str]]:
    """The documents outside cycles, parents first, and those of the cycles, which are noted."""
    paths = closures.survey.paths
    objects = {path: closures.survey.summaries[path].object for path in edges}
    order, cycles = parents_first({objects[path]: tuple(objects[one] for one in read) for path, read in edges.items()})
    closures.whole = replace(closures.whole, cycles=cycles)
    cyclic = frozenset(paths[identity] for cycle in cycles for identity in cycle)
    return tuple(paths[identity] for identity in order), cyclic
