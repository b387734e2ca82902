"""What a plan excludes when something that is read is not as declared: its readers stay as they are deployed.

An object that stays must go on finding what it reads. So what reads it stays too, and what it reads stays where that
would change; everything else is planned as ever.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from chronon.model.definitions import Catalog, GroupBy, Join
from chronon.model.names import ObjectId
from chronon.model.state import Snapshot
from chronon.planners.dag import parents_of
from chronon.schemas.wire import definition_of


def excluded_with(
    catalog: Catalog,
    deployed: Mapping[ObjectId, Snapshot],
    desired: Iterable[Snapshot],
    blocked: Collection[ObjectId],
) -> frozenset[ObjectId]:
    """The blocked objects and all that has to stay with them.

    desired: the snapshots of the whole catalog.
    """
    wanted = {snapshot.id: snapshot.fingerprint for snapshot in desired}
    definitions: list[GroupBy | Join] = [*catalog.group_bys.values(), *catalog.joins.values()]
    parents = {definition.id: parents_of(definition) for definition in definitions}
    out, fresh = set(blocked), set(blocked)
    while fresh:
        readers = {identity for identity, read in parents.items() if fresh.intersection(read)}
        needed = {
            parent
            for identity in fresh
            if identity in deployed
            for parent in parents_of(definition_of(deployed[identity]))
        }
        changed = {each for each in needed if each in deployed and wanted.get(each) != deployed[each].fingerprint}
        fresh = (readers | changed) - out
        out |= fresh
    return frozenset(out)


def without(catalog: Catalog, out: Collection[ObjectId]) -> Catalog:
    """The catalog that is left."""
    return replace(
        catalog,
        group_bys={identity: each for identity, each in catalog.group_bys.items() if identity not in out},
        joins={identity: each for identity, each in catalog.joins.items() if identity not in out},
    )


def staying(
    deployed: Mapping[ObjectId, Snapshot], planned: Iterable[Snapshot], out: Collection[ObjectId]
) -> tuple[Snapshot, ...]:
    """What the environment points at: what is planned, and as it is deployed what is excluded; by id."""
    kept = (snapshot for identity, snapshot in deployed.items() if identity in out)
    moved = (snapshot for snapshot in planned if snapshot.id not in out)
    return tuple(sorted((*moved, *kept), key=lambda snapshot: snapshot.id))
