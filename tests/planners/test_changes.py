from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

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
    changing_entities,
    days,
    group_by_id,
    join_id,
    line_of,
    some_rows,
)

from chronon.model.definitions import GroupBy, Join, Selected
from chronon.model.jobs import Digest, UploadJob
from chronon.model.plan import Change, Danger, Plan
from chronon.model.specs import Accuracy
from chronon.model.time import MINUTE, Millis
from chronon.model.types import Scalar

TOPIC = "file://shop.orders"

Objects = tuple[GroupBy | Join, ...]


def replan(before: Objects, after: Objects, **cosmetic: object) -> Plan:
    others = dict.fromkeys(("shop.other", "shop.users", "shop.user_changes"), days("2024-01-01", "2024-03-10"))
    world = World(available=dict(FULL) | others)
    world.apply(world.plan(*before))
    return world.plan(*after, **cosmetic)


def only(plan: Plan) -> Change:
    (change,) = plan.changes
    return change


def spend(*, online: bool = False, **options: object) -> GroupBy:
    return a_group_by("spend", online=online, **options)  # type: ignore[arg-type]


def rows(
    *, table: str = "shop.orders", time: str = "happened", amount: str = "amount", start: str | None = None
) -> list:
    return [some_rows(a_select("user"), a_select("amount", amount), table=table, time=time, start=start)]


def without_mutations(group_by: GroupBy) -> GroupBy:
    return replace(group_by, rows=tuple(replace(rows, mutations=None) for rows in group_by.rows))


CASES: list[tuple[str, Objects, Objects, Danger, str]] = [
    ("new", (), (spend(),), Danger.ADDITION, "CHR-P101"),
    ("removed", (spend(),), (), Danger.REMOVAL, "CHR-P102"),
    ("column added", (spend(),), (spend(windows=("1d", "7d", "9d")),), Danger.ADDITION, "CHR-P108"),
    ("column removed", (spend(),), (spend(windows=("1d",)),), Danger.VALUE_CHANGE, "CHR-P109"),
    (
        "served column removed",
        (spend(online=True),),
        (spend(windows=("1d",), online=True),),
        Danger.SERVING_BREAK,
        "CHR-P109",
    ),
    ("filter", (spend(),), (spend(wheres=("amount > 0",)),), Danger.VALUE_CHANGE, "CHR-P106"),
    ("table", (spend(),), (spend(rows=rows(table="shop.other")),), Danger.VALUE_CHANGE, "CHR-P106"),
    ("time", (spend(),), (spend(rows=rows(time="happened + 1")),), Danger.VALUE_CHANGE, "CHR-P106"),
    ("expression", (spend(),), (spend(rows=rows(amount="amount * 2")),), Danger.VALUE_CHANGE, "CHR-P106"),
    ("keys", (spend(),), (spend(keys=("card",)),), Danger.VALUE_CHANGE, "CHR-P104"),
    ("served keys", (spend(online=True),), (spend(keys=("card",), online=True),), Danger.SERVING_BREAK, "CHR-P104"),
    ("accuracy", (spend(),), (spend(accuracy=Accuracy.SNAPSHOT),), Danger.VALUE_CHANGE, "CHR-P110"),
    ("online", (spend(),), (spend(online=True),), Danger.ADDITION, "CHR-P111"),
    ("offline", (spend(online=True),), (spend(),), Danger.SERVING_BREAK, "CHR-P112"),
    (
        "tile",
        (spend(online=True, topic=TOPIC),),
        (replace(spend(online=True, topic=TOPIC), tile=Millis(MINUTE)),),
        Danger.REBUILD,
        "CHR-P113",
    ),
    (
        "mutations",
        (changing_entities(),),
        (changing_entities(changes="shop.other"),),
        Danger.VALUE_CHANGE,
        "CHR-P106",
    ),
    (
        "reversal",
        (changing_entities(),),
        (changing_entities(reversal="amount < 1"),),
        Danger.VALUE_CHANGE,
        "CHR-P106",
    ),
    ("source range", (spend(),), (spend(rows=rows(start="2024-01-15")),), Danger.VALUE_CHANGE, "CHR-P116"),
    (
        "alias",
        (spend(features=[a_feature()]),),
        (spend(features=[a_feature(alias="total")]),),
        Danger.METADATA,
        "CHR-P107",
    ),
    (
        "served alias",
        (spend(features=[a_feature()], online=True),),
        (spend(features=[a_feature(alias="total")], online=True),),
        Danger.SERVING_BREAK,
        "CHR-P107",
    ),
]


@pytest.mark.parametrize(
    ("before", "after", "danger", "reason"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_group_by_when_edited_is_classified(before: Objects, after: Objects, danger: Danger, reason: str) -> None:
    change = only(replan(before, after))

    assert (change.danger, change.reason) == (danger, reason)


def test_features_when_reordered_are_the_same() -> None:
    assert replan((spend(online=True, topic=TOPIC),), (spend(windows=("7d", "1d"), online=True, topic=TOPIC),)).is_empty


def test_group_by_when_an_earlier_build_stored_it_in_another_order_is_uploaded_again() -> None:
    world, group_by = World(), spend(online=True)
    world.apply(world.plan(group_by))
    environment = world.state.environment("prod")
    (snapshot,) = environment.snapshots.values()
    earlier = replace(snapshot, serving=Digest("01"), fingerprint=Digest("02"))
    known = replace(environment, snapshots={snapshot.id: earlier})
    world.state = replace(world.state, environments={"prod": known}, uploads={})

    plan = world.plan(group_by)

    assert (only(plan).danger, only(plan).reason) == (Danger.REBUILD, "CHR-P119")
    assert [type(step.job) for step in plan.steps] == [UploadJob]


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (changing_entities(changes="shop.other"), "mutations shop.user_changes -> shop.other"),
        (changing_entities(reversal="amount < 1"), "reversal of mutations amount < 0 -> amount < 1"),
        (without_mutations(changing_entities()), "mutations removed"),
    ],
    ids=["table", "reversal", "removed"],
)
def test_mutations_when_edited_are_told_by_what_differs(after: GroupBy, told: str) -> None:
    change = only(replan((changing_entities(),), (after,)))

    assert told in change.summary


def join_change(edit: Callable[[GroupBy], Join], *, online: bool = False) -> Change:
    group_by = spend(online=online)
    return only(replan((group_by, a_join("training", group_by, online=online)), (group_by, edit(group_by))))


def test_join_when_the_left_filter_changes_is_made_anew() -> None:
    other = some_rows(a_select("user"), a_select("card"), table="shop.checkouts", wheres=("amount > 1",))

    change = join_change(lambda group_by: a_join("training", group_by, left=other))

    assert (change.danger, change.reason) == (Danger.VALUE_CHANGE, "CHR-P105")
    assert "where amount > 1" in change.summary
    assert change.changed == ("card", "shop_spend_amount_sum_1d", "shop_spend_amount_sum_7d", "user")


def test_join_when_a_prefix_changes_is_a_rename_without_work() -> None:
    group_by = spend()
    before = (group_by, a_join("training", group_by))

    plan = replan(before, (group_by, a_join("training", group_by, parts=[a_part(group_by, "bought")])))

    change = only(plan)
    assert (change.danger, change.reason) == (Danger.METADATA, "CHR-P107")
    assert change.added == ("bought_amount_sum_1d", "bought_amount_sum_7d")
    assert change.removed == ("shop_spend_amount_sum_1d", "shop_spend_amount_sum_7d")
    assert plan.steps == ()


def test_join_when_part_keys_change_has_other_values() -> None:
    change = join_change(lambda group_by: a_join("training", group_by, parts=[a_part(group_by, keys={"user": "card"})]))

    assert (change.danger, change.reason) == (Danger.VALUE_CHANGE, "CHR-P106")
    assert "keys of part shop.spend" in change.summary


def test_join_when_it_starts_earlier_is_a_rebuild_and_later_is_nothing() -> None:
    group_by = spend()
    early, late = (a_join("training", group_by, start=start) for start in ("2024-02-05", "2024-02-15"))

    earlier, later = (
        only(replan((group_by, late), (group_by, early))),
        only(replan((group_by, early), (group_by, late))),
    )

    assert (earlier.danger, earlier.reason) == (Danger.REBUILD, "CHR-P114")
    assert "start 2024-02-15 -> 2024-02-05" in earlier.summary
    assert (later.danger, later.reason) == (Danger.METADATA, "CHR-P115")


def test_join_when_columns_come_in_another_order_is_written_otherwise() -> None:
    def turned(group_by: GroupBy) -> Join:
        join = a_join("training", group_by)
        return replace(join, outputs=tuple(reversed(join.outputs)))

    change = join_change(turned)

    assert (change.danger, change.reason) == (Danger.METADATA, "CHR-P118")


def test_join_when_a_derivation_changes_says_which() -> None:
    group_by = spend()

    def join(factor: int) -> Join:
        read = "shop_spend_amount_sum_7d"
        twice = Selected(name="many", expression=f"{read} * {factor}", type=Scalar.LONG, reads=(read,))
        return a_join("training", group_by, derivations=[twice])

    change = only(replan((group_by, join(2)), (group_by, join(3))))

    assert change.changed == ("many",)
    assert "derivation many" in change.summary


def test_join_when_its_group_by_changes_points_at_the_edit_of_that() -> None:
    before, after = spend(), spend(wheres=("amount > 0",))

    plan = replan((before, a_join("training", before)), (after, a_join("training", after)))

    changes = {change.id: change for change in plan.changes}
    assert changes[join_id("training")].span == changes[group_by_id("spend")].span
    assert "where amount > 0, through shop.spend" in changes[join_id("training")].summary


@pytest.mark.parametrize(
    ("edit", "place"),
    [
        (spend(keys=("card",)), ("keys",)),
        (spend(accuracy=Accuracy.SNAPSHOT), ("accuracy",)),
        (spend(wheres=("amount > 0",)), ("where",)),
        (spend(rows=rows(amount="amount * 2")), ("select",)),
        (spend(rows=rows(time="happened + 1")), ("time",)),
        (spend(rows=rows(table="shop.other")), ("source",)),
        (spend(online=True), ("online",)),
        (spend(windows=("1d", "7d", "9d")), ("aggregations", 2, "windows", 0)),
    ],
    ids=str,
)
def test_change_when_a_field_was_edited_points_at_it(edit: GroupBy, place: tuple[str | int, ...]) -> None:
    repository = a_repository(a_catalog(edit))

    change = only(replan((spend(),), (edit,)))

    assert change.span.path == "teams/shop/group_bys/spend.yaml"
    assert change.span.line == line_of(repository, edit.id, *place)


def test_removed_object_points_at_the_file_that_declared_it() -> None:
    assert only(replan((spend(),), ())).span.path == "teams/shop/group_bys/spend.yaml"


def test_object_when_renamed_is_the_same_data_under_another_name() -> None:
    plan = replan((spend(),), (a_group_by("expense"),))

    assert [(c.id.name.name, c.danger, c.reason) for c in plan.changes] == [
        ("expense", Danger.METADATA, "CHR-P103"),
        ("spend", Danger.METADATA, "CHR-P103"),
    ]
    assert plan.steps == ()


def test_served_object_when_renamed_breaks_its_readers() -> None:
    plan = replan((spend(online=True),), (a_group_by("expense", online=True),))

    assert (plan.changes[0].id.name.name, plan.changes[0].danger) == ("spend", Danger.SERVING_BREAK)


def test_one_new_object_when_two_alike_are_gone_is_the_other_name_of_one() -> None:
    plan = replan((a_group_by("one"), a_group_by("two")), (a_group_by("three"),))

    assert sorted((c.id.name.name, c.reason) for c in plan.changes) == [
        ("one", "CHR-P103"),
        ("three", "CHR-P103"),
        ("two", "CHR-P102"),
    ]


def test_one_new_column_when_two_alike_are_gone_is_the_other_name_of_one() -> None:
    before = spend(features=[a_feature(alias="one"), a_feature(alias="two")])

    change = only(replan((before,), (spend(features=[a_feature(alias="three")]),)))

    assert change.reason == "CHR-P109"
    assert "1 column removed; renamed one_sum_7d -> three_sum_7d" in change.summary


@pytest.mark.parametrize(("online", "danger"), [(True, Danger.SERVING_BREAK), (False, Danger.METADATA)])
def test_key_when_only_its_name_changes_is_the_same_data(online: bool, danger: Danger) -> None:
    named = [some_rows(a_select("person", "user", Scalar.STRING), a_select("amount"))]

    plan = replan((spend(online=online),), (spend(online=online, rows=named, keys=("person",)),))

    change = only(plan)
    assert (change.danger, change.reason, change.changed) == (danger, "CHR-P104", ())
    assert plan.steps == ()


def test_join_when_it_is_served_is_an_addition_and_when_no_longer_a_break() -> None:
    group_by = spend(online=True)
    off, on = (a_join("training", group_by, online=online) for online in (False, True))

    served, unserved = only(replan((group_by, off), (group_by, on))), only(replan((group_by, on), (group_by, off)))

    assert (served.danger, served.reason) == (Danger.ADDITION, "CHR-P111")
    assert (unserved.danger, unserved.reason) == (Danger.SERVING_BREAK, "CHR-P112")


def test_changes_of_every_kind_stand_in_the_order_of_danger() -> None:
    gone, cut, filtered, grown, told = (a_group_by(name, online=True) for name in ("e", "d", "c", "b", "a"))
    after = (
        a_group_by("d", online=True, windows=("1d",)),
        a_group_by("c", online=True, wheres=("amount > 0",)),
        a_group_by("b", online=True, windows=("1d", "7d", "9d")),
        told,
    )

    plan = replan((gone, cut, filtered, grown, told), after, descriptions={"a": "told"})

    assert [change.danger for change in plan.changes] == [
        Danger.REMOVAL,
        Danger.SERVING_BREAK,
        Danger.VALUE_CHANGE,
        Danger.ADDITION,
        Danger.METADATA,
    ]


def test_definition_of_another_version_is_told_by_digests_alone() -> None:
    world = World()
    world.apply(world.plan(spend()))
    environment = world.state.environment("prod")
    old = {key: replace(snapshot, definition='{"unknown":1}') for key, snapshot in environment.snapshots.items()}
    world.state = replace(world.state, environments={"prod": replace(environment, snapshots=old)})

    change = only(world.plan(spend(wheres=("amount > 0",))))

    assert change.reason == "CHR-P106"
    assert change.summary == "2 columns with other values"
