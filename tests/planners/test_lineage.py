"""Lineage held against fingerprints: what a column reads is what moves its digest, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from planner_builders import a_catalog, a_feature, a_group_by, a_join, a_select, chained_rows

from chronon.model.definitions import Catalog, GroupBy, Join, Rows
from chronon.planners import digests_of
from chronon.planners.lineage import TABLE, ColumnId, Lineage, Read, Use, lineage_of
from chronon.validators import validate

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def flights() -> Catalog:
    _, catalog, _ = validate(ROOT)
    assert catalog is not None
    return catalog


def column_digests(catalog: Catalog) -> dict[ColumnId, str]:
    found = digests_of(catalog)
    digests: dict[ColumnId, str] = {}
    for identity, group_by in found.group_bys.items():
        digests |= {ColumnId.of(identity, name): value for name, value in group_by.features.items()}
    for identity, join in found.joins.items():
        digests |= {ColumnId.of(identity, name): value for name, value in (join.features | join.outputs).items()}
    return digests


def retyped(catalog: Catalog, column: ColumnId) -> Catalog:
    """The catalog after the column of a table has got another type, and nothing else."""

    def of_rows(rows: Rows) -> Rows:
        mutations = of_rows(rows.mutations) if rows.mutations else None
        if rows.table != column.owner:
            return replace(rows, mutations=mutations)
        columns = tuple(replace(c, aliases=("planted",)) if c.name == column.column else c for c in rows.columns)
        return replace(rows, columns=columns, mutations=mutations)

    def of_group_by(group_by: GroupBy) -> GroupBy:
        return replace(group_by, rows=tuple(map(of_rows, group_by.rows)))

    def of_join(join: Join) -> Join:
        return replace(join, left=of_rows(join.left))

    return replace(
        catalog,
        group_bys={identity: of_group_by(one) for identity, one in catalog.group_bys.items()},
        joins={identity: of_join(one) for identity, one in catalog.joins.items()},
    )


def lefts_touched(catalog: Catalog, column: ColumnId) -> set[str]:
    """The joins whose left rows read the table's column: all of their columns are stored by these rows.

    Who reads such a join sees the values and not the numbers of its rows, so there the lineage alone decides.
    """
    return {
        str(join.id)
        for join in catalog.joins.values()
        if join.left.table == column.owner and column.column in {one.name for one in join.left.columns}
    }


def test_lineage_when_a_column_of_a_table_changes_then_its_readers_are_what_gets_other_digests(
    flights: Catalog,
) -> None:
    lineage, before = lineage_of(flights), column_digests(flights)
    tables = [column for column in lineage.reads if column.kind == TABLE]
    assert len(tables) > 20

    for column in tables:
        after = column_digests(retyped(flights, column))
        moved = {one for one, value in before.items() if after[one] != value}
        read = lineage.reached([column], down=True) & before.keys()
        below = {one for one in before if one.owner in lefts_touched(flights, column)}

        assert moved == read | below, column


def test_lineage_when_walked_up_and_down_then_is_the_same_graph(flights: Catalog) -> None:
    lineage = lineage_of(flights)

    def pairs(edges: dict[ColumnId, tuple[Read, ...]], *, turned: bool) -> Iterator[tuple[ColumnId, Use, ColumnId]]:
        for one, reads in edges.items():
            yield from ((read.column, read.use, one) if turned else (one, read.use, read.column) for read in reads)

    assert sorted(pairs(dict(lineage.reads), turned=True)) == sorted(pairs(dict(lineage.readers), turned=False))


def small() -> tuple[Catalog, GroupBy, Join]:
    user = a_group_by("user", features=(a_feature("sum", "7d"),))
    checkout = a_join(
        "checkout",
        user,
        derivations=(a_select("double", "shop_user_amount_sum_7d * 2", reads=("shop_user_amount_sum_7d",)),),
    )
    return a_catalog(user, checkout), user, checkout


def reads(lineage: Lineage, column: ColumnId, use: Use) -> set[str]:
    return {str(read.column) for read in lineage.reads[column] if read.use is use}


def test_lineage_of_a_feature_when_asked_then_tells_value_key_and_time() -> None:
    catalog, user, _ = small()
    lineage = lineage_of(catalog)
    column = ColumnId.of(user.id, "amount_sum_7d")

    assert reads(lineage, column, Use.VALUE) == {f"{user.rows[0].table}.amount"}
    assert reads(lineage, column, Use.KEY) == {f"{user.rows[0].table}.user"}
    assert reads(lineage, column, Use.TIME) == {f"{user.rows[0].table}.happened"}
    assert lineage.meaning[column] == "sum of amount over 7d"


def test_lineage_of_a_chain_when_walked_then_goes_through_the_join() -> None:
    catalog, user, checkout = small()
    chained = a_group_by(
        "chained",
        rows=(chained_rows(checkout, a_select("user"), a_select("double", reads=("double",))),),
        features=(a_feature("max", "1d", "double"),),
    )
    lineage = lineage_of(a_catalog(*catalog.group_bys.values(), checkout, chained))
    (feature,) = (column for column in lineage.reads if column.owner == str(chained.id))

    above = lineage.reached([feature], down=False)

    assert ColumnId.of(checkout.id, "double") in above
    assert ColumnId.of(user.id, "amount_sum_7d") in above
    assert feature in lineage.reached([ColumnId(TABLE, user.rows[0].table, "amount")], down=True)


def test_former_names_when_a_catalog_has_them_then_lead_to_the_columns_of_today() -> None:
    feature = replace(a_feature("sum", "7d"), aliases=("spent",))
    plain = a_group_by("user", features=(feature,))
    rows = plain.rows[0]
    columns = tuple(replace(c, aliases=("zloty", "price") if c.name == "amount" else ()) for c in rows.columns)
    user = replace(plain, rows=(replace(rows, columns=columns),))
    joined = a_join("checkout", user)
    outputs = tuple(replace(c, aliases=("old",) if c.name.endswith("_7d") else ()) for c in joined.outputs)
    checkout = replace(joined, outputs=outputs)
    amount = ColumnId(TABLE, rows.table, "amount")

    assert lineage_of(a_catalog(user, checkout)).former == {
        replace(amount, column="zloty"): amount,
        replace(amount, column="price"): amount,
        ColumnId.of(user.id, "spent"): ColumnId.of(user.id, feature.name),
        ColumnId.of(checkout.id, "old"): ColumnId.of(checkout.id, f"shop_user_{feature.name}"),
    }
