"""Which object a reference means, or why it means none."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from enum import Enum, auto

from chronon.model.names import Kind, ObjectId, ObjectName, parse_reference
from chronon.model.specs import Repository


class Reason(Enum):
    """Why a reference leads to no object. HIDDEN: the object is there, but broken: told elsewhere."""

    UNKNOWN = auto()
    NO_VERSION = auto()
    AMBIGUOUS = auto()
    HIDDEN = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A reference without an object. versions: those that the name has."""

    reason: Reason
    name: ObjectName
    versions: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class References:
    """The names of a repository. hidden: names that are broken, so that nothing can be said about them."""

    objects: dict[Kind, dict[ObjectName, tuple[int, ...]]]
    hidden: frozenset[tuple[Kind, ObjectName]]
    _found: dict[tuple[Kind, str, str], ObjectId | Lost] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, repository: Repository, broken: Collection[tuple[Kind, ObjectName]]) -> References:
        """The names of a repository and of the objects that could not be loaded."""
        sources = (source.header.id for source in repository.sources.values())
        return cls.among((*sources, *repository.group_bys, *repository.joins), broken)

    @classmethod
    def among(cls, known: Iterable[ObjectId], broken: Collection[tuple[Kind, ObjectName]]) -> References:
        """The names of these objects and of those that could not be loaded."""
        objects: dict[Kind, dict[ObjectName, tuple[int, ...]]] = {kind: {} for kind in Kind}
        for identity in sorted(known, key=lambda one: one.version):
            names = objects[identity.kind]
            names[identity.name] = (*names.get(identity.name, ()), identity.version)
        return cls(objects, frozenset(broken))

    def find(self, kind: Kind, text: str, team: str) -> ObjectId | Lost:
        """What a text such as `carrier`, `delays.carrier` or `delays.carrier@2` means to that team."""
        key = (kind, text, team)
        if key not in self._found:
            self._found[key] = self._sought(kind, text, team)
        return self._found[key]

    def _sought(self, kind: Kind, text: str, team: str) -> ObjectId | Lost:
        parsed = parse_reference(text if "." in text else f"{team}.{text}")
        if parsed is None:
            return Lost(reason=Reason.UNKNOWN, name=ObjectName(team, text))
        name, version = parsed
        versions = self.objects[kind].get(name, ())
        if (kind, name) in self.hidden and version not in versions:
            return Lost(reason=Reason.HIDDEN, name=name)
        if not versions:
            return Lost(reason=Reason.UNKNOWN, name=name)
        if version is None and len(versions) > 1:
            return Lost(reason=Reason.AMBIGUOUS, name=name, versions=versions)
        if version is not None and version not in versions:
            return Lost(reason=Reason.NO_VERSION, name=name, versions=versions)
        return ObjectId(kind, name, versions[0] if version is None else version)

    def names(self, kind: Kind, team: str) -> tuple[str, ...]:
        """Every name of a kind as that team may write it in full."""
        known = {*self.objects[kind], *(name for one, name in self.hidden if one is kind)}
        return tuple(sorted(map(str, known), key=lambda name: (not name.startswith(f"{team}."), name)))
