from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chronon.model.names import Kind, ObjectId, ObjectName
from chronon.validators.order import parents_first

NODES = [ObjectId(Kind.JOIN, ObjectName("t", name)) for name in "abcdefg"]
EDGES = st.dictionaries(st.sampled_from(NODES), st.lists(st.sampled_from(NODES), max_size=3).map(tuple), max_size=7)


def reachable(edges: dict[ObjectId, tuple[ObjectId, ...]], start: ObjectId) -> set[ObjectId]:
    """Everything that an object reads, directly or not: a plain search, the oracle."""
    seen: set[ObjectId] = set()
    todo = [start]
    while todo:
        for parent in edges.get(todo.pop(), ()):
            if parent not in seen:
                seen.add(parent)
                todo.append(parent)
    return seen


def closed(edges: dict[ObjectId, tuple[ObjectId, ...]]) -> dict[ObjectId, tuple[ObjectId, ...]]:
    return {node: edges.get(node, ()) for node in NODES}


@given(edges=EDGES.map(closed))
def test_parents_first_when_ordered_then_every_parent_stands_before_its_reader(
    edges: dict[ObjectId, tuple[ObjectId, ...]],
) -> None:
    order, cycles = parents_first(edges)

    tangled = {node for cycle in cycles for node in cycle}
    assert set(order) | tangled == set(NODES)
    assert not set(order) & tangled
    assert all(order.index(parent) < order.index(node) for node in order for parent in edges[node] if parent in order)


@given(edges=EDGES.map(closed))
def test_cycles_when_told_then_each_object_reads_the_next(edges: dict[ObjectId, tuple[ObjectId, ...]]) -> None:
    _order, cycles = parents_first(edges)

    for cycle in cycles:
        assert all(after in edges[node] for node, after in zip(cycle, (*cycle[1:], cycle[0]), strict=True))
        assert cycle[0] == min(cycle)


@given(edges=EDGES.map(closed))
def test_cycles_when_there_are_none_then_no_object_reads_itself(edges: dict[ObjectId, tuple[ObjectId, ...]]) -> None:
    _order, cycles = parents_first(edges)

    assert bool(cycles) == any(node in reachable(edges, node) for node in NODES)


@given(edges=EDGES.map(closed), shuffled=st.permutations(NODES))
def test_parents_first_when_edges_come_in_another_order_then_is_the_same(
    edges: dict[ObjectId, tuple[ObjectId, ...]], shuffled: list[ObjectId]
) -> None:
    assert parents_first({node: tuple(reversed(edges[node])) for node in shuffled}) == parents_first(edges)
