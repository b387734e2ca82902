"""What checks ask of a repository as a whole, whatever part of it they look at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from chronon.model.names import Kind, ObjectId
from chronon.model.specs import Level
from chronon.model.time import Day
from chronon.validators.references import Lost, References

Read = tuple[Kind, str, str]
"""A reference: the kind that it means, its text, and the team that wrote it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """Answers about all objects. What of it belongs to an object is part of its key (`closures`).

    cycles: joins and group_bys that have no order.  served: team → the first of its online objects without owners of
            their own.
    unread: the sources and group_bys that nobody names; empty while something is broken, or some reference leads nowhere:
            it may mean any of them.
    checks: name of a check on request → what comes of it where a team does not say.
    today:  None when it does not matter: then no day has passed.
    """

    references: References
    cycles: tuple[tuple[ObjectId, ...], ...] = ()
    unread: frozenset[ObjectId] = frozenset()
    served: Mapping[str, ObjectId] = field(default_factory=dict)
    checks: Mapping[str, Level] = field(default_factory=dict)
    today: Day | None = None


def unread_of(references: References, reads: Iterable[Read]) -> frozenset[ObjectId]:
    """The sources and group_bys that none of these reads, for `Whole.unread`."""
    found = [references.find(*one) for one in dict.fromkeys(reads)]
    if references.hidden or any(isinstance(one, Lost) for one in found):
        return frozenset()
    known = (
        ObjectId(kind, name, version)
        for kind in (Kind.SOURCE, Kind.GROUP_BY)
        for name, versions in references.objects[kind].items()
        for version in versions
    )
    return frozenset(known) - {one for one in found if isinstance(one, ObjectId)}


def served_of(online: Iterable[ObjectId]) -> Mapping[str, ObjectId]:
    """The first object of each team, for `Whole.served`."""
    first: dict[str, ObjectId] = {}
    for identity in online:
        first[identity.name.team] = min(first.get(identity.name.team, identity), identity)
    return first
