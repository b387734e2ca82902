"""How a change that breaks readers is written as another version beside the one that is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chronon.model.names import Kind, ObjectId, ObjectName
from chronon.model.specs import Header, Repository

_NAMED = 3
"""How many readers are named; the others are counted."""


Following = Mapping[tuple[Kind, ObjectName], int]
"""The version that comes after all that a name has."""


def following_versions(repository: Repository) -> Following:
    """Of every group_by and join."""
    found: dict[tuple[Kind, ObjectName], int] = {}
    for one in (*repository.group_bys, *repository.joins):
        name = (one.kind, one.name)
        found[name] = max(found.get(name, 0), one.version + 1)
    return found


def next_version(header: Header, following: Following, readers: Sequence[ObjectId]) -> str:
    """What to do, for a hint. header: of the object.  readers: the joins and group_bys that read it."""
    name, written = header.id.name, header.path.rpartition("/")[2]
    version = following[header.id.kind, name]
    copied = f"copy {written} to {name.name}@{version}.yaml with `version: {version}`"
    return f"write it as version {version}: {copied} and leave {written} as it was; {_movers(readers)}"


def _movers(readers: Sequence[ObjectId]) -> str:
    """Who moves to the next version, and when."""
    if not readers:
        return "who reads it moves when they like"
    named = ", ".join(f"{reader.kind} {reader}" for reader in readers[:_NAMED])
    more = f" and {len(readers) - _NAMED} more" if len(readers) > _NAMED else ""
    return f"its readers ({named}{more}) move when they like"
