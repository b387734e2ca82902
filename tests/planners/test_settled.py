"""What a plan is made of, and that whoever leaves objects out of it has thought of all of it (docs/adr/0010-memory-of-plans.md)."""

from __future__ import annotations

import inspect
from dataclasses import fields

import pytest
from planner_builders import World, a_catalog, a_group_by, a_join, a_repository, group_by_id, join_id

from chronon.model.live import Observed
from chronon.model.state import State
from chronon.planners import make_plan
from chronon.planners.planning import base_of, fingerprints_of, meaning_of
from chronon.planners.settled import Rest, settled_of

REMEMBERED = {
    "catalog": "keys of documents, and the digest of all of them",
    "repository": "the same",
    "state": "its mark",
    "available": "World.tables",
    "environment": "World.asked",
    "as_of": "World.asked",
    "held": "World.topics",
    "observed": "see OBSERVED",
}
"""What decides a plan → where it is in the world that is remembered. A new input needs a line here, and a place there."""

OBSERVED = {
    "tables": "World.tables",
    "lost": "must be empty; stamps of folders in World.lefts",
    "served": "the drift that it leads to must be empty; World.kv",
    "emptied": "must be empty; World.kv",
    "generations": "World.kv",
    "unseen": "must be empty",
    "corrected": "must be empty; World.marked and the stamps of tables",
    "rewritten": "must be empty; the same",
    "savepoints": "World.kv and World.topics",
}
NOT_REMEMBERED = {"selected", "meaning", "rest"}
"""A plan of a selection is made of everything; the others are ways to be told the same."""


def test_inputs_of_a_plan_are_all_part_of_the_world() -> None:
    assert inspect.signature(make_plan).parameters.keys() == REMEMBERED.keys() | NOT_REMEMBERED
    assert {field.name for field in fields(Observed)} == OBSERVED.keys()
    assert {field.name for field in fields(State)} == {
        "serial", "environments", "computed", "uploads", "streams", "positions",
        "stale", "stale_uploads", "within",
    }, "the mark tells of it; does StateStore.part?"  # fmt: skip


def test_settled_when_all_is_applied_then_is_everything() -> None:
    world, spend = World(), a_group_by("spend", online=True)
    objects = (spend, a_join("training", spend))
    world.apply(world.plan(*objects))
    catalog = a_catalog(*objects)
    meant = meaning_of(catalog, a_repository(catalog))

    settled = settled_of(
        world.plan(*objects), meant.digests, meant.snapshots, world.state.environment("prod").snapshots
    )

    assert settled.keys() == {group_by_id("spend"), join_id("training")}


def test_settled_when_a_step_for_another_makes_a_column_that_it_has_too_then_is_not() -> None:
    world, spend = World(), a_group_by("spend")
    first, second = a_join("first", spend), a_join("second", spend)
    catalog = a_catalog(spend, first, second)
    meant = meaning_of(catalog, a_repository(catalog))
    world.apply(world.plan(spend, first, second))
    world.state = State(serial=1, environments=world.state.environments)
    plan = world.plan(spend, first, second)

    settled = settled_of(plan, meant.digests, meant.snapshots, world.state.environment("prod").snapshots)

    assert {step.object for step in plan.steps} == {join_id("first")}
    assert settled.keys() == {group_by_id("spend")}


@pytest.mark.parametrize("windows", [("1d", "7d"), ("1d", "3d", "7d"), ("7d",)])
def test_plan_of_a_part_when_told_of_the_rest_then_is_the_plan_of_everything(windows: tuple[str, ...]) -> None:
    world = World()
    spend, visits = a_group_by("spend"), a_group_by("visits", operations=["count"])
    joins = (a_join("training", spend), a_join("other", visits))
    world.apply(world.plan(spend, visits, *joins))
    again = a_group_by("spend", windows=windows)
    objects = (again, visits, a_join("training", again), joins[1])
    catalog = a_catalog(*objects)
    whole = world.plan(*objects)
    meant = meaning_of(catalog, a_repository(catalog))
    settled = settled_of(whole, meant.digests, meant.snapshots, world.state.environment("prod").snapshots)
    part = a_catalog(again, objects[2])
    inside = {again.id, objects[2].id}
    environment = world.state.environment("prod")

    plan = make_plan(
        part,
        a_repository(part),
        world.state_of(inside),
        world.available,
        environment="prod",
        as_of=None,
        rest=Rest(
            base=base_of(fingerprints_of(environment)),
            contents=[one.content for identity, one in settled.items() if identity not in inside],
        ),
    )

    assert (plan.id, plan.changes, plan.steps, plan.untouched) == (
        whole.id,
        whole.changes,
        whole.steps,
        whole.untouched,
    )
