"""What a digest does not depend on, and what it tells apart, where one edited field cannot show it."""

from __future__ import annotations

from dataclasses import replace

from planner_builders import (
    a_catalog,
    a_feature,
    a_group_by,
    a_join,
    a_part,
    a_select,
    chained_rows,
    changing_entities,
    some_rows,
)

from chronon.model.definitions import Column, Feature, GroupBy, Join, Selected
from chronon.model.jobs import Digest
from chronon.model.specs import OperationCall
from chronon.model.types import Scalar
from chronon.planners import digests_of

ORDERS = some_rows(a_select("user"), a_select("amount"))
RETURNS = some_rows(a_select("user"), a_select("amount", "-amount"), table="shop.returns")


def serving_and_columns(group_by: GroupBy, join: Join | None = None) -> tuple[Digest | None, list[Digest]]:
    used = join or a_join("training", group_by)
    found = digests_of(a_catalog(group_by, used))
    return found.group_bys[group_by.id].serving, list(found.joins[used.id].features.values())


def test_sources_in_another_order_are_the_same_events() -> None:
    one = serving_and_columns(a_group_by(rows=[ORDERS, RETURNS], online=True))

    assert serving_and_columns(a_group_by(rows=[RETURNS, ORDERS], online=True)) == one


def test_sources_of_columns_that_pass_through_keep_their_order() -> None:
    passing = [replace(a_feature(window=None), operation=None)]

    one = serving_and_columns(a_group_by(rows=[ORDERS, RETURNS], features=passing))

    assert serving_and_columns(a_group_by(rows=[RETURNS, ORDERS], features=passing)) != one


def test_keys_in_another_order_are_other_values_online_and_the_same_in_a_join() -> None:
    serving, columns = serving_and_columns(a_group_by(keys=("user", "card"), online=True))

    other_serving, other_columns = serving_and_columns(a_group_by(keys=("card", "user"), online=True))

    assert columns == other_columns
    assert serving != other_serving


def test_keys_crossed_over_the_left_columns_are_other_values() -> None:
    group_by = a_group_by(keys=("user", "card"))
    crossed = a_join("training", group_by, parts=[a_part(group_by, keys={"user": "card", "card": "user"})])

    assert serving_and_columns(group_by, crossed)[1] != serving_and_columns(group_by)[1]


def test_argument_as_a_whole_float_is_the_same() -> None:
    def columns(argument: float) -> list[Digest]:
        call = OperationCall("approx_percentile", (argument,))
        return serving_and_columns(a_group_by(features=[replace(a_feature(), operation=call)]))[1]

    assert columns(1) == columns(1.0)
    assert columns(1) != columns(0.5)


def test_type_of_a_column_that_only_a_filter_reads_is_part_of_the_meaning() -> None:
    group_by = a_group_by(wheres=("city > 'b'",))
    (rows,) = group_by.rows
    columns = tuple(replace(c, type=Scalar.LONG) if c.name == "city" else c for c in rows.columns)

    other = replace(group_by, rows=(replace(rows, columns=columns),))

    assert serving_and_columns(other)[1] != serving_and_columns(group_by)[1]


def test_other_features_and_unread_columns_are_not_part_of_a_column() -> None:
    alone = a_group_by(windows=("7d",))
    among = a_group_by(windows=("7d", "9d"), operations=("sum", "max"))
    (rows,) = among.rows
    wide = replace(among, rows=(replace(rows, columns=(*rows.columns, Column(name="city", type=Scalar.STRING))),))

    assert set(serving_and_columns(alone)[1]) <= set(serving_and_columns(wide)[1])


def chain(
    column: str = "shop_spend_amount_sum_1d", *, prefix: str | None = None, key: str = "card", where: str = ""
) -> Digest:
    """Digest of a column chained behind a part whose columns can have another prefix."""
    spend = a_group_by()
    parent = a_join("parent", spend, parts=[a_part(spend, prefix)])
    rows = chained_rows(
        parent,
        Selected(name="card", expression=key, type=Scalar.STRING, reads=(key,)),
        Selected(name="spent", expression=column, type=Scalar.LONG, reads=(column,)),
    )
    rows = replace(rows, wheres=(where,) if where else ())
    score = a_group_by("score", rows=[rows], keys=("card",), features=[a_feature("max", "1d", "spent")])
    child = a_join("child", score)
    return digests_of(a_catalog(spend, parent, score, child)).joins[child.id].features["shop_score_spent_max_1d"]


def test_parents_columns_under_other_names_are_the_same_input() -> None:
    where = "{}_amount_sum_1d > 0"

    assert chain("bought_amount_sum_1d", prefix="bought") == chain()
    assert chain("bought_amount_sum_1d", prefix="bought", where=where.format("bought")) == chain(
        where=where.format("shop_spend")
    )


def test_left_columns_of_a_parent_are_told_apart() -> None:
    assert chain(key="user") != chain(key="card")


def test_constant_derivations_of_different_lefts_are_different_columns() -> None:
    one = Selected(name="one", expression="1", type=Scalar.LONG, reads=())
    lefts = [some_rows(a_select("user"), table=table) for table in ("shop.checkouts", "shop.visits")]
    joins = [a_join(f"j{n}", left=left, parts=(), derivations=[one]) for n, left in enumerate(lefts)]

    found = digests_of(a_catalog(*joins)).joins

    assert len({found[join.id].outputs["one"] for join in joins}) == 2


def test_derivation_that_reads_a_renamed_column_is_the_same() -> None:
    def derived(prefix: str) -> Digest:
        spend = a_group_by()
        read = f"{prefix}_amount_sum_7d"
        twice = Selected(name="twice", expression=f"{read} * 2", type=Scalar.LONG, reads=(read,))
        join = a_join("training", spend, parts=[a_part(spend, prefix)], derivations=[twice])
        return digests_of(a_catalog(spend, join)).joins[join.id].outputs["twice"]

    assert derived("one") == derived("two")


def stream_of_changes(*features: Feature) -> Digest | None:
    users = changing_entities(topic="file://shop.user_changes", features=features)
    return digests_of(a_catalog(users)).group_bys[users.id].stream


def test_stream_of_changes_is_another_only_where_a_window_asks_for_finer_times() -> None:
    known = stream_of_changes(a_feature("sum", "1d"), a_feature("max", None))

    assert known == stream_of_changes(a_feature("sum", "1d"), a_feature("sum", "7d"), a_feature("max", None))
    assert known == stream_of_changes(a_feature("sum", None), a_feature("sum", "1d"), a_feature("max", None))
    assert known != stream_of_changes(a_feature("sum", "1d"), a_feature("sum", "1h"), a_feature("max", None))
    assert known != stream_of_changes(a_feature("sum", "1d"), a_feature("max", "1d"), a_feature("max", None))
    assert stream_of_changes(a_feature("sum", None)) != stream_of_changes(a_feature("sum", "1d"))
