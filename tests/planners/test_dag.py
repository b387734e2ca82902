from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronon.model.errors import ChrononError
from chronon.planners.dag import in_dependency_order

# node → nodes with a lesser number: no circle is possible
_acyclic = st.integers(0, 12).flatmap(
    lambda size: st.tuples(*(st.sets(st.integers(0, n - 1)) if n else st.just(set()) for n in range(size)))
)


@given(_acyclic, st.randoms(use_true_random=False))
def test_order_of_any_acyclic_graph_has_every_node_after_its_needs(graph: tuple[set[int], ...], chance: object) -> None:
    labels = list(range(len(graph)))
    chance.shuffle(labels)  # type: ignore[attr-defined]
    needs = {labels[node]: {labels[before] for before in found} for node, found in enumerate(graph)}

    order = in_dependency_order(needs)

    assert sorted(order) == sorted(needs)
    assert all(order.index(before) < order.index(node) for node, found in needs.items() for before in found)
    assert order == in_dependency_order(dict(reversed(needs.items())))


def test_order_when_several_are_ready_takes_the_least() -> None:
    assert in_dependency_order({"c": [], "a": ["c"], "b": []}) == ("b", "c", "a")


def test_circle_when_something_waits_for_it_is_told_without_that() -> None:
    with pytest.raises(ChrononError, match="circle: b -> c -> b"):
        in_dependency_order({"a": ["b"], "b": ["c"], "c": ["b"], "d": []})
