"""How a change that breaks readers is written as another version beside the one that is read."""

from __future__ import annotations

from collections.abc import Sequence

from chronon.model.names import Kind, ObjectId
from chronon.model.specs import Repository

_NAMED = 3
"""How many readers are named; the others are counted."""


def next_version(identity: ObjectId, repository: Repository, readers: Sequence[ObjectId]) -> str:
    """What to do, for a hint. readers: the joins and group_bys that read the object."""
    spec = repository.joins[identity] if identity.kind is Kind.JOIN else repository.group_bys[identity]
    written = spec.header.path.rpartition("/")[2]
    known = [*repository.group_bys, *repository.joins]
    following = max(one.version for one in known if (one.kind, one.name) == (identity.kind, identity.name)) + 1
    copied = f"copy {written} to {identity.name.name}@{following}.yaml with `version: {following}`"
    return f"write it as version {following}: {copied} and leave {written} as it was; {_movers(readers)}"


def _movers(readers: Sequence[ObjectId]) -> str:
    """Who moves to the next version, and when."""
    if not readers:
        return "who reads it moves when they like"
    named = ", ".join(f"{reader.kind} {reader}" for reader in readers[:_NAMED])
    more = f" and {len(readers) - _NAMED} more" if len(readers) > _NAMED else ""
    return f"its readers ({named}{more}) move when they like"
