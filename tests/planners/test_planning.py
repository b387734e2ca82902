from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest
from planner_builders import (
    FULL,
    World,
    a_catalog,
    a_feature,
    a_group_by,
    a_join,
    a_part,
    a_repository,
    a_select,
    chained_rows,
    changing_entities,
    day,
    days,
    group_by_id,
    join_id,
    some_rows,
)

from chronon.model.corrections import Correction, Stale
from chronon.model.dayset import DaySet
from chronon.model.definitions import Column, Selected
from chronon.model.errors import ChrononError, InvariantError
from chronon.model.jobs import DerivationJob, Digest, FeatureJob, LeftJob, StreamJob, UploadJob
from chronon.model.plan import Danger, Drift, Gap, Plan, gates_of
from chronon.model.specs import Accuracy, SourceKind
from chronon.model.time import Day
from chronon.model.types import Scalar
from chronon.model.verdicts import StreamChange, Verdict
from chronon.planners import make_plan, plan_id, snapshots_of
from chronon.schemas.wire import from_json, to_json


def jobs(plan: Plan, kind: type) -> list:
    return [step.job for step in plan.steps if isinstance(step.job, kind)]


def test_first_plan_makes_left_then_features() -> None:
    plan = World().plan(spend := a_group_by(), a_join("training", spend))

    left, feature = plan.steps
    assert isinstance(left.job, LeftJob)
    assert isinstance(feature.job, FeatureJob)
    assert left.job.days == feature.job.days == days("2024-02-01", "2024-03-10")
    assert [name for _, name in feature.job.columns] == ["shop_spend_amount_sum_1d", "shop_spend_amount_sum_7d"]
    assert feature.needs == (left.id,)
    assert feature.job.left_columns == (Column(name="user", type=Scalar.STRING),)


def test_applied_plan_when_planned_again_is_empty() -> None:
    world = World()
    spend = a_group_by(online=True, topic="file://shop.orders")
    world.apply(world.plan(spend, a_join("training", spend)))

    plan = world.plan(spend, a_join("training", spend))

    assert plan.is_empty
    assert plan.untouched == 2


def test_description_when_edited_plans_metadata_only() -> None:
    world = World()
    spend = a_group_by(online=True)
    world.apply(world.plan(spend, a_join("training", spend)))

    plan = world.plan(spend, a_join("training", spend), descriptions={"spend": "What a user spends"})

    assert plan.steps == ()
    assert [(c.id, c.danger, c.reason) for c in plan.changes] == [(group_by_id("spend"), Danger.METADATA, "CHR-P117")]


def test_owners_when_an_object_has_its_own_plans_metadata_of_that_object_only() -> None:
    catalog = a_catalog(a_group_by(), a_join("training", a_group_by()))
    repository = a_repository(catalog, owners=("@shop",))
    spend = repository.group_bys[group_by_id("spend")]
    edited = replace(spend, header=replace(spend.header, owners=("@spend",)))

    before = snapshots_of(catalog, repository)
    after = snapshots_of(catalog, replace(repository, group_bys={edited.header.id: edited}))

    assert [one.id for one, other in zip(before, after, strict=True) if one != other] == [spend.header.id]
    assert [one.fingerprint for one in before] == [one.fingerprint for one in after]
    assert repository.owners_of(spend.header) == ("@shop",)


def test_window_when_added_plans_exactly_that_column() -> None:
    world = World()
    spend = a_group_by(online=True, topic="file://shop.orders")
    world.apply(world.plan(spend, a_join("training", spend)))

    more = a_group_by(windows=("1d", "7d", "30d"), online=True, topic="file://shop.orders")
    plan = world.plan(more, a_join("training", more))

    feature, upload = (step.job for step in plan.steps)
    assert isinstance(feature, FeatureJob)
    assert [name for _, name in feature.columns] == ["shop_spend_amount_sum_30d"]
    assert [f.name for f in feature.group_by.features] == ["amount_sum_30d"]
    assert feature.days == days("2024-02-01", "2024-03-10")
    assert isinstance(upload, UploadJob)
    assert jobs(plan, StreamJob) == []
    assert [(c.id.kind, c.reason, c.added) for c in plan.changes] == [
        ("group_by", "CHR-P108", ("amount_sum_30d",)),
        ("join", "CHR-P108", ("shop_spend_amount_sum_30d",)),
    ]


def test_start_when_earlier_plans_exactly_the_missing_days() -> None:
    world = World()
    spend = a_group_by()
    world.apply(world.plan(spend, a_join("training", spend, start="2024-02-20")))

    plan = world.plan(spend, a_join("training", spend, start="2024-02-11"))

    assert {step.job.days for step in plan.steps} == {days("2024-02-11", "2024-02-19")}  # type: ignore[union-attr]
    assert [(c.danger, c.reason) for c in plan.changes] == [(Danger.REBUILD, "CHR-P114")]


def test_start_when_later_plans_no_step() -> None:
    world = World()
    spend = a_group_by()
    world.apply(world.plan(spend, a_join("training", spend, start="2024-02-11")))

    plan = world.plan(spend, a_join("training", spend, start="2024-02-20"))

    assert plan.steps == ()


def test_team_start_when_the_join_has_none_is_the_first_day() -> None:
    spend = a_group_by()

    plan = World().plan(spend, a_join("training", spend), team_start="2024-03-01")

    assert jobs(plan, LeftJob)[0].days == days("2024-03-01", "2024-03-10")


def test_new_day_when_it_arrives_plans_one_day_and_an_upload() -> None:
    world = World()
    spend = a_group_by(online=True, topic="file://shop.orders")
    world.apply(world.plan(spend, a_join("training", spend)))
    world.available = {table: there | days("2024-03-11", "2024-03-11") for table, there in FULL.items() if there}

    plan = world.plan(spend, a_join("training", spend))

    assert plan.changes == ()
    assert plan.untouched == 0
    assert {getattr(step.job, "days", None) for step in plan.steps} == {days("2024-03-11", "2024-03-11"), None}
    assert [job.day for job in jobs(plan, UploadJob)] == [day("2024-03-11")]
    assert jobs(plan, StreamJob) == []


def test_as_of_without_a_wish_is_the_last_day_of_every_events_table() -> None:
    world = World(available=dict(FULL) | {"shop.orders": days("2024-01-01", "2024-03-05")})
    spend = a_group_by()

    plan = world.plan(spend, a_join("training", spend))

    assert plan.as_of == day("2024-03-05")


def test_as_of_without_a_wish_waits_for_mutations_and_for_no_snapshot() -> None:
    tables = {"shop.users": days("2024-01-01", "2024-03-01"), "shop.user_changes": days("2024-01-01", "2024-03-07")}
    balance = changing_entities()

    plan = World(available=dict(FULL) | tables).plan(balance, a_join("training", balance))

    assert plan.as_of == day("2024-03-07")


def test_as_of_without_any_partition_is_refused() -> None:
    world = World(available={})
    spend = a_group_by()

    with pytest.raises(ChrononError) as refused:
        world.plan(spend, a_join("training", spend))

    assert refused.value.code == "CHR-P001"
    assert "shop.checkouts, shop.orders" in refused.value.message


def test_left_hole_when_asked_is_told_and_not_planned() -> None:
    there = days("2024-02-01", "2024-03-10") - days("2024-02-15", "2024-02-16")
    world = World(available=dict(FULL) | {"shop.checkouts": there})
    spend = a_group_by()

    plan = world.plan(spend, a_join("training", spend))

    assert jobs(plan, LeftJob)[0].days == there
    assert [(gap.id, gap.table, gap.days) for gap in plan.gaps] == [
        (join_id("training"), "shop.checkouts", "2024-02-15 .. 2024-02-16")
    ]


def test_source_hole_when_in_the_look_back_is_told_and_planned() -> None:
    #  orders     |====  26  ====...   hole on 2024-01-26, window 7d reaches back from 2024-02-01 to 2024-01-25
    world = World(available=dict(FULL) | {"shop.orders": FULL["shop.orders"] - days("2024-01-26", "2024-01-26")})  # type: ignore[operator]
    spend = a_group_by(windows=("7d",))

    plan = world.plan(spend, a_join("training", spend))

    assert [(gap.table, gap.days) for gap in plan.gaps] == [("shop.orders", "2024-01-26")]
    assert jobs(plan, FeatureJob)[0].days == days("2024-02-01", "2024-03-10")


def test_source_hole_when_before_every_look_back_is_not_told() -> None:
    world = World(available=dict(FULL) | {"shop.orders": FULL["shop.orders"] - days("2024-01-24", "2024-01-24")})  # type: ignore[operator]
    spend = a_group_by(windows=("7d",))

    assert world.plan(spend, a_join("training", spend)).gaps == ()


def test_source_that_is_late_when_asked_holds_back_its_columns_only() -> None:
    world = World(available=dict(FULL) | {"shop.orders": days("2024-01-01", "2024-03-05")})
    spend = a_group_by(windows=("1d",))

    plan = world.plan(spend, a_join("training", spend), as_of="2024-03-10")

    assert jobs(plan, LeftJob)[0].days == days("2024-02-01", "2024-03-10")
    assert jobs(plan, FeatureJob)[0].days == days("2024-02-01", "2024-03-05")
    assert [(gap.table, gap.days) for gap in plan.gaps] == [("shop.orders", "2024-03-06 .. 2024-03-10")]


def test_late_source_when_it_arrives_plans_the_days_held_back() -> None:
    world = World(available=dict(FULL) | {"shop.orders": days("2024-01-01", "2024-03-05")})
    spend = a_group_by(windows=("1d",))
    world.apply(world.plan(spend, a_join("training", spend), as_of="2024-03-10"))
    world.available = dict(FULL)

    plan = world.plan(spend, a_join("training", spend), as_of="2024-03-10")

    assert [job.days for job in jobs(plan, FeatureJob)] == [days("2024-03-06", "2024-03-10")]
    assert len(plan.steps) == 1


def test_snapshot_accuracy_when_asked_waits_for_the_day_before() -> None:
    world = World(available=dict(FULL) | {"shop.orders": days("2024-01-01", "2024-03-05")})
    spend = a_group_by(windows=("1d",), accuracy=Accuracy.SNAPSHOT)

    plan = world.plan(spend, a_join("training", spend), as_of="2024-03-10")

    assert jobs(plan, FeatureJob)[0].days == days("2024-02-01", "2024-03-06")


def test_entities_when_a_day_is_missing_are_told_even_before_the_first() -> None:
    #  users      02-01 ...     state of the evening before: rows of 02-01 ask for 01-31, which never came
    users = some_rows(a_select("user"), a_select("amount"), table="shop.users", kind=SourceKind.ENTITIES)
    profile = a_group_by("profile", rows=[users], features=[replace(a_feature(window=None), operation=None)])
    world = World(available=dict(FULL) | {"shop.users": days("2024-02-01", "2024-03-10")})

    plan = world.plan(profile, a_join("training", profile))

    assert [(gap.table, gap.days) for gap in plan.gaps] == [("shop.users", "2024-01-31")]


def test_entities_that_change_wait_for_the_evening_before_and_the_changes_of_the_day() -> None:
    #  users          ... 03-04            state of the evening before: asks up to 03-05
    #  user_changes   ........... 03-07    those of the day:            asks up to 03-07
    tables = {"shop.users": days("2024-01-01", "2024-03-04"), "shop.user_changes": days("2024-01-01", "2024-03-07")}
    balance = changing_entities()

    early = World(available=dict(FULL) | tables).plan(balance, a_join("training", balance), as_of="2024-03-10")
    tables["shop.users"] = days("2024-01-01", "2024-03-10")
    later = World(available=dict(FULL) | tables).plan(balance, a_join("training", balance), as_of="2024-03-10")

    assert [job.days for job in jobs(early, FeatureJob)] == [days("2024-02-01", "2024-03-05")]
    assert [(gap.table, gap.days) for gap in early.gaps] == [
        ("shop.user_changes", "2024-03-08 .. 2024-03-10"),
        ("shop.users", "2024-03-05 .. 2024-03-09"),
    ]
    assert [job.days for job in jobs(later, FeatureJob)] == [days("2024-02-01", "2024-03-07")]


def test_feature_job_when_entities_change_has_only_what_its_features_need_of_both_tables() -> None:
    balance = changing_entities()
    tables = {"shop.users": days("2024-01-01", "2024-03-10"), "shop.user_changes": days("2024-01-01", "2024-03-10")}

    (job,) = jobs(World(available=dict(FULL) | tables).plan(balance, a_join("training", balance)), FeatureJob)

    users, changes = job.group_by.inputs
    assert [column.name for column in users.columns] == ["amount", "user"]
    assert [column.name for column in changes.columns] == ["amount", "user"]
    assert changes.kind is SourceKind.MUTATIONS


def test_entities_on_the_left_ask_every_source_for_their_own_day() -> None:
    #  left of ds asks at 00:00 of ds + 1: the evening of ds itself counts, and no change after it
    users = some_rows(a_select("user"), table="shop.people", kind=SourceKind.ENTITIES)
    balance, spend = changing_entities(), a_group_by(windows=("1d",), accuracy=Accuracy.SNAPSHOT)
    tables = {
        "shop.people": days("2024-02-01", "2024-03-10"),
        "shop.users": days("2024-01-01", "2024-03-04"),
        "shop.orders": days("2024-01-01", "2024-03-06"),
    }
    world = World(available=tables)

    plan = world.plan(balance, spend, a_join("evening", balance, spend, left=users), as_of="2024-03-10")

    found = {job.part.group_by.name.name: job for job in jobs(plan, FeatureJob)}
    assert found["balance"].days == days("2024-02-01", "2024-03-04")
    assert found["spend"].days == days("2024-02-01", "2024-03-06")
    assert all(job.at_end for job in found.values())
    assert [rows.table for rows in found["balance"].group_by.inputs] == ["shop.users"]


def test_columns_that_lack_different_days_are_different_jobs() -> None:
    world = World()
    spend = a_group_by(windows=("1d", "7d"))
    first = a_group_by(windows=("1d",))
    world.apply(world.plan(first, a_join("training", first, start="2024-03-01")))

    plan = world.plan(spend, a_join("training", spend, start="2024-02-20"))

    assert sorted((job.columns[0][1], str(job.days)) for job in jobs(plan, FeatureJob)) == [
        ("shop_spend_amount_sum_1d", "2024-02-20 .. 2024-02-29"),
        ("shop_spend_amount_sum_7d", "2024-02-20 .. 2024-03-10"),
    ]


def test_two_joins_with_the_same_left_share_left_and_columns() -> None:
    spend = a_group_by()

    early, late = "2024-02-10", "2024-02-20"

    for one, two in ((early, late), (late, early)):
        plan = World().plan(spend, a_join("one", spend, start=one), a_join("two", spend, start=two))

        assert [type(step.job).__name__ for step in plan.steps] == ["LeftJob", "FeatureJob"]
        assert {step.job.days for step in plan.steps} == {days(early, "2024-03-10")}  # type: ignore[union-attr]


def test_same_data_in_another_environment_plans_no_step() -> None:
    world = World()
    spend = a_group_by()
    world.apply(world.plan(spend, a_join("training", spend)))
    world.environment = "staging"

    plan = world.plan(spend, a_join("training", spend))

    assert plan.steps == ()
    assert {change.reason for change in plan.changes} == {"CHR-P101"}


def derived(name: str = "twice", expression: str = "shop_spend_amount_sum_7d * 2") -> Selected:
    read = expression.split(" ", maxsplit=1)[0]
    return Selected(name=name, expression=expression, type=Scalar.LONG, reads=(read,))


def test_derivation_when_added_plans_only_itself() -> None:
    world = World()
    spend = a_group_by()
    world.apply(world.plan(spend, a_join("training", spend)))

    plan = world.plan(spend, a_join("training", spend, derivations=[derived()]))

    (job,) = (step.job for step in plan.steps)
    assert isinstance(job, DerivationJob)
    assert dict(job.inputs) == {"shop_spend_amount_sum_7d": plan.snapshots[1].columns["shop_spend_amount_sum_7d"]}
    assert job.input_types == (Column(name="shop_spend_amount_sum_7d", type=Scalar.LONG),)


def test_derivation_waits_for_what_it_reads_and_for_its_days() -> None:
    world = World(available=dict(FULL) | {"shop.orders": days("2024-01-01", "2024-03-05")})
    spend = a_group_by()

    plan = world.plan(spend, a_join("training", spend, derivations=[derived()]), as_of="2024-03-10")

    left, feature, derivation = plan.steps
    assert set(derivation.needs) == {left.id, feature.id}
    assert derivation.job.days == days("2024-02-01", "2024-03-05")  # type: ignore[union-attr]


def test_feature_job_has_only_what_its_features_need() -> None:
    world = World()
    amount, card = a_feature("sum", "7d"), a_feature("count", "7d", "card")
    first = a_group_by(features=[amount])
    world.apply(world.plan(first, a_join("training", first)))

    both = a_group_by(features=[amount, card])
    (job,) = jobs(world.plan(both, a_join("training", both)), FeatureJob)

    (rows,) = job.group_by.rows
    assert [select.name for select in rows.selects] == ["card", "user"]
    assert [column.name for column in rows.columns] == ["card", "happened", "user"]


def test_upload_when_a_source_is_late_is_told_and_not_planned() -> None:
    world = World(available=dict(FULL) | {"shop.orders": days("2024-01-01", "2024-03-05")})

    plan = world.plan(a_group_by(online=True, topic="file://shop.orders"), as_of="2024-03-06")

    assert plan.steps == ()
    assert [(gap.id, gap.days) for gap in plan.gaps] == [(group_by_id("spend"), "2024-03-06")]


def test_chained_columns_when_their_parents_are_late_are_held_back() -> None:
    world = World(available=dict(FULL) | {"shop.orders": days("2024-01-01", "2024-03-08")})
    spend, parent, score, child = a_chain()

    plan = world.plan(spend, parent, score, child, as_of="2024-03-10")

    (chained,) = (step.job for step in plan.steps if step.object == child.id)
    assert chained.days == days("2024-03-08", "2024-03-09")  # type: ignore[union-attr]
    told = {(gap.id, gap.table): gap.days for gap in plan.gaps}
    assert told[child.id, f"join {parent.id}"] == "2024-03-09"


def test_derivation_that_only_renames_needs_no_step() -> None:
    world = World()
    spend = a_group_by()
    world.apply(world.plan(spend, a_join("training", spend)))

    alias = derived("spent", "shop_spend_amount_sum_7d")
    plan = world.plan(spend, a_join("training", spend, derivations=[alias]))

    assert plan.steps == ()
    assert plan.changes[0].added == ("spent",)


def test_feature_that_nobody_keeps_or_reads_is_not_computed() -> None:
    spend = a_group_by()

    plan = World().plan(spend, a_join("training", spend, hide=["shop_spend_amount_sum_1d"]))

    assert [name for _, name in jobs(plan, FeatureJob)[0].columns] == ["shop_spend_amount_sum_7d"]


def test_hidden_feature_that_a_derivation_reads_is_computed() -> None:
    spend = a_group_by()
    join = a_join("training", spend, derivations=[derived()], hide=["shop_spend_amount_sum_7d"])

    plan = World().plan(spend, join)

    assert "shop_spend_amount_sum_7d" in [name for _, name in jobs(plan, FeatureJob)[0].columns]
    assert "shop_spend_amount_sum_7d" not in plan.snapshots[1].columns


def a_chain(window: str = "3d", **spend_options: object) -> tuple:
    spend = a_group_by("spend", **spend_options)  # type: ignore[arg-type]
    parent = a_join("parent", spend)
    column = "shop_spend_amount_sum_1d"
    rows = chained_rows(
        parent,
        Selected(name="card", expression="card", type=Scalar.STRING, reads=("card",)),
        Selected(name="spent", expression=column, type=Scalar.LONG, reads=(column,)),
    )
    score = a_group_by(
        "score",
        rows=[rows],
        keys=("card",),
        features=[a_feature("max", window, "spent")],
        accuracy=Accuracy.SNAPSHOT,
        online=True,
    )
    return spend, parent, score, a_join("child", score, start="2024-03-08")


def test_chained_group_by_reads_its_parent_by_digest_and_waits_for_its_steps() -> None:
    spend, parent, score, child = a_chain()

    plan = World().plan(spend, parent, score, child)

    by_id = {step.id: step for step in plan.steps}
    (chained,) = (step for step in plan.steps if isinstance(step.job, FeatureJob) and step.object == child.id)
    assert isinstance(chained.job, FeatureJob)
    assert chained.job.chained is not None
    snapshot = next(s for s in plan.snapshots if s.id == parent.id)
    column = "shop_spend_amount_sum_1d"
    assert dict(chained.job.chained.columns) == {
        "card": snapshot.left,
        "ts": snapshot.left,
        column: snapshot.columns[column],
    }
    waits = {(by_id[need].object, type(by_id[need].job)) for need in chained.needs}
    assert waits == {(parent.id, LeftJob), (parent.id, FeatureJob)}
    (upload,) = (step for step in plan.steps if isinstance(step.job, UploadJob))
    assert {by_id[need].object for need in upload.needs} == {parent.id}


def test_chained_group_by_when_parents_are_computed_waits_for_nothing_of_theirs() -> None:
    world = World()
    spend, parent, score, child = a_chain()
    world.apply(world.plan(spend, parent))

    plan = world.plan(spend, parent, score, child)

    assert {step.object for step in plan.steps} == {child.id, score.id}


def test_parent_when_it_changes_rebuilds_only_readers_of_the_changed_column() -> None:
    world = World()
    world.apply(world.plan(*a_chain()))

    spend, parent, score, child = a_chain(windows=("1d", "14d"))
    plan = world.plan(spend, parent, score, child)

    assert {step.object for step in plan.steps} == {parent.id}


def test_parent_when_the_read_column_changes_rebuilds_the_chain() -> None:
    world = World()
    world.apply(world.plan(*a_chain()))

    spend, parent, score, child = a_chain(wheres=("amount > 0",))
    plan = world.plan(spend, parent, score, child)

    assert {step.object for step in plan.steps} == {parent.id, child.id, score.id}
    change = next(c for c in plan.changes if c.id == child.id)
    assert change.reason == "CHR-P106"
    assert "through shop.spend" in change.summary
    assert change.span.path == "teams/shop/group_bys/spend.yaml"


def test_topic_when_two_group_bys_read_it_is_one_job_with_both() -> None:
    one = a_group_by("one", online=True, topic="file://shop.orders")
    two = a_group_by("two", operations=("max",), online=True, topic="file://shop.orders")

    plan = World().plan(one, two)

    (stream,) = jobs(plan, StreamJob)
    assert [reader.group_by.id for reader in stream.readers] == [one.id, two.id]
    assert stream.since == day("2024-03-11")
    assert len(plan.steps[-1].needs) == 2


def test_topic_when_another_reader_comes_keeps_the_first() -> None:
    world = World()
    one = a_group_by("one", online=True, topic="file://shop.orders")
    two = a_group_by("two", operations=("max",), online=True, topic="file://shop.orders")
    world.apply(world.plan(one))

    plan = world.plan(one, two)

    (stream,) = jobs(plan, StreamJob)
    assert [reader.group_by.id for reader in stream.readers] == [two.id]


def test_stream_when_it_began_after_the_batch_end_starts_anew() -> None:
    world = World()
    one = a_group_by("one", online=True, topic="file://shop.orders")
    world.apply(world.plan(one, as_of="2024-03-10"))
    more = a_group_by("one", windows=("1d", "7d", "30d"), online=True, topic="file://shop.orders")

    plan = world.plan(more, as_of="2024-03-08")

    (stream,) = jobs(plan, StreamJob)
    assert stream.since == day("2024-03-09")


def test_stream_when_its_topic_holds_more_than_was_folded_then_goes_on() -> None:
    world = World()
    one = a_group_by("one", online=True, topic="file://shop.orders")
    world.apply(world.plan(one, as_of="2024-03-10"))
    (dataset,) = world.state.streams
    world.state = replace(world.state, positions={dataset: 100})

    world.held = {"file://shop.orders": 100}
    assert world.plan(one, as_of="2024-03-10").is_empty
    world.held = {"file://shop.orders": 101}
    (stream,) = jobs(world.plan(one, as_of="2024-03-10"), StreamJob)
    assert stream.since == day("2024-03-11")


def test_group_by_with_two_topics_is_refused() -> None:
    rows = [some_rows(a_select("user"), a_select("amount"), topic=topic) for topic in ("file://a.b", "file://c.d")]

    with pytest.raises(InvariantError, match="one-topic"):
        World().plan(a_group_by(rows=rows, online=True))


def test_plan_when_written_and_read_is_the_same() -> None:
    plan = World().plan(*a_chain())

    assert from_json(to_json(plan), Plan) == plan


def test_plan_when_mappings_come_in_another_order_has_the_same_bytes() -> None:
    objects = [*a_chain(), a_group_by("zeta"), a_group_by("alpha", online=True, topic="file://shop.orders")]

    forward, backward = World().plan(*objects), World().plan(*reversed(objects))

    assert to_json(forward) == to_json(backward)


_CHILD = """
import sys
sys.path[:0] = [{tests!r}]
from planner_builders import World, a_group_by, a_join
from chronon.schemas.wire import to_json
one = a_group_by("one", online=True, topic="file://shop.orders", operations=("sum", "max", "count"))
print(to_json(World().plan(one, a_join("training", one))))
"""


def test_plan_when_hash_seeds_differ_has_the_same_bytes() -> None:
    code = _CHILD.format(tests=str(Path(__file__).parent))
    texts = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("0", "4711")
    }

    assert len(texts) == 1


def test_plan_id_when_the_base_state_moved_is_another() -> None:
    spend = a_group_by()
    world = World()
    first = world.plan(spend)
    world.state = replace(world.state, serial=7)

    assert world.plan(spend).id != first.id


def test_plan_id_when_anything_in_the_plan_is_edited_is_another() -> None:
    spend = a_group_by(online=True)
    world = World()
    plan = world.plan(spend, a_join("training", spend), as_of="2024-03-05")
    other = world.plan(a_group_by(online=True, wheres=("amount > 0",)), as_of="2024-03-06")
    edited = {field.name: getattr(other, field.name) for field in fields(Plan)} | {
        "environment": "staging",
        "base_serial": 1,
        "revision": "def",
        "untouched": 5,
        "format_version": 99,
        "left_out": (spend.id,),
        "gates": gates_of((replace(other.changes[0], danger=Danger.REMOVAL),)),
        "upstream": (Drift(code="CHR-P140", subject="table t", found="f", follows="g"),),
        "drift": (Drift(code="CHR-P150", subject="join j", found="f", follows="g", repairs=True),),
        "excluded": (spend.id,),
        "gaps": (Gap(id=spend.id, table="t", days="d", hint="h"),),
        "corrected": (Correction(table="t", days=DaySet.span(1, 2)),),
        "stale": (Stale(left=Digest("l"), columns=(Digest("c"),), days=DaySet.span(1, 2)),),
        "stale_uploads": (Digest("d"),),
        "streams": (StreamChange(object=spend.id, topic="t", verdict=Verdict.KEEP, reason="r"),),
        "origin": "rollback to serial 2",
    }
    first = plan.steps[0]

    ids = {plan_id(replace(plan, **{name: value}), world.state) for name, value in edited.items() if name != "id"}
    ids.add(plan_id(replace(plan, steps=(replace(first, job=other.steps[0].job), *plan.steps[1:])), world.state))

    assert plan_id(plan, world.state) == plan.id
    assert plan.id not in ids
    assert len(ids) == len(edited)


def test_left_side_that_is_a_join_is_refused() -> None:
    spend = a_group_by()
    parent = a_join("parent", spend)
    rows = chained_rows(parent, Selected(name="user", expression="user", type=Scalar.STRING, reads=("user",)))

    with pytest.raises(InvariantError, match="left-source"):
        World().plan(spend, parent, a_join("child", left=rows, parts=()))


def test_objects_that_read_each_other_are_refused_with_the_circle() -> None:
    spend = a_group_by()
    parent = a_join("parent", spend)
    rows = chained_rows(parent, a_select("user", reads=("user",)), a_select("amount", "user", reads=("user",)))
    looped = a_group_by(rows=[rows])

    with pytest.raises(InvariantError, match="no-circle") as refused:
        World().plan(looped, a_join("parent", looped))

    assert "shop.spend -> shop.parent -> shop.spend" in refused.value.message


def test_empty_catalog_when_something_is_deployed_removes_it() -> None:
    world = World()
    spend = a_group_by(online=True)
    world.apply(world.plan(spend))

    plan = world.plan()

    assert [(c.danger, c.reason, c.removed) for c in plan.changes] == [
        (Danger.REMOVAL, "CHR-P102", ("amount_sum_1d", "amount_sum_7d"))
    ]
    assert plan.steps == ()


def test_available_table_when_unpartitioned_never_holds_back() -> None:
    cities = some_rows(a_select("user"), a_select("amount"), table="shop.cities", kind=SourceKind.ENTITIES)
    profile = a_group_by("profile", rows=[cities], features=[replace(a_feature(window=None), operation=None)])
    world = World(available=dict(FULL) | {"shop.cities": None})

    plan = world.plan(profile, a_join("training", profile))

    assert plan.gaps == ()
    assert jobs(plan, FeatureJob)[0].days == days("2024-02-01", "2024-03-10")


def test_make_plan_when_left_table_has_no_partitions_tells_it() -> None:
    spend = a_group_by()
    catalog = a_catalog(spend, a_join("training", spend, start="2024-03-01"))
    world = World(available=dict(FULL) | {"shop.checkouts": None})

    plan = make_plan(catalog, a_repository(catalog), world.state, world.available, environment="prod", as_of=None)

    assert plan.steps == ()
    assert [(gap.table, gap.days) for gap in plan.gaps] == [("shop.checkouts", "2024-03-01 .. 2024-03-10")]


def test_part_used_twice_with_other_keys_is_two_jobs() -> None:
    spend = a_group_by()
    parts = [a_part(spend, "by_user"), a_part(spend, "by_card", {"user": "card"})]

    plan = World().plan(spend, a_join("training", spend, parts=parts))

    columns = [column for job in jobs(plan, FeatureJob) for column in job.columns]
    assert len({digest for digest, _ in columns}) == len(columns) == 4


def test_source_that_has_ended_holds_nobody_back() -> None:
    rows = some_rows(a_select("user"), a_select("amount"), table="shop.old", end="2023-12-31")
    old = a_group_by(rows=[rows], features=[a_feature("sum", None)])
    world = World(available=dict(FULL) | {"shop.old": days("2023-01-01", "2023-12-31")})

    plan = world.plan(old, a_join("training", old))

    assert plan.as_of == day("2024-03-10")
    assert jobs(plan, FeatureJob)[0].days == days("2024-02-01", "2024-03-10")
    assert plan.gaps == ()


def world_of_users(changes: DaySet) -> World:
    return World(available={"shop.users": days("2024-03-01", "2024-03-10"), "shop.user_changes": changes})


def test_entities_that_change_when_online_then_a_snapshot_is_uploaded_and_their_changes_are_streamed() -> None:
    users = changing_entities(topic="file://shop.user_changes")

    plan = world_of_users(days("2024-03-01", "2024-03-10")).plan(users)

    (upload,), (stream,) = jobs(plan, UploadJob), jobs(plan, StreamJob)
    assert upload.group_by == users.at_midnight()
    assert (stream.topic, stream.since) == ("file://shop.user_changes", day("2024-03-11"))
    assert [reader.group_by for reader in stream.readers] == [users]
    assert plan.steps[-1].needs == (plan.steps[0].id,)


def test_snapshot_of_entities_when_the_table_of_their_changes_is_late_is_uploaded_all_the_same() -> None:
    users = changing_entities(topic="file://shop.user_changes")

    plan = world_of_users(days("2024-03-01", "2024-03-08")).plan(users, as_of="2024-03-10")

    assert [upload.day for upload in jobs(plan, UploadJob)] == [day("2024-03-10")]


def test_plan_id_when_other_days_are_recorded_of_what_it_makes_is_another() -> None:
    spend = a_group_by(online=True)
    world = World()
    plan = world.plan(spend, a_join("training", spend), as_of="2024-03-05")
    left = next(step.job.left for step in plan.steps if isinstance(step.job, LeftJob))
    dataset = next(step.job.dataset for step in plan.steps if isinstance(step.job, UploadJob))

    other_days = replace(world.state, computed={(left, left): DaySet.span(1, 2)})
    other_upload = replace(world.state, uploads={dataset: Day(3)})

    assert len({plan_id(plan, state) for state in (world.state, other_days, other_upload)}) == 3
