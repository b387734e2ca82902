"""What reads what: an order in which parents come first, and the cycles that have none."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

from chronon.model.names import ObjectId

Edges = Mapping[ObjectId, tuple[ObjectId, ...]]
"""Object → the objects that it reads."""


def parents_first(edges: Edges) -> tuple[tuple[ObjectId, ...], tuple[tuple[ObjectId, ...], ...]]:
    """Every object outside cycles in an order of reading, then one cycle per tangle: each object reads the next.

    The same edges give the same answer whatever order they come in.
    """
    nodes = sorted({*edges, *(parent for parents in edges.values() for parent in parents)}, key=_rank)
    # Most objects read no other: they come first, and are kept out of what takes long.
    first = [node for node in nodes if not edges.get(node)]
    left = {node: tuple(sorted(filter(edges.get, edges[node]), key=_rank)) for node in nodes if edges.get(node)}
    cycles: list[tuple[ObjectId, ...]] = []
    while True:
        try:
            return (*first, *TopologicalSorter(left).static_order()), tuple(cycles)
        except CycleError as error:
            cycle = _from_least(tuple(reversed(error.args[1][1:])))
            cycles.append(cycle)
            left = {
                node: tuple(parent for parent in parents if parent not in cycle)
                for node, parents in left.items()
                if node not in cycle
            }


def _rank(identity: ObjectId) -> tuple[str, str, str, int]:
    """The order of ids, told to the sort as a tuple: asking two ids which is less takes twenty times longer."""
    return identity.kind, identity.name.team, identity.name.name, identity.version


def _from_least(cycle: tuple[ObjectId, ...]) -> tuple[ObjectId, ...]:
    """The same cycle, begun at its least object."""
    start = cycle.index(min(cycle))
    return (*cycle[start:], *cycle[:start])
