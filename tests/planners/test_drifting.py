"""What is recorded and gone is told, and made again."""

from __future__ import annotations

from dataclasses import replace

from planner_builders import FULL, World, a_catalog, a_group_by, a_join, a_repository, day, days, group_by_id, join_id

from chronon.model.dayset import DaySet
from chronon.model.definitions import GroupBy, Join
from chronon.model.jobs import FeatureJob, LeftJob, StreamJob, UploadJob
from chronon.model.live import Observed, Publication
from chronon.model.plan import Plan
from chronon.model.time import Day
from chronon.schemas.wire import from_json, to_json

TOPIC = "file://shop.orders"
SPEND = a_group_by(online=True, topic=TOPIC)
TRAINING = a_join("training", SPEND, online=True)


def deployed() -> World:
    world = World(held={TOPIC: 500})
    world.apply(world.plan(SPEND, TRAINING))
    return world


def again(world: World, observed: Observed, *objects: GroupBy | Join) -> Plan:
    from chronon.planners import make_plan

    catalog = a_catalog(*(objects or (SPEND, TRAINING)))
    return make_plan(
        catalog,
        a_repository(catalog),
        world.state,
        FULL,
        environment="prod",
        as_of=day("2024-03-10"),
        held=world.held,
        observed=observed,
    )


def as_published(world: World, *, last: Day | None = None) -> dict[str, Publication]:
    snapshot = world.state.environment("prod").snapshots[group_by_id("spend")]
    assert snapshot.serving is not None
    newest = last or world.state.uploads[snapshot.serving]
    record = Publication(values=snapshot.serving, tiles=snapshot.stream, generations=(("g1", newest),))
    return {"shop.spend": record, "shop.training": Publication()}


def positioned(world: World) -> World:
    world.state = replace(world.state, positions=dict.fromkeys(world.state.streams, 500))
    return world


def test_plan_when_everything_is_there_then_is_empty() -> None:
    world = positioned(deployed())

    plan = again(world, Observed(served=as_published(world)))

    assert (plan.drift, plan.is_empty) == ((), True)


def test_days_when_their_files_are_gone_then_are_planned_again_and_no_others() -> None:
    world = positioned(deployed())
    snapshot = world.state.environment("prod").snapshots[join_id("training")]
    assert snapshot.left is not None
    column = snapshot.columns["shop_spend_amount_sum_7d"]
    lost = {
        (snapshot.left, snapshot.left): days("2024-02-05", "2024-02-05"),
        (snapshot.left, column): days("2024-02-05", "2024-02-06"),
    }

    plan = again(world, Observed(lost=lost))

    left, feature = (step.job for step in plan.steps)
    assert isinstance(left, LeftJob)
    assert isinstance(feature, FeatureJob)
    assert (left.days, feature.days) == (days("2024-02-05", "2024-02-05"), days("2024-02-05", "2024-02-06"))
    assert [name for _digest, name in feature.columns] == ["shop_spend_amount_sum_7d"]
    assert [(each.code, each.found, each.repairs) for each in plan.drift] == [
        ("CHR-P150", "files of 2024-02-05 are gone from the warehouse: left rows", True),
        ("CHR-P150", "files of 2024-02-05 .. 2024-02-06 are gone from the warehouse: 1 column", True),
    ]


def test_values_when_gone_then_are_uploaded_again_and_the_stream_begins_anew() -> None:
    world = positioned(deployed())
    (dataset,) = world.state.uploads

    plan = again(world, Observed(served={}, emptied=frozenset({dataset})))

    upload, stream = (step.job for step in plan.steps)
    assert isinstance(upload, UploadJob)
    assert isinstance(stream, StreamJob)
    assert stream.since == upload.day + 1
    assert [(each.code, str(each.readers[0].id)) for each in plan.drift] == [
        ("CHR-P151", "shop.spend"),
        ("CHR-P153", "shop.spend"),
        ("CHR-P151", "shop.training"),
    ]


def test_metadata_when_gone_then_the_plan_has_no_step_and_is_not_empty() -> None:
    world = positioned(deployed())
    served = as_published(world)
    del served["shop.training"]

    plan = again(world, Observed(served=served))

    assert (plan.steps, plan.changes, plan.is_empty) == ((), (), False)
    assert [(each.code, each.subject) for each in plan.drift] == [("CHR-P151", "join shop.training")]


def test_metadata_when_they_lead_to_an_older_upload_then_are_told() -> None:
    world = positioned(deployed())

    plan = again(world, Observed(served=as_published(world, last=day("2024-03-01"))))

    assert [(each.code, each.found) for each in plan.drift] == [
        ("CHR-P152", "metadata leads to values until 2024-03-01, recorded are values until 2024-03-10")
    ]


def test_metadata_when_they_lead_to_another_upload_of_the_day_then_are_told() -> None:
    world = positioned(deployed())
    (dataset,) = world.state.uploads

    plan = again(world, Observed(served=as_published(world), generations={dataset: "g2"}))

    assert [each.found for each in plan.drift] == ["metadata leads to generation g1, recorded is g2"]


def test_topic_when_it_holds_less_than_was_folded_then_is_told() -> None:
    world = positioned(deployed())
    world.held = {TOPIC: 499}

    plan = again(world, Observed())

    assert [(each.code, each.subject, each.repairs) for each in plan.drift] == [("CHR-P154", f"topic {TOPIC}", False)]
    assert plan.is_empty


def test_days_when_the_object_is_removed_then_are_not_said_to_be_made_again() -> None:
    world = positioned(deployed())
    snapshot = world.state.environment("prod").snapshots[join_id("training")]
    assert snapshot.left is not None
    lost = {(snapshot.left, snapshot.left): DaySet.days([day("2024-02-05")])}

    plan = again(world, Observed(lost=lost), SPEND)

    assert [each.repairs for each in plan.drift] == [False]


def test_plan_when_it_tells_of_drift_then_is_read_back_as_it_was_written() -> None:
    world = positioned(deployed())

    plan = again(world, Observed(served={}))

    assert plan.drift
    assert from_json(to_json(plan), Plan) == plan
