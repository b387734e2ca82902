"""What steps take: exact where statistics tell, told from earlier runs elsewhere, and left out where nobody can know."""

from __future__ import annotations

from dataclasses import replace

from planner_builders import FULL, World, a_group_by, a_join, a_select, day, days, some_rows

from chronon.model.jobs import FeatureJob, LeftJob
from chronon.model.plan import Plan, Step
from chronon.model.sizes import Expected, Run, Size, Statistics, Work
from chronon.model.verdicts import Figures
from chronon.planners import plan_id
from chronon.planners.sizing import Folded, asked_of, sized

ORDERS, CHECKOUTS = ("shop.orders", "ds"), ("shop.checkouts", "ds")
AS_OF = "2024-02-03"


def statistics(**others: object) -> Statistics:
    """Ten rows and 1,000 bytes a day of orders, of which 300 are amounts; two rows a day of checkouts."""
    orders = {one: Size(rows=10, bytes=1_000) for one in days("2024-01-01", "2024-03-10")}
    checkouts = {one: Size(rows=2, bytes=200) for one in days("2024-02-01", "2024-03-10")}
    return replace(
        Statistics(
            partitions={ORDERS: orders, CHECKOUTS: checkouts},
            columns={"shop.orders": {"amount": 300, "user": 100, "happened": 100}, "shop.checkouts": {"user": 50, "card": 50, "happened": 50}},
            totals={"shop.orders": 1_000, "shop.checkouts": 200},
        ),
        **others,  # type: ignore[arg-type]
    )  # fmt: skip


def plan(world: World, *, left: object = None) -> Plan:
    spend = a_group_by(windows=("2d",))
    return world.plan(spend, a_join("training", spend, left=left), as_of=AS_OF)  # type: ignore[arg-type]


def told(world: World, found: Plan, known: Statistics) -> dict[type, Step]:
    whole = sized(found, known, world.available, world.state)
    return {type(step.job): step for step in whole.steps}


def test_rows_and_bytes_are_those_of_the_days_and_columns_that_a_step_opens() -> None:
    world = World()

    steps = told(world, plan(world), statistics())

    #  asked 02-01 .. 02-03, two days back, and a day on both sides for rows that lie off: 01-29 .. 02-04
    features, left = steps[FeatureJob].estimate, steps[LeftJob].estimate
    assert features is not None
    assert left is not None
    assert features.read == Expected(rows=70, bytes=7 * 500, partitions=7)
    assert left.read == Expected(rows=6, bytes=3 * 150, partitions=3)
    assert (features.written.rows, features.written.bytes, features.written.partitions) == (6, None, 3)
    assert features.duration is None
    assert features.basis == "partition statistics, no earlier run: no time told"


def test_only_what_steps_read_is_asked_for() -> None:
    asked = asked_of(plan(World()), FULL)

    assert asked.partitions == {ORDERS: days("2024-01-29", "2024-02-04"), CHECKOUTS: days("2024-02-01", AS_OF)}
    assert set(asked.stored.values()) == {days("2024-02-01", AS_OF)}
    assert asked.topics == {}


def test_rows_behind_a_filter_are_not_guessed() -> None:
    left = some_rows(a_select("user"), a_select("card"), table="shop.checkouts", wheres=("amount > 0",))
    world = World()

    steps = told(world, plan(world, left=left), statistics())

    assert steps[LeftJob].estimate.written.rows is None  # type: ignore[union-attr]
    assert steps[FeatureJob].estimate.written.rows is None  # type: ignore[union-attr]


def test_rows_behind_a_filter_are_as_many_as_earlier_runs_kept() -> None:
    left = some_rows(a_select("user"), a_select("card"), table="shop.checkouts", wheres=("amount > 0",))
    world = World()
    kept = Run(
        work=Work("left rows shop.training"),
        seconds=1.0,
        read=Size(rows=100, bytes=9),
        written=Size(rows=50, bytes=800),
    )

    steps = told(world, plan(world, left=left), statistics(runs=(kept,)))

    assert steps[LeftJob].estimate.written == Expected(rows=3, bytes=48, partitions=3)  # type: ignore[union-attr]
    assert steps[FeatureJob].estimate.written.rows == 3  # type: ignore[union-attr]


def test_basis_says_why_no_time_is_told() -> None:
    world, known = World(), statistics()
    run = Run(work=Work("left rows shop.training"), seconds=1.0, read=Size(rows=0), written=Size())
    lacking = {one: size for one, size in known.partitions[CHECKOUTS].items() if one != day("2024-02-01")}

    too_small = told(world, plan(world), replace(known, runs=(run,)))
    unknown = told(world, plan(world), replace(known, runs=(run,), partitions={**known.partitions, CHECKOUTS: lacking}))

    assert [steps[LeftJob].estimate.basis for steps in (too_small, unknown)] == [  # type: ignore[union-attr]
        "partition statistics, earlier runs are too small: no time told",
        "partition statistics, rows are not known: no time told",
    ]


def test_day_without_statistics_leaves_rows_and_bytes_open() -> None:
    world = World()
    known = statistics()
    lacking = {one: size for one, size in known.partitions[ORDERS].items() if one != day("2024-02-01")}

    steps = told(world, plan(world), replace(known, partitions={**known.partitions, ORDERS: lacking}))

    assert steps[FeatureJob].estimate.read == Expected(rows=None, bytes=None, partitions=7)  # type: ignore[union-attr]
    assert steps[FeatureJob].estimate.duration is None  # type: ignore[union-attr]


def test_stream_is_as_much_as_its_topic_holds() -> None:
    world = World(held={"file://shop.orders": 700})
    spend = a_group_by(online=True, topic="file://shop.orders")
    made = world.plan(spend)
    stream = made.steps[-1].id

    asked = asked_of(made, FULL).topics
    known = statistics(topics={stream: Figures(bytes=700, events=7, hours=3)})
    whole = sized(made, known, world.available, world.state)

    assert asked == {stream: Folded(topic="file://shop.orders", time="happened", since=day("2024-03-11"), after=None)}
    assert whole.steps[-1].estimate.read == Expected(rows=7, bytes=700)  # type: ignore[union-attr]
    assert whole.streams[0].figures == Figures(bytes=700, events=7, hours=3)


def test_plan_with_sizes_has_the_id_of_its_content() -> None:
    world = World()
    found = plan(world)

    whole = sized(found, statistics(), world.available, world.state)

    assert whole.id != found.id
    assert whole.id == plan_id(whole, world.state)
