"""Published days behind a chain, once the join before them gets days that they look back to; against counting day by day."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planner_builders import World, a_feature, a_group_by, a_join, a_select, chained_rows, day, days, some_rows

from chronon.model.dayset import DaySet
from chronon.model.definitions import GroupBy, Join, Rows
from chronon.model.jobs import DerivationJob, FeatureJob, UploadJob
from chronon.model.plan import Plan
from chronon.model.specs import Accuracy, SourceKind
from chronon.model.time import DAY, Day, Millis
from chronon.model.types import Scalar
from chronon.planners.days import looking_back, source_days

FIRST, LAST = day("2024-01-01"), day("2024-02-10")
WINDOWS = ("1h", "1d", "3d", "20d", None)


def made(plan: Plan, join: Join) -> dict[str, set[int]]:
    """Column of a join → the days on which a plan makes it."""
    found: dict[str, set[int]] = {}
    for step in plan.steps:
        if step.object == join.id and isinstance(step.job, FeatureJob | DerivationJob):
            for _, name in step.job.columns:
                found.setdefault(name, set()).update(step.job.days)
    return found


def chain(start: str | None, window: str | None, accuracy: Accuracy) -> tuple[GroupBy, Join, GroupBy, Join]:
    spend = a_group_by("spend", windows=("1d",))
    training = a_join("training", spend, start=start)
    card = a_select("card", reads=("card",))
    read = a_select("amount", "shop_spend_amount_sum_1d", Scalar.LONG, ("shop_spend_amount_sum_1d",))
    score = a_group_by(
        "score",
        rows=[chained_rows(training, card, read)],
        keys=("card",),
        features=[a_feature("max", window)],
        accuracy=accuracy,
        online=True,
    )
    twice = a_select("twice", "shop_score_x * 2", Scalar.LONG, (f"shop_score_{score.features[0].name}",))
    left = some_rows(a_select("card"), table="shop.checkouts")
    return spend, training, score, a_join("child", score, left=left, start="2024-01-20", derivations=[twice])


def seen(window: Millis | None, accuracy: Accuracy, asked: int) -> range:
    """The days of events that a question on a day may count, from the meaning of windows alone."""
    last = asked if accuracy is Accuracy.TEMPORAL else asked - 1
    if window is None:
        return range(FIRST - 2, last + 1)
    begin = asked * DAY - window
    return range(begin // DAY, last + 1)


def overtaken(new: set[int], there: set[int], window: Millis | None, accuracy: Accuracy, asked: int) -> bool:
    """Whether an answer of a day may count a row of a partition that comes only now.

    A partition holds rows of its day and of both beside it; behind the last one there nobody waits for the day after.
    """
    for partition in new:
        inner = partition <= max(there)
        rows = range(partition - inner, partition + 2)
        if any(each in seen(window, accuracy, asked) for each in rows):
            return True
    return False


@given(
    st.sampled_from(["2024-01-12", "2024-01-18", "2024-01-22"]),
    st.sampled_from(["2024-01-05", "2024-01-12", "2024-01-18"]),
    st.sampled_from(WINDOWS),
    st.sampled_from(Accuracy),
    st.lists(st.integers(0, 40), max_size=3),
)
def test_plan_when_a_parent_gets_days_makes_again_what_looks_back_to_them(
    late: str, early: str, window: str | None, accuracy: Accuracy, holes: list[int]
) -> None:
    whole = DaySet.span(FIRST, LAST)
    holed = whole - DaySet.days(FIRST + hole for hole in holes if FIRST + hole != LAST)
    world = World(available={"shop.orders": whole, "shop.checkouts": holed})
    if window == "1h" and accuracy is Accuracy.SNAPSHOT:
        window = "1d"
    *_, score, child = before = chain(late, window, accuracy)
    world.apply(world.plan(*before))
    published, parents = (set(made_days(world, join)) for join in (child, before[1]))
    world.available = {"shop.orders": whole, "shop.checkouts": whole}

    plan = world.plan(*chain(early, window, accuracy))

    new = set(range(day(early), LAST + 1)) - parents
    length = score.features[0].window
    again = {one for one in published if new and overtaken(new, parents, length, accuracy, one)}
    wanted = set(range(day("2024-01-20"), LAST + 1))
    name = f"shop_score_{score.features[0].name}"
    assert made(plan, child).get(name, set()) == (wanted - published) | again
    assert made(plan, child).get("twice", set()) == (wanted - published) | again
    uploads = [step for step in plan.steps if isinstance(step.job, UploadJob)]
    assert bool(uploads) == bool(new and overtaken(new, parents, length, Accuracy.SNAPSHOT, LAST + 1))


def made_days(world: World, join: Join) -> DaySet:
    snapshot = world.state.environment("prod").snapshots[join.id]
    assert snapshot.left is not None
    return world.state.computed[snapshot.left, snapshot.left]


@given(st.sampled_from([*range(1, 5), 20, None]), st.sampled_from(Accuracy), st.integers(0, 30), st.integers(0, 3))
def test_looking_back_is_source_days_the_other_way_round(
    length: int | None, accuracy: Accuracy, first: int, more: int
) -> None:
    feature = a_feature("sum", None if length is None else f"{length}d")
    rows: Rows = some_rows(a_select("user"), kind=SourceKind.EVENTS)
    sought = DaySet.span(first, first + more)

    found = looking_back(feature.window, accuracy, sought)

    for asked in range(60):
        looks = bool(source_days(rows, [feature], accuracy, DaySet.days([Day(asked)])) & sought)
        assert (asked in found) == looks


@pytest.mark.parametrize("accuracy", Accuracy)
def test_plan_when_a_day_is_added_makes_no_published_day_again(accuracy: Accuracy) -> None:
    #   parent    ... 04-05 published, 06 new        child    ... 04-05 published: its answers did not wait for the 6th
    world = World(available=dict.fromkeys(("shop.orders", "shop.checkouts"), days("2024-01-01", "2024-02-05")))
    objects = chain("2024-01-10", "3d", accuracy)
    world.apply(world.plan(*objects))
    world.available = dict.fromkeys(("shop.orders", "shop.checkouts"), days("2024-01-01", "2024-02-06"))

    plan = world.plan(*objects)

    assert {tuple(step.job.days) for step in plan.steps if isinstance(step.job, FeatureJob)} == {(day("2024-02-06"),)}
