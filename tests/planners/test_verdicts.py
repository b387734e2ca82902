"""What becomes of a stream for every kind of change, against a table worked out by hand from what tiles hold."""

from __future__ import annotations

from dataclasses import replace

import pytest
from planner_builders import (
    World,
    a_feature,
    a_group_by,
    a_select,
    changing_entities,
    day,
    group_by_id,
    some_rows,
)

from chronon.model.definitions import Column, GroupBy
from chronon.model.jobs import Start, StreamJob
from chronon.model.plan import Plan
from chronon.model.savepoints import FilePlace, Savepoint, Savepoints
from chronon.model.specs import Accuracy, OperationCall
from chronon.model.time import MINUTE, Millis
from chronon.model.types import Scalar
from chronon.model.verdicts import StreamChange, Verdict

TOPIC = "file://shop.orders"
KEEP, RESTART, REPLAY, DROP = Verdict.KEEP, Verdict.RESTART, Verdict.REPLAY, Verdict.DROP


def served(**changes: object) -> GroupBy:
    """Sum and count of amounts per user over two windows, from a topic."""
    return a_group_by("spend", **{"operations": ("sum", "count"), "online": True, "topic": TOPIC, **changes})  # type: ignore[arg-type]


def rows(*selects: object, **changes: object) -> GroupBy:
    made = some_rows(*(selects or (a_select("user"), a_select("amount"))), **{"topic": TOPIC, **changes})  # type: ignore[arg-type]
    return served(rows=[made])


def each(**changes: object) -> GroupBy:
    """The group_by with other rows."""
    found = served()
    return replace(found, rows=tuple(replace(one, **changes) for one in found.rows))  # type: ignore[arg-type]


def features(*asked: tuple[str, str | None, str]) -> GroupBy:
    return served(features=[a_feature(operation, window, column) for operation, window, column in asked])


SUMS = (("sum", "1d", "amount"), ("sum", "7d", "amount"), ("count", "1d", "amount"), ("count", "7d", "amount"))
K5 = replace(a_feature("last_k", "1d"), operation=OperationCall("last_k", (5,)))
K6 = replace(a_feature("last_k", "1d"), operation=OperationCall("last_k", (6,)))
BY_CITY = [a_feature("sum", "1d", buckets=("city",))]
CHANGES = changing_entities(topic="file://shop.user_changes", features=[a_feature("sum", None)])

TABLE: tuple[tuple[str, GroupBy | None, GroupBy | None, Verdict | None], ...] = (
    # Windows, accuracy of batch values and everything in the batch alone: no tile holds any of it.
    ("a window more", served(), served(windows=("1d", "7d", "30d")), KEEP),
    ("a window less", served(), served(windows=("1d",)), KEEP),
    ("a window in place of another", served(), served(windows=("1d", "8d")), KEEP),
    ("all windows", served(), served(windows=("3h",)), KEEP),
    ("unbounded too", served(), served(windows=("1d", "7d", None)), KEEP),
    ("unbounded no more", served(windows=("1d", None)), served(windows=("1d",)), KEEP),
    ("a window below a tile's hop", served(), served(windows=("5m", "1d", "7d")), KEEP),
    ("another table behind the topic", served(), each(table="shop.archive"), KEEP),
    ("an earlier start of the table", served(), each(start=day("2024-01-05")), KEEP),
    ("an end of the table", served(), each(end=day("2024-03-10")), KEEP),
    ("a source more that no topic carries", served(), replace(served(), rows=(*served().rows, some_rows(a_select("user"), a_select("amount"), table="shop.old"))), KEEP),
    ("a feature renamed", served(features=[a_feature("sum")]), served(features=[replace(a_feature("sum"), name="spent")]), KEEP),
    ("a select renamed", rows(a_select("user"), a_select("amount")), served(rows=[some_rows(a_select("user"), a_select("paid", "amount"), topic=TOPIC)], features=[a_feature("sum", "1d", "paid"), a_feature("sum", "7d", "paid"), a_feature("count", "1d", "paid"), a_feature("count", "7d", "paid")]), KEEP),
    # What is folded: each (input, operation, buckets) once, in places of their own in every tile.
    ("an operation more", served(), served(operations=("sum", "count", "max")), REPLAY),
    ("an operation less", served(), served(operations=("sum",)), REPLAY),
    ("an operation in place of another", served(), served(operations=("sum", "max")), REPLAY),
    ("an input more", features(*SUMS), features(*SUMS, ("max", "1d", "happened")), REPLAY),
    ("an input less", features(*SUMS, ("max", "1d", "happened")), features(*SUMS), REPLAY),
    ("another argument", served(features=[K5]), served(features=[K6]), REPLAY),
    ("buckets", served(features=[a_feature("sum", "1d")]), served(features=BY_CITY), REPLAY),
    ("buckets no more", served(features=BY_CITY), served(features=[a_feature("sum", "1d")]), REPLAY),
    ("buckets beside what is there", served(features=[a_feature("sum", "1d")]), served(features=[a_feature("sum", "1d"), *BY_CITY]), REPLAY),
    ("an input of another type", served(features=[a_feature("sum")]), served(features=[replace(a_feature("sum"), input_type=Scalar.DOUBLE, type=Scalar.DOUBLE)]), REPLAY),
    ("an input's expression", rows(), rows(a_select("user"), a_select("amount", "amount * 2")), REPLAY),
    # Which rows, of which key, at which time.
    ("a condition", served(), served(wheres=("amount > 0",)), REPLAY),
    ("another condition", served(wheres=("amount > 0",)), served(wheres=("amount > 1",)), REPLAY),
    ("a condition less", served(wheres=("amount > 0",)), served(), REPLAY),
    ("another key", served(), served(keys=("card",)), REPLAY),
    ("a key more", served(), served(keys=("user", "card")), REPLAY),
    ("a key less", served(keys=("user", "card")), served(), REPLAY),
    ("a key's expression", rows(), rows(a_select("user", "LOWER(user)", Scalar.STRING), a_select("amount")), REPLAY),
    ("a key of another type", served(), replace(served(), keys=(Column(name="user", type=Scalar.LONG),)), REPLAY),
    ("another time", rows(), rows(time="happened + 1"), REPLAY),
    ("another topic", served(), served(topic="file://shop.orders_v2"), REPLAY),
    ("a smaller tile", served(), replace(served(), tile=MINUTE), REPLAY),
    ("a larger tile", replace(served(), tile=MINUTE), replace(served(), tile=Millis(5 * MINUTE)), REPLAY),
    # Streams that begin and end.
    ("a new object", None, served(), REPLAY),
    ("served from now on", served(online=False), served(), REPLAY),
    ("a topic from now on", served(topic=None), served(), REPLAY),
    ("asked at the moment from now on", served(accuracy=Accuracy.SNAPSHOT), served(), REPLAY),
    ("removed", served(), None, DROP),
    ("served no longer", served(), served(online=False), DROP),
    ("no topic any more", served(), served(topic=None), DROP),
    ("asked at 00:00 from now on", served(), served(accuracy=Accuracy.SNAPSHOT), DROP),
    ("renamed", served(), replace(served(), id=group_by_id("spending")), KEEP),
    ("another version beside", served(), replace(served(), id=group_by_id("spend", 2)), KEEP),
    # Changes of entities: tiles keep the rows' own times as finely as the least hop of a window.
    ("a window over changes", CHANGES, replace(CHANGES, features=(*CHANGES.features, a_feature("sum", "30d"))), REPLAY),
    ("a window over changes with the same hop", replace(CHANGES, features=(a_feature("sum", "20d"),)), replace(CHANGES, features=(a_feature("sum", "30d"),)), KEEP),
    ("a finer window over changes", replace(CHANGES, features=(a_feature("sum", "30d"),)), replace(CHANGES, features=(a_feature("sum", "30d"), a_feature("sum", "1h"))), REPLAY),
    # Equal definitions, or no stream on either side: there is nothing to say.
    ("features in another order", features(*SUMS), features(*reversed(SUMS)), None),
    ("conditions in another order", rows(wheres=("amount > 0", "user <> ''")), rows(wheres=("user <> ''", "amount > 0")), None),
    ("an operation more of what only the batch has", served(topic=None), served(topic=None, operations=("sum",)), None),
    ("an operation more of what nobody serves", served(online=False), served(online=False, operations=("sum",)), None),
)  # fmt: skip


def world_of(*objects: GroupBy | None) -> World:
    world = World(held={TOPIC: 100, "file://shop.user_changes": 100})
    world.available = {**world.available, "shop.archive": world.available["shop.orders"], "shop.old": world.available["shop.orders"],
                       "shop.users": world.available["shop.orders"], "shop.user_changes": world.available["shop.orders"]}  # fmt: skip
    world.apply(world.plan(*(each for each in objects if each is not None)))
    positions = dict.fromkeys(world.state.streams, 100)
    world.state = replace(world.state, positions=positions)
    return world


def verdicts(plan: Plan) -> dict[str, StreamChange]:
    return {str(change.object): change for change in plan.streams}


@pytest.mark.parametrize(("before", "after", "expected"), [pytest.param(*row[1:], id=row[0]) for row in TABLE])
def test_verdict_of_every_kind_of_change_is_that_of_the_table(
    before: GroupBy | None, after: GroupBy | None, expected: Verdict | None
) -> None:
    plan = world_of(before).plan(*([after] if after else []))

    found = verdicts(plan)

    assert {change.verdict for change in found.values()} == ({expected} if expected else set())
    folded = {
        str(reader.group_by.id) for step in plan.steps if isinstance(step.job, StreamJob) for reader in step.job.readers
    }
    assert folded == {name for name, change in found.items() if change.verdict in {RESTART, REPLAY}}
    assert all(change.reason for change in found.values())


def test_table_has_forty_kinds_of_change_and_more() -> None:
    assert len({row[0] for row in TABLE}) == len(TABLE) >= 40


def a_savepoint(lines: int = 7, since: str = "2024-03-11") -> Savepoint:
    place = FilePlace(name="a.jsonl", bytes=100, lines=lines, digest="00")
    return Savepoint(topic=TOPIC, since=day(since), files=(place,))


def grown(world: World, *, broken: str = "", since: str = "2024-03-11") -> World:
    """The world when the topic has got 50 bytes more."""
    found = dict.fromkeys(world.state.streams, a_savepoint(since=since))
    why = dict.fromkeys(world.state.streams, broken)
    world.held = {**world.held, TOPIC: 150}
    world.savepoints = Savepoints(broken=why) if broken else Savepoints(found=found)
    return world


def test_topic_that_goes_on_from_the_savepoint_is_gone_on_with() -> None:
    world = grown(world_of(served()))

    plan = world.plan(served())

    found = verdicts(plan)["shop.spend"]
    assert (found.verdict, found.whence) == (RESTART, " from savepoint")
    assert found.reason == "its tiles hold 7 lines of the topic, and it goes on from there"
    assert [(other.verdict, other.complete) for other in found.others] == [(KEEP, False), (REPLAY, True)]
    assert [step.job.goes_on for step in plan.steps if isinstance(step.job, StreamJob)] == [True]


def test_topic_that_does_not_go_on_from_the_savepoint_is_replayed_and_the_reason_is_what_was_found() -> None:
    world = grown(world_of(served()), broken="a.jsonl has other lines than those that were folded")

    plan = world.plan(served())

    found = verdicts(plan)["shop.spend"]
    assert (found.verdict, found.reason) == (REPLAY, "a.jsonl has other lines than those that were folded")
    assert found.since == day("2024-03-11")
    assert [step.job.goes_on for step in plan.steps if isinstance(step.job, StreamJob)] == [False]


def test_stream_without_a_savepoint_is_replayed() -> None:
    world = world_of(served())
    world.held = {TOPIC: 150}

    found = verdicts(world.plan(served()))["shop.spend"]

    assert (found.verdict, found.reason) == (REPLAY, "nothing tells which lines its tiles hold")


def test_next_upload_moves_the_end_of_the_batch_and_not_the_savepoint() -> None:
    world = world_of()
    world.apply(world.plan(served(), as_of="2024-03-08"))
    world.state = replace(world.state, positions=dict.fromkeys(world.state.streams, 100))
    grown(world, since="2024-03-09")

    plan = world.plan(served(), as_of="2024-03-10")

    found = verdicts(plan)["shop.spend"]
    assert (found.verdict, found.since) == (RESTART, day("2024-03-09"))
    upload, stream = plan.steps
    assert stream.needs == (upload.id,)


def test_readers_of_one_topic_that_go_on_and_that_begin_are_two_steps() -> None:
    world = grown(world_of(served()))
    other = replace(served(operations=("max",)), id=group_by_id("most"))

    plan = world.plan(served(), other)

    jobs = [step.job for step in plan.steps if isinstance(step.job, StreamJob)]
    assert [(job.goes_on, [str(reader.group_by.id) for reader in job.readers]) for job in jobs] == [
        (False, ["shop.most"]), (True, ["shop.spend"])
    ]  # fmt: skip
    assert {name: change.verdict for name, change in verdicts(plan).items()} == {
        "shop.most": REPLAY, "shop.spend": RESTART
    }  # fmt: skip


def test_edit_of_a_stream_whose_topic_has_grown_is_a_replay_and_an_edit_back_goes_on() -> None:
    world = world_of(served())
    edited = served(operations=("sum", "count", "max"))
    world.apply(grown(world).plan(edited))

    back = verdicts(world.plan(served()))["shop.spend"]

    assert back.verdict is RESTART


def test_topic_that_is_folded_anew_is_so_as_far_back_as_its_tiles_reached() -> None:
    world = grown(world_of(served()), broken="a.jsonl is gone, of which 7 lines were folded")
    world.state = replace(world.state, streams=dict.fromkeys(world.state.streams, day("2024-03-02")))

    assert verdicts(world.plan(served()))["shop.spend"].since == day("2024-03-02")


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        (None, "its first tiles"),
        (served(), "tiles lack max of amount"),
        (served(operations=("sum", "count", "max"), wheres=("amount > 0",)), "other rows are counted"),
    ],
)
def test_edit_that_needs_other_tiles_begins_now_where_they_may_warm_up(before: GroupBy | None, reason: str) -> None:
    world = world_of(before)
    after = replace(served(operations=("sum", "count", "max")), warm_up=True)

    plan = world.plan(after)

    found = verdicts(plan)["shop.spend"]
    assert (found.verdict, found.whence) == (Verdict.PARTIAL, " from now on")
    assert found.reason.startswith(f"{reason}; `warm_up` allows it: stale until an upload counts the days")
    assert [(other.verdict, other.complete) for other in found.others] == [
        (KEEP, False), (RESTART, False), (REPLAY, True)
    ]  # fmt: skip
    assert [step.job.start for step in plan.steps if isinstance(step.job, StreamJob)] == [Start.NOW]


def test_tiles_that_two_read_warm_up_only_where_both_may() -> None:
    may, may_not = replace(served(), warm_up=True), replace(served(), id=group_by_id("spend", 2))

    jobs = [step.job for step in world_of().plan(may, may_not).steps if isinstance(step.job, StreamJob)]

    assert [job.start for job in jobs] == [Start.BATCH]


def warming(warm_up: bool = True) -> tuple[World, GroupBy]:
    """A world whose tiles count from 14 March on, and whose batch ends on the 11th."""
    world = world_of(replace(served(), warm_up=True))
    world.state = replace(world.state, streams=dict.fromkeys(world.state.streams, day("2024-03-14")))
    return world, replace(served(), warm_up=warm_up)


def test_tiles_that_warm_up_are_let_be_and_go_on_with_their_topic() -> None:
    world, spend = warming()
    assert world.plan(spend).is_empty

    found = verdicts(grown(world, since="2024-03-14").plan(spend))["shop.spend"]

    assert (found.verdict, found.since) == (RESTART, day("2024-03-14"))


def test_tiles_that_may_warm_up_no_more_are_made_whole() -> None:
    world, spend = warming(warm_up=False)

    found = verdicts(world.plan(spend))["shop.spend"]

    assert (found.verdict, found.since) == (REPLAY, day("2024-03-11"))


def test_topic_that_holds_less_than_was_folded_is_left_alone() -> None:
    world = world_of(served())
    world.held = {**world.held, TOPIC: 60}

    assert world.plan(served()).is_empty


def test_batch_that_ends_before_the_tiles_begin_is_replayed() -> None:
    world = world_of(served())
    (dataset,) = world.state.streams
    world.state = replace(world.state, streams={dataset: day("2024-03-20")})

    found = verdicts(world.plan(served()))["shop.spend"]

    assert found.verdict is REPLAY
    assert "reach back to 2024-03-20 only" in found.reason


def test_replay_says_from_where_and_what_cheaper_ways_lack() -> None:
    found = verdicts(world_of(served()).plan(served(operations=("sum", "count", "max"))))["shop.spend"]

    assert found.since == day("2024-03-11")
    assert found.reason == "tiles lack max of amount"
    assert [(other.verdict, other.complete) for other in found.others] == [
        (KEEP, False), (RESTART, False), (Verdict.PARTIAL, False)
    ]  # fmt: skip
    assert "by itself whole after 7d" in found.others[-1].why


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        (served(keys=("card",)), "other keys: tiles are kept by key"),
        (served(topic="file://shop.orders_v2"), "another topic, which was file://shop.orders"),
        (replace(served(), tile=MINUTE), "tiles of 1m in place of 5m"),
        (served(wheres=("amount > 0",)), "other rows are counted"),
        (served(operations=("sum",)), "tiles hold count of amount too, and states lie in tiles one after the other"),
    ],
)
def test_reason_names_what_tiles_hold_and_the_definition_changed(after: GroupBy, reason: str) -> None:
    assert verdicts(world_of(served()).plan(after))["shop.spend"].reason == reason


def test_tiles_that_are_gone_are_folded_again() -> None:
    world = world_of(served())
    world.state = replace(world.state, streams={}, positions={})

    found = verdicts(world.plan(served()))["shop.spend"]

    assert (found.verdict, found.reason) == (REPLAY, "its tiles are gone from the store")


def test_daily_run_has_no_verdict_where_nothing_is_folded() -> None:
    world = world_of()
    world.apply(world.plan(served(), as_of="2024-03-09"))
    world.state = replace(world.state, positions=dict.fromkeys(world.state.streams, 100))

    plan = world.plan(served(), as_of="2024-03-10")

    assert [step.reason for step in plan.steps] == ["batch values end with 2024-03-09"]
    assert plan.streams == ()
