"""Tables that are not as declared: who is touched, where that is written, and what is planned in spite of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from planner_builders import (
    FULL,
    World,
    a_catalog,
    a_feature,
    a_group_by,
    a_join,
    a_repository,
    day,
    group_by_id,
    join_id,
)

from chronon.model.definitions import GroupBy, Join
from chronon.model.live import LiveTable, Observed
from chronon.model.plan import Drift, Plan
from chronon.model.types import DataType, Scalar
from chronon.planners import make_plan
from chronon.planners.upstream import undeclared_of, upstream_of
from chronon.validators import validate

ORDERS: Mapping[str, DataType] = {"user": Scalar.STRING, "amount": Scalar.LONG, "happened": Scalar.LONG}


def a_plan(world: World, live: Mapping[str, DataType], *objects: GroupBy | Join) -> Plan:
    catalog = a_catalog(*objects)
    observed = Observed(tables={"shop.orders": LiveTable(columns=live)})
    return make_plan(
        catalog,
        a_repository(catalog),
        world.state,
        FULL,
        environment="prod",
        as_of=day("2024-03-10"),
        observed=observed,
    )


def told(found: tuple[Drift, ...]) -> list[tuple[str, str, bool]]:
    return [(each.code, each.found, each.blocks) for each in found]


def test_column_when_missing_then_its_readers_are_excluded_and_others_planned() -> None:
    spend, visits = a_group_by("spend"), a_group_by("visits", features=[a_feature("count", "1d", source="happened")])
    live = {name: kind for name, kind in ORDERS.items() if name != "amount"}

    plan = a_plan(World(), live, spend, visits, a_join("training", spend), a_join("lean", visits))

    assert told(plan.upstream) == [("CHR-P140", "lacks amount, which is declared as long", True)]
    assert [(reader.id, reader.columns) for reader in plan.upstream[0].readers] == [
        (group_by_id("spend"), ("amount_sum_1d", "amount_sum_7d"))
    ]
    assert plan.excluded == (group_by_id("spend"), join_id("training"))
    assert {step.object for step in plan.steps} == {join_id("lean")}
    assert {snapshot.id for snapshot in plan.snapshots} == {group_by_id("visits"), join_id("lean")}


def test_object_when_excluded_then_stays_with_what_it_reads_as_deployed() -> None:
    world = World()
    spend, visits = a_group_by("spend"), a_group_by("visits", features=[a_feature("count", "1d", source="happened")])
    world.apply(world.plan(spend, visits, a_join("training", spend, visits)))
    deployed = world.state.environment("prod").snapshots
    more = a_group_by("visits", features=[a_feature("count", "3d", source="happened")])

    plan = a_plan(world, {"user": Scalar.STRING, "happened": Scalar.LONG}, spend, more, a_join("training", spend, more))

    assert plan.excluded == (group_by_id("spend"), group_by_id("visits"), join_id("training"))
    assert {snapshot.id: snapshot for snapshot in plan.snapshots} == deployed
    assert (plan.changes, plan.steps, plan.is_empty) == ((), (), True)


def test_object_when_excluded_then_one_that_it_reads_and_that_did_not_change_is_planned() -> None:
    world = World()
    spend, visits = a_group_by("spend"), a_group_by("visits", features=[a_feature("count", "1d", source="happened")])
    world.apply(world.plan(spend, visits, a_join("training", spend, visits)))

    live = {"user": Scalar.STRING, "happened": Scalar.LONG}
    plan = a_plan(world, live, spend, visits, a_join("training", spend, visits), a_join("lean", visits))

    assert plan.excluded == (group_by_id("spend"), join_id("training"))
    assert [change.id for change in plan.changes] == [join_id("lean")]


@pytest.mark.parametrize(
    ("kind", "code", "found", "blocks"),
    [
        (Scalar.INT, "CHR-P142", "has amount as int, which is declared as long", False),
        (Scalar.STRING, "CHR-P141", "has amount as string, which is declared as long", True),
    ],
)
def test_column_when_of_another_type_then_blocks_unless_it_widens(
    kind: DataType, code: str, found: str, *, blocks: bool
) -> None:
    spend = a_group_by("spend")

    plan = a_plan(World(), {**ORDERS, "amount": kind}, spend, a_join("training", spend))

    assert told(plan.upstream) == [(code, found, blocks)]
    assert bool(plan.steps) is not blocks


def test_column_when_a_float_is_declared_as_double_then_the_cast_is_told_that_is_one_value_everywhere(
    tmp_path: Path,
) -> None:
    (found,) = findings(tmp_path, {**TABLE, "a": Scalar.FLOAT}, a="double")

    assert (found.code, found.blocks) == ("CHR-P141", True)
    assert found.follows == "correct the table, or declare a as float, and select `CAST(a AS double)`"


def test_plan_when_tables_are_as_declared_then_is_the_one_that_looked_at_nothing() -> None:
    spend = a_group_by("spend")
    world = World()

    plan = a_plan(world, ORDERS, spend, a_join("training", spend))

    assert plan == world.plan(spend, a_join("training", spend), as_of="2024-03-10")


REPO = {
    "chronon.yaml": "targets:\n  local: {engine: local, home: .chronon}\n",
    "teams/shop/team.yaml": "team: shop\n",
    "teams/shop/sources/orders.yaml": (
        "source: orders\nevents:\n  table: shop.orders\n  time: sent + lag\n"
        "  columns: {user: string, a: long, b: long, c: boolean, sent: long, lag: int, spare: int}\n"
    ),
    "teams/shop/group_bys/spend.yaml": (
        "group_by: spend\nsource: orders\nselect: {user: user, total: a + b}\nwhere: [c]\nkeys: [user]\n"
        "aggregations:\n  - {input: total, operations: [sum], windows: [1d]}\n  - {input: a, operations: [max], windows: [1d]}\n"
    ),
    "teams/shop/joins/train.yaml": "join: train\nleft: {source: orders, select: {user: user}}\nparts: [shop.spend]\n",
}
TABLE: Mapping[str, DataType] = {
    "user": Scalar.STRING, "a": Scalar.LONG, "b": Scalar.LONG, "c": Scalar.BOOLEAN, "sent": Scalar.LONG, "lag": Scalar.INT,
    "spare": Scalar.INT,
}  # fmt: skip


def findings(tmp_path: Path, live: Mapping[str, DataType], a: str = "long") -> tuple[Drift, ...]:
    for name, text in REPO.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text.replace("a: long", f"a: {a}"))
    (tmp_path / "data").mkdir()
    repository, catalog, found = validate(tmp_path)
    assert repository is not None
    assert catalog is not None, found
    tables = {"shop.orders": LiveTable(columns=live)}
    return upstream_of(catalog, repository, tables, FULL) + undeclared_of(catalog, repository, tables)


@pytest.mark.parametrize(
    ("column", "places"),
    [
        ("user", {"spend": "spend.yaml:3:16", "train": "train.yaml:2:39"}),
        ("b", {"spend": "spend.yaml:3:33"}),
        ("c", {"spend": "spend.yaml:4:9"}),
        ("lag", {"spend": "orders.yaml:4:16", "train": "orders.yaml:4:16"}),
    ],
)
def test_reader_when_a_column_is_missing_then_is_told_with_the_place_that_names_it(
    tmp_path: Path, column: str, places: dict[str, str]
) -> None:
    (found,) = findings(tmp_path, {name: kind for name, kind in TABLE.items() if name != column})

    assert {reader.id.name.name: str(reader.span).rpartition("/")[2] for reader in found.readers} == places


def test_reader_when_only_some_features_need_a_column_then_these_are_told(tmp_path: Path) -> None:
    (found,) = findings(tmp_path, {name: kind for name, kind in TABLE.items() if name != "b"})

    assert [reader.columns for reader in found.readers] == [("total_sum_1d",)]


def test_column_when_nobody_reads_it_then_blocks_nothing(tmp_path: Path) -> None:
    live = {**TABLE, "spare": Scalar.STRING, "gift": Scalar.BOOLEAN}

    assert told(findings(tmp_path, live)) == [
        ("CHR-P144", "has spare as string, which is declared as int", False),
        ("CHR-P145", "has gift, which no source declares", False),
    ]


def test_table_when_it_is_missing_or_damaged_then_is_told_with_its_readers() -> None:
    spend = a_group_by("spend")
    catalog = a_catalog(spend, a_join("training", spend))
    damaged = {"shop.orders": LiveTable(problem="CHR-K022 it is torn")}

    found = upstream_of(catalog, a_repository(catalog), damaged, {"shop.orders": None})

    assert told(found) == [
        ("CHR-P146", "cannot be read: CHR-K022 it is torn", True),
        ("CHR-P143", "is not there", False),
    ]
    assert [[reader.id for reader in each.readers] for each in found] == [[group_by_id("spend")], [join_id("training")]]
