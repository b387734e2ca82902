"""Plans for some objects: the others stay as they are, and later plans make up for them exactly."""

from __future__ import annotations

from itertools import combinations

import pytest
from planner_builders import World, a_catalog, a_group_by, a_join, a_repository, days, group_by_id, join_id

from chronon.model.definitions import GroupBy, Join
from chronon.model.errors import ChrononError
from chronon.model.names import ObjectId
from chronon.model.plan import Plan
from chronon.planners import make_plan
from chronon.planners.selection import TORN

OLD = (
    spend := a_group_by("spend"),
    visits := a_group_by("visits", operations=("count",)),
    other := a_group_by("other", online=True),
    a_join("training", spend, visits),
    a_join("second", other),
)
NEW = (
    wider := a_group_by("spend", windows=("1d", "7d", "30d")),
    visits,
    longer := a_group_by("other", windows=("3d",), online=True),
    a_join("training", wider, visits),
    a_join("second", longer),
)
IDS = tuple(sorted(one.id for one in OLD))


def deployed() -> World:
    world = World()
    world.apply(world.plan(*OLD))
    return world


def planned(world: World, objects: tuple[GroupBy | Join, ...], selected: frozenset[ObjectId] | None) -> Plan:
    catalog = a_catalog(*objects)
    return make_plan(
        catalog,
        a_repository(catalog),
        world.state,
        world.available,
        environment=world.environment,
        as_of=None,
        selected=selected,
    )


@pytest.mark.parametrize(
    "selected",
    [ids for size in range(len(IDS) + 1) for ids in combinations(IDS, size)],
    ids=lambda ids: f"{len(ids)}",
)
def test_selection_when_applied_then_the_rest_makes_up_for_what_was_left_out(selected: tuple[ObjectId, ...]) -> None:
    world, whole = deployed(), deployed()
    pairs = ({group_by_id("spend"), join_id("training")}, {group_by_id("other"), join_id("second")})
    is_torn = any(len(pair.intersection(selected)) == 1 for pair in pairs)

    if is_torn:
        with pytest.raises(ChrononError) as caught:
            planned(world, NEW, frozenset(selected))
        assert caught.value.code == TORN
        return
    before = world.state.environment("prod").snapshots
    partly = planned(world, NEW, frozenset(selected))
    world.apply(partly)
    after = world.state.environment("prod").snapshots
    world.apply(planned(world, NEW, None))
    whole.apply(planned(whole, NEW, None))

    assert {change.id for change in partly.changes} | set(partly.left_out) == {one for pair in pairs for one in pair}
    assert {one for one in before if before[one] != after[one]} <= set(selected)
    assert world.state.computed == whole.state.computed
    assert world.state.uploads == whole.state.uploads
    assert world.state.environment("prod").snapshots == whole.state.environment("prod").snapshots
    assert planned(world, NEW, None).is_empty


def test_selection_when_days_are_new_then_only_the_selected_are_computed() -> None:
    world = deployed()
    world.available = {
        "shop.orders": days("2024-01-01", "2024-03-12"),
        "shop.checkouts": days("2024-02-01", "2024-03-12"),
    }

    plan = planned(world, OLD, frozenset({join_id("training")}))

    assert {step.object for step in plan.steps} == {join_id("training")}
    assert plan.left_out == ()


def test_selection_when_an_object_is_removed_and_not_selected_then_it_stays() -> None:
    world = deployed()
    without = tuple(one for one in OLD if one.id not in {group_by_id("other"), join_id("second")})

    plan = planned(world, without, frozenset({group_by_id("spend")}))

    assert plan.is_empty
    assert {snapshot.id for snapshot in plan.snapshots} == set(IDS)
    assert set(plan.left_out) == {group_by_id("other"), join_id("second")}


def test_selection_when_it_differs_then_so_does_the_id_of_the_plan() -> None:
    world = deployed()

    assert planned(world, NEW, frozenset()).id != planned(world, NEW, None).id
