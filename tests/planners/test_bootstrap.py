"""Bootstraps in plans: what a table gives is looked up and filled in, no feature is computed again, nothing served moves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from planner_builders import (
    FULL,
    GIVEN,
    World,
    a_catalog,
    a_feature,
    a_group_by,
    a_join,
    a_lookup,
    a_repository,
    a_select,
    bootstrapped,
    chained_rows,
    day,
    days,
    line_of,
)

from chronon.model.corrections import Correction
from chronon.model.dayset import DaySet
from chronon.model.definitions import GroupBy, Join, Lookup, Selected
from chronon.model.jobs import DerivationJob, FeatureJob, LeftJob
from chronon.model.names import ObjectId
from chronon.model.plan import Danger, Plan
from chronon.model.types import Scalar
from chronon.planners import digests_of, snapshots_of
from chronon.planners.lineage import ColumnId, lineage_of

SPEND = a_group_by(online=True)
WHOLE = days("2024-02-01", "2024-03-10")
OTHER = "shop_spend_amount_sum_7d"


def derived(name: str, reads: str) -> Selected:
    return Selected(name=name, expression=f"{reads} * 2", type=Scalar.LONG, reads=(reads,))


PLAIN = a_join("training", SPEND, online=True, derivations=[derived("twice", GIVEN), derived("other", OTHER)])
OLD, OLDER = a_lookup(), a_lookup(table="shop.older")


def a_world(**available: DaySet) -> World:
    found = {"shop.old": WHOLE, "shop.older": WHOLE} | {f"shop.{name}": days for name, days in available.items()}
    return World(available=dict(FULL) | found)


def made(plan: Plan) -> list[tuple[str, list[str]]]:
    """Kind and columns of every step that makes columns of left rows."""
    jobs = (step.job for step in plan.steps)
    return [
        (type(job).__name__, sorted(name for _, name in job.columns))
        for job in jobs
        if isinstance(job, FeatureJob | DerivationJob)
    ]


def days_made(plan: Plan, of: ObjectId | None = None) -> dict[str, DaySet]:
    """Column → days; the left rows have no name. of: of one join only."""
    found: dict[str, DaySet] = {}
    for step in plan.steps:
        if of is None or step.object == of:
            match step.job:
                case LeftJob(days=each):
                    found[""] = each
                case FeatureJob(columns=columns, days=each) | DerivationJob(columns=columns, days=each):
                    found |= {name: each for _, name in columns}
    return found


def replanned(world: World, before: Iterable[GroupBy | Join], *after: GroupBy | Join) -> Plan:
    world.apply(world.plan(*before))
    return world.plan(*after)


def test_bootstrap_when_added_then_looks_up_and_fills_and_computes_no_feature() -> None:
    plan = replanned(a_world(), (SPEND, PLAIN), SPEND, bootstrapped(PLAIN, OLD))

    assert made(plan) == [("FeatureJob", [f"{GIVEN}@1"]), ("DerivationJob", [GIVEN]), ("DerivationJob", ["twice"])]
    assert set(days_made(plan).values()) == {WHOLE}
    (change,) = plan.changes
    assert (change.danger, change.changed) == (Danger.VALUE_CHANGE, (GIVEN, "twice"))
    repository = a_repository(a_catalog(SPEND, bootstrapped(PLAIN, OLD)))
    assert change.span.line == line_of(repository, PLAIN.id, "bootstrap")


def test_bootstrap_when_planned_then_each_round_waits_for_what_it_reads() -> None:
    plan = a_world().plan(SPEND, bootstrapped(PLAIN, OLD))

    left, features, looked_up, filled, derivations, *_ = plan.steps
    assert [columns for _, columns in made(plan)] == [
        [GIVEN, OTHER],
        [f"{GIVEN}@1"],
        [GIVEN],
        ["other", "twice"],
    ]
    assert set(filled.needs) == {left.id, features.id, looked_up.id}
    assert set(derivations.needs) == {left.id, features.id, filled.id}


def test_table_when_added_behind_another_then_only_that_is_looked_up() -> None:
    plan = replanned(a_world(), (SPEND, bootstrapped(PLAIN, OLD)), SPEND, bootstrapped(PLAIN, OLD, OLDER))

    assert made(plan) == [("FeatureJob", [f"{GIVEN}@2"]), ("DerivationJob", [GIVEN]), ("DerivationJob", ["twice"])]


def test_tables_when_in_another_order_then_nothing_is_looked_up() -> None:
    plan = replanned(a_world(), (SPEND, bootstrapped(PLAIN, OLD, OLDER)), SPEND, bootstrapped(PLAIN, OLDER, OLD))

    assert made(plan) == [("DerivationJob", [GIVEN]), ("DerivationJob", ["twice"])]


def test_bootstrap_when_removed_then_only_what_is_derived_is_made() -> None:
    plan = replanned(a_world(), (SPEND, bootstrapped(PLAIN, OLD)), SPEND, PLAIN)

    assert made(plan) == [("DerivationJob", ["twice"])]


def of_a_derivation(join: Join) -> Join:
    """The bootstrap gives `twice` in the place of the feature."""
    (lookup,), (filled,) = join.lookups, join.filled
    (feature,) = lookup.group_by.features
    given = replace(lookup.group_by, features=(replace(feature, name="twice@1"),))
    reads = ("twice@1", "twice")
    return replace(
        join, lookups=(replace(lookup, group_by=given),), filled=(replace(filled, name="twice", reads=reads),)
    )


def test_derivation_when_it_is_given_then_is_filled_and_not_derived_again() -> None:
    plan = replanned(a_world(), (SPEND, PLAIN), SPEND, of_a_derivation(bootstrapped(PLAIN, OLD)))

    assert made(plan) == [("FeatureJob", ["twice@1"]), ("DerivationJob", ["twice"])]
    (fill,) = (step.job for step in plan.steps if isinstance(step.job, DerivationJob))
    assert fill.derivations == ()


@pytest.mark.parametrize("lookups", [(OLD,), (OLD, OLDER), (a_lookup(expression="amount + 1"),)])
def test_bootstrap_when_added_then_nothing_that_is_served_moves(lookups: tuple[Lookup, ...]) -> None:
    def served(join: Join) -> list[object]:
        catalog = a_catalog(SPEND, join)
        return [(each.serving, each.stream) for each in snapshots_of(catalog, a_repository(catalog))]

    assert served(bootstrapped(PLAIN, *lookups)) == served(PLAIN)


def test_days_of_a_table_when_edited_then_it_is_looked_up_again() -> None:
    ended = a_lookup(end=day("2024-02-20"))

    plan = replanned(a_world(), (SPEND, bootstrapped(PLAIN, OLD)), SPEND, bootstrapped(PLAIN, ended))

    assert made(plan)[0] == ("FeatureJob", [f"{GIVEN}@1"])


def test_source_when_renamed_then_nothing_is_made() -> None:
    renamed = replace(OLD, part=replace(OLD.part, group_by=replace(OLD.part.group_by, version=2)))

    assert replanned(a_world(), (SPEND, bootstrapped(PLAIN, OLD)), SPEND, bootstrapped(PLAIN, renamed)).steps == ()


def test_day_of_a_table_when_corrected_then_is_looked_up_and_filled_and_nothing_else() -> None:
    world, third = a_world(), days("2024-02-03", "2024-02-03")
    world.apply(world.plan(SPEND, bootstrapped(PLAIN, OLD)))
    world.corrected = (Correction(table="shop.old", days=third),)

    plan = world.plan(SPEND, bootstrapped(PLAIN, OLD))

    assert days_made(plan) == {f"{GIVEN}@1": third, GIVEN: third, "twice": third}


def behind(parent: Join, name: str) -> tuple[GroupBy, Join]:
    """A group_by over a column of a join, and a join that asks it."""
    rows = chained_rows(parent, a_select("card"), a_select("amount", name, Scalar.LONG, (name,)))
    chained = a_group_by("behind", rows=[rows], keys=("card",), features=[a_feature("sum", "1d")])
    return chained, a_join("child", chained, left=replace(PLAIN.left, selects=(a_select("card"),)))


def test_day_of_a_table_when_corrected_then_counts_for_who_is_chained_behind_the_column() -> None:
    parent = bootstrapped(PLAIN, OLD)
    chained, child = behind(parent, GIVEN)
    world = a_world()
    world.apply(world.plan(SPEND, parent, chained, child))
    world.state = replace(world.state, within={left: WHOLE for left, _ in world.state.computed})
    world.corrected = (Correction(table="shop.old", days=days("2024-02-03", "2024-02-03")),)

    plan = world.plan(SPEND, parent, chained, child)

    assert set(days_made(plan, child.id).values()) == {days("2024-02-03", "2024-02-04")}


def test_chained_group_by_when_its_column_is_given_then_means_something_else() -> None:
    def meaning(parent: Join, name: str) -> object:
        chained, _child = behind(parent, name)
        return digests_of(a_catalog(SPEND, parent, chained)).group_bys[chained.id].features

    filled = bootstrapped(PLAIN, OLD)

    assert meaning(filled, GIVEN) != meaning(PLAIN, GIVEN)
    assert meaning(filled, "twice") != meaning(PLAIN, "twice")
    assert meaning(filled, OTHER) == meaning(PLAIN, OTHER)


def test_days_when_the_table_does_not_have_them_yet_are_waited_for() -> None:
    there = days("2024-02-01", "2024-02-20")

    plan = a_world(old=there).plan(SPEND, bootstrapped(PLAIN, OLD))

    assert days_made(plan) == {
        "": WHOLE,
        GIVEN: there,
        OTHER: WHOLE,
        f"{GIVEN}@1": there,
        "twice": there,
        "other": WHOLE,
    }
    assert [(gap.table, gap.days) for gap in plan.gaps] == [("shop.old", str(days("2024-02-21", "2024-03-10")))]


def test_days_when_the_table_has_ended_are_filled_with_what_is_computed() -> None:
    ended = a_lookup(end=day("2024-02-20"))

    plan = a_world(old=days("2024-02-01", "2024-02-20")).plan(SPEND, bootstrapped(PLAIN, ended))

    assert set(days_made(plan).values()) == {WHOLE}
    assert plan.gaps == ()


def test_lineage_when_a_column_is_given_then_leads_to_the_table() -> None:
    lineage = lineage_of(a_catalog(SPEND, bootstrapped(PLAIN, OLD)))

    column = ColumnId.of(PLAIN.id, GIVEN)
    reads = {(read.use.value, str(read.column)) for read in lineage.reads[column]}
    assert {("value", "shop.old.amount"), ("key", "shop.old.user"), ("key", "shop.training.user")} <= reads
    assert lineage.meaning[column] == "given by shop.old, else amount_sum_1d of shop.spend"
