"""What checks ask of a repository as a whole, whatever part of it they look at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from chronon.model.names import Kind, ObjectId, ObjectName
from chronon.validators.references import Lost, References

Read = tuple[Kind, str, str]
"""A reference: the kind that it means, its text, and the team that wrote it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """Answers about all objects. What of it belongs to an object is part of its key (`closures`).

    cycles: joins and group_bys that have no order.  served: team → the first of its online objects without owners of
            their own.
    unread: the sources that nobody names; empty while something is broken, or some reference leads nowhere: it may mean
            any of them.
    """

    references: References
    cycles: tuple[tuple[ObjectId, ...], ...] = ()
    unread: frozenset[ObjectName] = frozenset()
    served: Mapping[str, ObjectId] = field(default_factory=dict)


def unread_of(references: References, reads: Iterable[Read]) -> frozenset[ObjectName]:
    """The sources that none of these reads, for `Whole.unread`."""
    found = [references.find(*one) for one in dict.fromkeys(reads)]
    if references.hidden or any(isinstance(one, Lost) for one in found):
        return frozenset()
    read = {one.name for one in found if isinstance(one, ObjectId) and one.kind is Kind.SOURCE}
    return frozenset(references.objects[Kind.SOURCE]) - read


def served_of(online: Iterable[ObjectId]) -> Mapping[str, ObjectId]:
    """The first object of each team, for `Whole.served`."""
    first: dict[str, ObjectId] = {}
    for identity in online:
        first[identity.name.team] = min(first.get(identity.name.team, identity), identity)
    return first
