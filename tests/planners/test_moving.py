"""Plans that move an environment to recorded snapshots: nothing to compute as long as all of it is there."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from planner_builders import (
    World,
    a_catalog,
    a_feature,
    a_group_by,
    a_join,
    a_part,
    a_repository,
    a_select,
    day,
    days,
    group_by_id,
    join_id,
)

from chronon.model.errors import ChrononError
from chronon.model.jobs import UploadJob
from chronon.model.live import Observed, Publication
from chronon.model.names import ObjectId
from chronon.model.plan import Danger, Plan
from chronon.model.state import Snapshot
from chronon.planners import Destination, move_plan, narrowed, overwritten
from chronon.planners.recorded import catalog_of, repository_of
from chronon.planners.selectors import chosen, field_of_move
from chronon.planners.snapshots import snapshots_of

LAST = "2024-03-10"


def a_world() -> World:
    """Prod serves one window; pr has another one besides."""
    world = World()
    spend = a_group_by(online=True, windows=("1d",))
    world.apply(world.plan(spend, a_join("training", spend, start="2024-03-01"), as_of=LAST))
    world.environment = "pr"
    more = a_group_by(online=True, windows=("1d", "7d"))
    world.apply(world.plan(more, a_join("training", more, start="2024-03-01"), as_of=LAST))
    return world


def moved(world: World, source: str, to: str, observed: Observed | None = None, **wishes: object) -> Plan:
    pointed = world.state.environment(source).snapshots
    snapshots = tuple(pointed[identity] for identity in sorted(pointed))
    asked: dict[str, object] = {"as_of": day(LAST), **wishes}
    destination = Destination(environment=to, snapshots=snapshots, origin=f"promote {source}", **asked)  # type: ignore[arg-type]
    return move_plan(destination, world.state, world.available, held=world.held, observed=observed or Observed())


def test_promotion_of_what_was_computed_has_no_step_and_tells_what_changes() -> None:
    world = a_world()

    plan = moved(world, "pr", "prod")

    assert plan.steps == ()
    assert [(change.danger, change.reason) for change in plan.changes] == [(Danger.ADDITION, "CHR-P108")] * 2
    assert {change.span.path for change in plan.changes} == {"teams/shop/group_bys/spend.yaml"}
    assert (plan.environment, plan.origin, plan.base_serial) == ("prod", "promote pr", world.state.serial)
    world.apply(plan)
    assert world.state.environment("prod").snapshots == world.state.environment("pr").snapshots
    assert moved(world, "pr", "prod").is_empty


def test_promotion_that_takes_something_away_has_gates_and_no_advice_for_authors() -> None:
    world = a_world()

    plan = moved(world, "prod", "pr")

    assert [(gate.reason, gate.object.kind) for gate in plan.gates] == [("CHR-P109", "group_by")]
    assert {change.hint for change in plan.changes} == {""}


def test_days_that_have_come_since_are_planned_as_an_apply_would() -> None:
    world = a_world()
    world.available = {**world.available, **dict.fromkeys(world.available, days("2024-01-01", "2024-03-12"))}
    more = a_group_by(online=True, windows=("1d", "7d"))

    plan = moved(world, "pr", "prod", as_of=None)

    world.environment = "prod"
    applied = world.plan(more, a_join("training", more, start="2024-03-01"))
    assert [(step.id, step.reason) for step in plan.steps] == [(step.id, step.reason) for step in applied.steps]
    assert len(plan.steps) == 3
    assert plan.as_of == day("2024-03-12")


def test_stream_goes_on_only_where_it_is_asked_to() -> None:
    world = World(held={"events": 100})
    spend = a_group_by(online=True, topic="events")
    world.apply(world.plan(spend, as_of=LAST))
    assert world.state.streams
    world.held = {"events": 250}

    assert [step.reason for step in moved(world, "prod", "pr").steps] == ["tiles for 1 reader from 2024-03-11 on"]
    assert moved(world, "prod", "pr", goes_on=False).steps == ()


def test_what_is_gone_is_made_again_and_told() -> None:
    world = a_world()
    group_by = next(one for one in world.state.environment("pr").snapshots.values() if one.left is None)
    assert group_by.serving is not None
    served = {str(group_by.id): Publication(values=group_by.serving, generations=(("g", day(LAST)),))}
    seen = Observed(served=served, emptied=frozenset({group_by.serving}))

    plan = moved(world, "pr", "prod", seen, cleaned=86_400.0)

    assert [type(step.job) for step in plan.steps] == [UploadJob]
    assert [each.code for each in plan.drift] == ["CHR-P162", "CHR-P153"]
    assert "1970-01-02T00:00:00Z" in plan.drift[0].found
    assert moved(world, "pr", "prod", cleaned=86_400.0).drift == (), "nothing of it is missing"


def test_values_that_readers_are_not_led_to_are_published_where_the_definition_stays() -> None:
    world = a_world()
    world.apply(moved(world, "pr", "prod"))
    led_elsewhere = Observed(served={})

    again = moved(world, "pr", "prod", led_elsewhere)
    back = moved(world, "prod", "third", led_elsewhere)

    assert [each.code for each in again.drift] == ["CHR-P151"]
    assert not again.is_empty
    assert back.drift == (), "what an environment is going to publish is not missing yet"


def test_columns_that_are_stored_and_not_named_are_there_after_a_move() -> None:
    world = World()
    spend = a_group_by(features=[a_feature("sum", "1d"), a_feature("sum", "7d")])
    hidden = [f"shop_spend_{feature.name}" for feature in spend.features]
    ratio = a_select("ratio", f"{hidden[0]} / {hidden[1]}", reads=hidden)
    world.apply(world.plan(spend, a_join("training", spend, derivations=[ratio], hide=hidden), as_of=LAST))

    assert moved(world, "prod", "pr").steps == ()


def test_snapshot_whose_data_have_other_names_today_is_refused() -> None:
    world = a_world()
    pointed = world.state.environment("pr").snapshots
    older = tuple(replace(one, fingerprint=f"{one.fingerprint}0") for one in pointed.values())  # type: ignore[arg-type]
    destination = Destination(environment="prod", snapshots=older, origin="", as_of=day(LAST))

    with pytest.raises(ChrononError, match=r"CHR-P163 group_by shop\.spend was recorded by another version"):
        move_plan(destination, world.state, world.available, held={}, observed=Observed())


def test_key_of_a_part_that_changes_is_told_of_recorded_joins_too() -> None:
    world = World()
    spend, other = a_group_by(windows=("1d",)), a_group_by("other", windows=("1d",))
    parts = (a_part(other), a_part(spend))
    for world.environment, keys in (("prod", {"user": "user"}), ("pr", {"user": "card"})):
        joined = (parts[0], replace(parts[1], keys=keys))
        world.apply(world.plan(spend, other, a_join("training", spend, other, parts=joined), as_of=LAST))

    (change,) = moved(world, "pr", "prod").changes

    assert change.reason == "CHR-P106"
    assert "keys of part shop.spend" in change.summary


def test_recorded_snapshots_declare_what_the_files_did() -> None:
    spend = a_group_by(online=True)
    catalog = a_catalog(spend, a_join("training", spend))
    snapshots = snapshots_of(catalog, a_repository(catalog, descriptions={"spend": "money"}))

    again = snapshots_of(catalog_of(snapshots), repository_of(snapshots))

    assert [replace(one, metadata="") for one in again] == [replace(one, metadata="") for one in snapshots]  # type: ignore[arg-type]


def test_promotion_takes_back_what_the_target_has_changed_since() -> None:
    spend, other, third = (a_group_by(name) for name in ("spend", "other", "third"))
    base = snapshots(spend, other)
    ours = snapshots(a_group_by("spend", windows=("3d",)), other)

    assert overwritten(ours, base, base) == (), "nothing has moved"
    assert overwritten(ours, ours, base) == (), "it has moved in the same way"
    assert overwritten(ours, snapshots(spend, other, third), base) == (third.id,)
    assert overwritten(ours, snapshots(spend), base) == (other.id,)
    changed = snapshots(a_group_by("spend", windows=("5d",)), a_group_by("other", windows=("5d",)))
    assert overwritten(ours, changed, base) == (other.id, spend.id)


OLD = (
    a_group_by("spend"),
    visits := a_group_by("visits", operations=("count",)),
    other := a_group_by("other", online=True),
    gone := a_group_by("gone"),
    a_join("training", a_group_by("spend"), visits),
    a_join("second", other),
)
NEW = (
    wider := a_group_by("spend", windows=("1d", "7d", "30d")),
    visits,
    longer := a_group_by("other", windows=("3d",), online=True),
    a_join("training", wider, visits),
    a_join("second", longer),
)
PAIRS = ({group_by_id("spend"), join_id("training")}, {group_by_id("other"), join_id("second")})
IDS = tuple(sorted(one.id for one in OLD))


@pytest.mark.parametrize(
    "selected",
    [ids for size in range(len(IDS) + 1) for ids in combinations(IDS, size)],
    ids=lambda ids: f"{len(ids)}",
)
def test_part_of_a_promotion_moves_what_is_selected_and_nothing_else(selected: tuple[ObjectId, ...]) -> None:
    world = World()
    world.apply(world.plan(*OLD, as_of=LAST))
    world.environment = "pr"
    world.apply(world.plan(*NEW, as_of=LAST))
    before, wanted = (world.state.environment(name).snapshots for name in ("prod", "pr"))
    whole = Destination(environment="prod", snapshots=tuple(wanted.values()), origin="promote pr", as_of=day(LAST))
    if any(len(pair.intersection(selected)) == 1 for pair in PAIRS):
        with pytest.raises(ChrononError, match="CHR-P094"):
            narrowed(whole, before, selected)
        return

    part = narrowed(whole, before, selected)
    plan = move_plan(part, world.state, world.available, held={}, observed=Observed())

    world.apply(plan)
    after = world.state.environment("prod").snapshots
    assert plan.steps == ()
    assert after == {
        identity: found
        for identity in before.keys() | wanted.keys()
        if (found := (wanted if identity in selected else before).get(identity))
    }
    assert {change.id for change in plan.changes} | set(plan.left_out) == {*PAIRS[0], *PAIRS[1], gone.id}
    assert {change.id for change in plan.changes} <= set(selected)


def test_part_of_a_promotion_computes_newer_days_for_what_is_selected_alone() -> None:
    world = World()
    world.apply(world.plan(*OLD, as_of=LAST))
    world.environment = "pr"
    world.apply(world.plan(*NEW, as_of=LAST))
    world.available = {**world.available, **dict.fromkeys(world.available, days("2024-01-01", "2024-03-12"))}
    whole = Destination(
        environment="prod", snapshots=tuple(world.state.environment("pr").snapshots.values()), origin=""
    )

    part = narrowed(whole, world.state.environment("prod").snapshots, PAIRS[1])
    plan = move_plan(part, world.state, world.available, held={}, observed=Observed())

    assert plan.steps
    assert {step.object for step in plan.steps} <= PAIRS[1]
    assert plan.as_of == day("2024-03-12")


def test_selection_of_recorded_objects_knows_names_edges_and_files_and_no_tags() -> None:
    deployed, wanted = snapshots(*OLD), snapshots(*NEW)
    field = field_of_move(tuple(wanted.values()), deployed, {wider.id, gone.id})

    assert chosen(["+shop.training"], field) == {wider.id, visits.id, join_id("training")}
    assert chosen(["changed"], field) == {wider.id, gone.id}
    assert chosen(["shop.gone", "path:teams/shop/group_bys,shop.o*"], field) == {gone.id, longer.id}
    for untold in ("tag:tier=gold", "owner:@ml"):
        with pytest.raises(ChrononError, match=r"CHR-P092 .* no files are read"):
            chosen([untold], field)


def snapshots(*objects: object) -> dict[ObjectId, Snapshot]:
    catalog = a_catalog(*objects)  # type: ignore[arg-type]
    return {one.id: one for one in snapshots_of(catalog, a_repository(catalog))}
