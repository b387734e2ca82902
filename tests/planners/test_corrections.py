"""Corrected days: exactly what counts their rows is computed again, and nothing twice."""

from __future__ import annotations

from dataclasses import replace

import naive_reach
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planner_builders import (
    World,
    a_catalog,
    a_feature,
    a_group_by,
    a_join,
    a_repository,
    a_select,
    chained_rows,
    changing_entities,
    day,
    days,
    some_rows,
    stored_by,
)
from test_properties import catalogs

from chronon.model.corrections import Correction
from chronon.model.dayset import DaySet
from chronon.model.definitions import Catalog, Selected
from chronon.model.jobs import DerivationJob, Digest, FeatureJob, LeftJob, UploadJob
from chronon.model.plan import Plan
from chronon.model.specs import Accuracy, SourceKind
from chronon.model.types import Scalar
from chronon.planners import digests_of

FIRST, LAST = day("2024-01-01"), day("2024-02-09")
WHOLE = DaySet.span(FIRST, LAST)
TABLES = ("shop.orders", "shop.checkouts", "shop.users", "shop.user_changes")
TIMES = ("happened",)


def deployed(catalog: Catalog, *, within: bool = True) -> World:
    """Everything is computed; within: every row of a left asks on its own day."""
    world = World(available=dict.fromkeys(TABLES, WHOLE))
    world.apply(world.plan_of(catalog, a_repository(catalog)))
    lefts = {left for left, _ in world.state.computed}
    world.state = replace(world.state, within=dict.fromkeys(lefts, WHOLE) if within else {})
    return world


def corrected(world: World, catalog: Catalog, table: str, wanted: DaySet, *, within: bool = True) -> Plan:
    world.corrected = (Correction(table=table, days=wanted, within=TIMES if within else ()),)
    return world.plan_of(catalog, a_repository(catalog))


def made(plan: Plan) -> dict[tuple[Digest, Digest], DaySet]:
    """What the steps of a plan make: (left, column) → days."""
    found: dict[tuple[Digest, Digest], DaySet] = {}
    for left, column, one in stored_by(plan):
        assert not found.get((left, column), DaySet()) & one, "made twice"
        found[left, column] = found.get((left, column), DaySet()) | one
    return found


def by_name(plan: Plan) -> dict[str, str]:
    """Column → the days that are made of it, in words."""
    found: dict[str, str] = {}
    for step in plan.steps:
        match step.job:
            case LeftJob() as job:
                found["left"] = str(job.days)
            case FeatureJob() | DerivationJob() as job:
                found |= {name: str(job.days) for _, name in job.columns}
            case UploadJob():
                found["upload"] = step.reason
            case _:
                found["stream"] = step.reason
    return found


@st.composite
def worlds(draw: st.DrawFn) -> Catalog:
    """A chain; catalogs over events, as other laws have them; or over entities that change, with lefts of events or of entities."""
    if draw(st.booleans()):
        return draw(st.one_of(st.builds(chain), catalogs()))
    balance = changing_entities()
    if draw(st.booleans()):
        users = replace(balance.rows[0], mutations=None)
        balance = replace(balance, rows=(users,), accuracy=Accuracy.SNAPSHOT)
    windows = draw(st.lists(st.sampled_from(("1h", "1d", "3d", "20d", None)), min_size=1, max_size=3, unique=True))
    spend = a_group_by("spend", windows=windows, accuracy=draw(st.sampled_from(Accuracy)))
    users = some_rows(a_select("user"), a_select("card"), table="shop.users", kind=SourceKind.ENTITIES)
    left = draw(st.sampled_from([None, users]))
    return a_catalog(balance, spend, a_join("training", balance, spend, left=left, start="2024-01-03"))


@settings(max_examples=300)
@given(
    worlds(),
    st.sampled_from(TABLES),
    st.sets(st.integers(FIRST, LAST), min_size=1, max_size=4),
    st.booleans(),
    st.booleans(),
)
def test_days_that_are_made_again_are_those_of_the_enumeration(
    catalog: Catalog, table: str, wanted: set[int], within: bool, is_new_within: bool
) -> None:
    world = deployed(catalog, within=within)

    found = made(corrected(world, catalog, table, DaySet.days(wanted), within=is_new_within))

    digests = digests_of(catalog)
    naive = naive_reach.reach(
        naive_reach.World(catalog=catalog, corrected={table: wanted}, within=within, is_new_within=is_new_within),
        range(FIRST, LAST + 1),
    )
    expected: dict[tuple[Digest, Digest], set[int]] = {}
    for (join, name), moved in naive.items():
        of_join = digests.joins[join]
        column = of_join.left if not name else of_join.features.get(name) or of_join.outputs.get(name)
        if column is not None and (name == "" or column != of_join.left):
            expected.setdefault((of_join.left, column), set()).update(moved)
    computed = {stored: set(there) for stored, there in world.state.computed.items()}
    assert {stored: set(one) for stored, one in found.items()} == {
        stored: moved & computed[stored] for stored, moved in expected.items() if moved & computed.get(stored, set())
    }


@given(worlds(), st.sampled_from(TABLES), st.sets(st.integers(FIRST, LAST), min_size=1, max_size=4), st.data())
def test_apply_that_was_killed_leaves_exactly_the_rest(
    catalog: Catalog, table: str, wanted: set[int], data: st.DataObject
) -> None:
    world = deployed(catalog)
    plan = corrected(world, catalog, table, DaySet.days(wanted))
    whole = [step.id for step in plan.steps]
    done = data.draw(st.integers(0, len(whole)))

    world.apply(plan, steps=done)
    rest = world.plan_of(catalog, a_repository(catalog))

    tables = [step.id for step in rest.steps if not isinstance(step.job, UploadJob)]
    assert tables == [step.id for step in plan.steps[done:] if not isinstance(step.job, UploadJob)]
    assert {step.id for step in rest.steps} == set(whole[done:])
    world.apply(rest)
    assert world.plan_of(catalog, a_repository(catalog)).is_empty


def test_window_and_tail_widen_each_column_by_its_own_length() -> None:
    #   corrected        |=====|
    #   window 1d        |=====|-|          a question of the next day still reaches back
    #   window 7d        |=====|-------|
    spend = a_group_by(windows=("1h", "1d", "7d", "20d", None))
    catalog = a_catalog(spend, a_join("training", spend))

    plan = corrected(deployed(catalog), catalog, "shop.orders", days("2024-01-10", "2024-01-12"))

    assert by_name(plan) == {
        "shop_spend_amount_sum_1h": "2024-01-10 .. 2024-01-13",
        "shop_spend_amount_sum_1d": "2024-01-10 .. 2024-01-13",
        "shop_spend_amount_sum_7d": "2024-01-10 .. 2024-01-19",
        "shop_spend_amount_sum_20d": "2024-01-10 .. 2024-02-01",
        "shop_spend_amount_sum": "2024-01-10 .. 2024-02-09",
    }


def test_snapshot_is_asked_at_midnight_so_its_days_begin_one_later() -> None:
    spend = a_group_by(windows=("1d", "7d"), accuracy=Accuracy.SNAPSHOT)
    catalog = a_catalog(spend, a_join("training", spend))

    plan = corrected(deployed(catalog), catalog, "shop.orders", days("2024-01-10", "2024-01-12"))

    assert by_name(plan) == {
        "shop_spend_amount_sum_1d": "2024-01-11 .. 2024-01-13",
        "shop_spend_amount_sum_7d": "2024-01-11 .. 2024-01-19",
    }


def test_rows_that_may_lie_off_their_partition_widen_by_that_on_both_sides() -> None:
    spend = a_group_by(windows=("7d",))
    catalog = a_catalog(spend, a_join("training", spend))
    one = days("2024-01-20", "2024-01-20")

    rows_stray = corrected(deployed(catalog), catalog, "shop.orders", one, within=False)
    both_stray = corrected(deployed(catalog, within=False), catalog, "shop.orders", one, within=False)

    assert by_name(rows_stray) == {"shop_spend_amount_sum_7d": "2024-01-19 .. 2024-01-28"}
    assert by_name(both_stray) == {"shop_spend_amount_sum_7d": "2024-01-18 .. 2024-01-29"}


def chain() -> Catalog:
    """spend (7 days) → training → score (3 days, of spend's column) → child."""
    spend = a_group_by("spend", windows=("7d",))
    parent = a_join("training", spend)
    read = Selected(name="amount", expression="x", type=Scalar.LONG, reads=("shop_spend_amount_sum_7d",))
    card = Selected(name="card", expression="card", type=Scalar.STRING, reads=("card",))
    other = Selected(name="happened", expression="ts", type=Scalar.LONG, reads=("ts",))
    features = [a_feature("max", "3d", "amount"), a_feature("max", "3d", "happened")]
    score = a_group_by("score", rows=[chained_rows(parent, card, read, other)], keys=("card",), features=features)
    return a_catalog(spend, parent, score, a_join("child", score))


def test_along_a_chain_the_lengths_add_up_per_column() -> None:
    plan = corrected(deployed(chain()), chain(), "shop.orders", days("2024-01-10", "2024-01-10"))

    assert by_name(plan) == {
        "shop_spend_amount_sum_7d": "2024-01-10 .. 2024-01-17",
        "shop_score_amount_max_3d": "2024-01-10 .. 2024-01-20",
    }


def test_left_rows_that_may_lie_beside_their_day_now_widen_what_is_chained_behind_them() -> None:
    #      2024-01-10 is written again; a new row of it may ask on the 9th or the 11th, and 3 d later it still counts
    plan = corrected(deployed(chain()), chain(), "shop.checkouts", days("2024-01-10", "2024-01-10"), within=False)

    assert by_name(plan)["shop_score_amount_max_3d"] == "2024-01-09 .. 2024-01-14"


def test_left_rows_that_were_corrected_make_every_column_of_their_days_anew() -> None:
    spend = a_group_by(windows=("7d",))
    derived = Selected(name="twice", expression="2 * shop_spend_amount_sum_7d", type=Scalar.LONG,
                       reads=("shop_spend_amount_sum_7d",))  # fmt: skip
    catalog = a_catalog(spend, a_join("training", spend, derivations=[derived]))

    plan = corrected(deployed(catalog), catalog, "shop.checkouts", days("2024-01-10", "2024-01-11"))

    assert by_name(plan) == dict.fromkeys(("left", "shop_spend_amount_sum_7d", "twice"), "2024-01-10 .. 2024-01-11")


@pytest.mark.parametrize(
    ("windows", "corrected_days", "is_made_again"),
    [
        (("7d",), days("2024-02-08", "2024-02-09"), True),
        (("7d",), days("2024-02-03", "2024-02-03"), True),
        (("7d",), days("2024-02-02", "2024-02-02"), False),
        (("7d", None), days("2024-01-02", "2024-01-02"), True),
    ],
)
def test_batch_values_are_uploaded_again_where_a_window_still_holds_a_corrected_day(
    windows: tuple[str | None, ...], corrected_days: DaySet, is_made_again: bool
) -> None:
    spend = a_group_by(windows=windows, online=True, topic="file://shop.orders")

    plan = corrected(deployed(a_catalog(spend)), a_catalog(spend), "shop.orders", corrected_days)

    told = "batch values until 2024-02-09 count other rows than there are now"
    assert by_name(plan) == ({"upload": told} if is_made_again else {})


def test_another_environment_is_told_of_what_it_shares_nothing_with() -> None:
    old, new = a_group_by(windows=("3d",)), a_group_by(windows=("7d",))
    before, after = a_catalog(old, a_join("training", old)), a_catalog(new, a_join("training", new))
    world = deployed(before)
    staging = replace(world, environment="staging")
    staging.apply(staging.plan_of(after, a_repository(after)))
    staging.environment = "prod"

    plan = corrected(staging, before, "shop.orders", days("2024-01-10", "2024-01-10"))
    staging.apply(plan)

    assert by_name(plan) == {"shop_spend_amount_sum_3d": "2024-01-10 .. 2024-01-13"}
    staging.environment = "staging"
    rest = staging.plan_of(after, a_repository(after))
    assert by_name(rest) == {"shop_spend_amount_sum_7d": "2024-01-10 .. 2024-01-17"}


def test_what_nobody_points_at_any_more_is_outdated_whole() -> None:
    old, new = a_group_by(windows=("3d",)), a_group_by(windows=("7d",))
    before, after = a_catalog(old, a_join("training", old)), a_catalog(new, a_join("training", new))
    world = deployed(before)
    world.apply(world.plan_of(after, a_repository(after)))

    world.apply(corrected(world, after, "shop.orders", days("2024-01-10", "2024-01-10")))

    back = world.plan_of(before, a_repository(before))
    assert by_name(back) == {"shop_spend_amount_sum_3d": str(WHOLE)}


def test_days_that_nothing_counts_leave_nothing_to_do() -> None:
    spend = a_group_by(windows=("7d",))
    catalog = a_catalog(spend, a_join("training", spend, start="2024-02-01"))

    plan = corrected(deployed(catalog), catalog, "shop.orders", days("2024-01-02", "2024-01-03"))

    assert plan.is_empty
    assert [(each.code, each.readers) for each in plan.upstream] == [("CHR-P170", ())]


def test_finding_names_whom_a_correction_touches_and_how_much() -> None:
    spend = a_group_by(windows=("1d", "7d"), online=True)
    catalog = a_catalog(spend, a_join("training", spend))

    (found,) = corrected(deployed(catalog), catalog, "shop.orders", days("2024-02-08", "2024-02-08")).upstream

    assert found.found == "2024-02-08 is said to be corrected"
    assert found.follows.startswith("made again: 4 column-days of 2 columns and 1 upload;")
    assert [(str(reader.id), reader.columns) for reader in found.readers] == [
        ("shop.training", ("shop_spend_amount_sum_1d", "shop_spend_amount_sum_7d")),
        ("shop.spend", ()),
    ]
