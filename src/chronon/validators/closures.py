"""The key of an object: equal keys, equal findings.

It hashes everything that checks may ask about an object: its document, its team's, how each of its references resolves
with the key of what they lead to, and what `_around` lists. Whatever else is derived from an object with everything
that it reads may be remembered under its key too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from chronon.loaders.summaries import Summary
from chronon.loaders.survey import Survey
from chronon.model.names import Kind, ObjectId, ObjectName
from chronon.validators.order import Edges, parents_first
from chronon.validators.references import Lost, Reason, References

Cycles = tuple[tuple[ObjectId, ...], ...]


@dataclass(slots=True)
class Closures:
    """Keys of the objects of a survey. Build it with `closures_of`.

    places: table or topic → documents of the sources that have it.
    keys:   path → key.  reads: path → paths of the documents that its object needs, itself left out.
    """

    survey: Survey
    references: References
    places: Mapping[str, list[str]]
    cycles: Cycles = ()
    keys: dict[str, bytes] = field(default_factory=dict)
    reads: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _found: dict[tuple[str, str, str], ObjectId | Lost] = field(default_factory=dict)
    _names: dict[Kind, str] = field(default_factory=dict)

    def within(self, asked: Iterable[str]) -> tuple[str, ...]:
        """The documents of these and of everything that they need, in the order of paths."""
        asked = tuple(asked)
        # What stands beside a source is told of that source alone: its readers ask nothing about it.
        wanted = {path for one in asked for path in (one, *self._beside(one))}
        left = list(wanted)
        while left:
            new = [path for path in self.reads[left.pop()] if path not in wanted]
            wanted.update(new)
            left += new
        return tuple(sorted(wanted))

    def find(self, kind: str, text: str, team: str) -> ObjectId | Lost:
        """What a reference means."""
        key = (kind, text, team)
        if key not in self._found:
            self._found[key] = self.references.find(Kind(kind), text, team)
        return self._found[key]

    def add(self, identity: ObjectId, cyclic: Collection[ObjectId]) -> None:
        """Compute the key of an object; what it reads must have one, unless that is on a cycle."""
        path = self.survey.paths[identity]
        summary = self.survey.summaries[path]
        team = identity.name.team
        parents = [self.survey.paths.get(ObjectId(Kind.TEAM, ObjectName(team, team)), "")]
        parts = [summary.content.hex(), path, self._content(parents[0])]
        for kind, text in summary.reads:
            found = self.find(kind, text, team)
            if isinstance(found, Lost):
                parts.append(self._about(found, Kind(kind)))
            elif found in cyclic:
                parts.append("on a cycle")
            else:
                parents.append(self.survey.paths[found])
                parts.append(self.keys[parents[-1]].hex())
        parts += self._around(identity, path)
        self.keys[path] = hashlib.blake2b("\0".join(parts).encode(), digest_size=16).digest()
        self.reads[path] = tuple(parent for parent in parents if parent)

    def _about(self, lost: Lost, kind: Kind) -> str:
        """What is said about a reference that leads nowhere; the hint chooses among all names."""
        if lost.reason is Reason.HIDDEN:
            return "hidden"
        if kind not in self._names:
            names = "\0".join(map(str, self.references.names(kind, "")))
            self._names[kind] = hashlib.blake2b(names.encode(), digest_size=16).hexdigest()
        return f"{lost.reason.name} {lost.name} {lost.versions} {self._names[kind]}"

    def _around(self, identity: ObjectId, path: str) -> list[str]:
        """What checks ask of objects to which no reference leads.

        `cycle` tells a cycle at its first object, `shared_name` tells a join of the group_by with its name, `table_types`
        tells a source of the first one with its table.
        """
        around = [str([*map(repr, cycle)]) for cycle in self.cycles if cycle[0] == identity]
        if identity.kind is Kind.JOIN:
            versions = self.references.objects[Kind.GROUP_BY].get(identity.name, ())
            around.append(str(identity.version in versions))
        return [*around, *(f"{other} {self._content(other)}" for other in self._beside(path))]

    def _beside(self, path: str) -> list[str]:
        """The other sources with the table or topic of a source."""
        places = self.survey.summaries[path].places
        return sorted({other for place in places for other in self.places[place]} - {path}) if places else []

    def _content(self, path: str) -> str:
        return self.survey.summaries[path].content.hex() if path else ""


def closures_of(survey: Survey, broken: Collection[tuple[Kind, ObjectName]]) -> Closures:
    """The keys of every object. broken: objects whose files have errors."""
    places: dict[str, list[str]] = {}
    for path in survey.paths.values():
        for place in survey.summaries[path].places:
            places.setdefault(place, []).append(path)
    made = Closures(survey, References.among(survey.paths, broken), places)
    objects = {identity: survey.summaries[path] for identity, path in survey.paths.items()}
    order, made.cycles = parents_first(_edges(made, objects))
    cyclic = {identity for cycle in made.cycles for identity in cycle}
    roots = (identity for identity in objects if identity.kind in _ROOTS)
    for identity in (*roots, *order, *cyclic):
        made.add(identity, cyclic)
    return made


_ROOTS = (Kind.TEAM, Kind.SOURCE)


def _edges(closures: Closures, objects: Mapping[ObjectId, Summary]) -> Edges:
    edges = {}
    for identity, summary in objects.items():
        if identity.kind not in _ROOTS:
            pairs = ((kind, text) for kind, text in summary.reads if kind != Kind.SOURCE)
            found = (closures.find(kind, text, identity.name.team) for kind, text in pairs)
            edges[identity] = tuple({one: None for one in found if isinstance(one, ObjectId)})
    return edges
