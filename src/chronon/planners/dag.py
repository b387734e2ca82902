"""The order in which objects depend on each other: joins read group_bys, chained group_bys read joins."""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Protocol, Self, TypeVar

from chronon.model.definitions import Catalog, GroupBy, Join
from chronon.model.errors import InvariantError
from chronon.model.names import ObjectId


class Sortable(Hashable, Protocol):
    """What a node of a graph can do: be hashed and be ordered."""

    def __lt__(self, other: Self, /) -> bool: ...


N = TypeVar("N", bound=Sortable)


def in_dependency_order(needs: Mapping[N, Iterable[N]]) -> tuple[N, ...]:
    """Every node after all that it needs; among those that are ready the least comes first.

    needs: node → nodes that must stand before it; every one of them is a key.
    Law: `validate` has refused nodes that need each other in a circle (CHR-V004).
    """
    nodes = sorted(needs)
    rank = {node: index for index, node in enumerate(nodes)}
    waiting = [{rank[before] for before in needs[node]} for node in nodes]
    readers: list[list[int]] = [[] for _ in nodes]
    for index, before in enumerate(waiting):
        for needed in before:
            readers[needed].append(index)
    ready = [index for index, before in enumerate(waiting) if not before]
    order: list[N] = []
    while ready:
        first = heapq.heappop(ready)
        order.append(nodes[first])
        for reader in readers[first]:
            waiting[reader].discard(first)
            if not waiting[reader]:
                heapq.heappush(ready, reader)
    if len(order) < len(nodes):
        raise _circle(nodes, {index: before for index, before in enumerate(waiting) if before})
    return tuple(order)


def object_order(catalog: Catalog) -> tuple[ObjectId, ...]:
    """Every object of the catalog after those that it reads."""
    needs: dict[ObjectId, tuple[ObjectId, ...]] = {
        **{group_by.id: parents_of(group_by) for group_by in catalog.group_bys.values()},
        **{join.id: parents_of(join) for join in catalog.joins.values()},
    }
    return in_dependency_order(needs)


def parents_of(definition: GroupBy | Join) -> tuple[ObjectId, ...]:
    """The objects that a definition reads, without repetition, in the order of their names."""
    match definition:
        case GroupBy():
            read = {rows.join for rows in definition.rows if rows.join is not None}
        case Join():
            read = {part.group_by for part in definition.asked}
            read |= {definition.left.join} if definition.left.join is not None else set()
    return tuple(sorted(read))


def _circle(nodes: Sequence[Sortable], stuck: Mapping[int, set[int]]) -> InvariantError:
    """The circle on which the least of the nodes that can never be ready is, or which it waits for."""
    path = [min(stuck)]
    while (following := min(stuck[path[-1]])) not in path:
        path.append(following)
    circle = " -> ".join(str(nodes[index]) for index in (*path[path.index(following) :], following))
    return InvariantError("no-circle", f"objects read each other in a circle: {circle}")
