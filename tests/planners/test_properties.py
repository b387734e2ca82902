"""Laws of planning over random small catalogs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from planner_builders import (
    World,
    a_catalog,
    a_feature,
    a_group_by,
    a_join,
    a_repository,
    chained_rows,
    day,
    stored_by,
)

from chronon.model.dayset import DaySet
from chronon.model.definitions import Catalog, Column, GroupBy, Join, Selected
from chronon.model.jobs import Digest, FeatureJob, UploadJob
from chronon.model.plan import Danger, Plan
from chronon.model.specs import Accuracy
from chronon.model.types import Scalar
from chronon.schemas.wire import from_json, to_json

_WINDOWS = ("1h", "1d", "3d", "20d", None)
_OPERATIONS = ("sum", "max", "count")
_FIRST = day("2024-01-01")

_features = st.lists(
    st.tuples(st.sampled_from(_OPERATIONS), st.sampled_from(_WINDOWS), st.sampled_from(["amount", "happened"])),
    min_size=1,
    max_size=4,
    unique=True,
).map(lambda chosen: [a_feature(operation, window, source) for operation, window, source in chosen])


@st.composite
def group_bys(draw: st.DrawFn, name: str) -> GroupBy:
    return a_group_by(
        name,
        features=draw(_features),
        keys=draw(st.sampled_from([("user",), ("card",), ("user", "card")])),
        accuracy=draw(st.sampled_from(Accuracy)),
        online=draw(st.booleans()),
        topic=draw(st.sampled_from([None, "file://shop.orders"])),
        wheres=draw(st.sampled_from([(), ("amount > 0",)])),
    )


@st.composite
def joins(draw: st.DrawFn, name: str, found: list[GroupBy]) -> Join:
    chosen = draw(st.lists(st.sampled_from(found), min_size=1, unique_by=lambda g: g.id))
    columns = [f"shop_{g.id.name.name}_{f.name}" for g in chosen for f in g.features]
    read = draw(st.lists(st.sampled_from(columns), max_size=2, unique=True))
    derivations = [
        Selected(name=f"derived_{n}", expression=f"{c} + ts", type=Scalar.LONG, reads=tuple(sorted((c, "ts"))))
        for n, c in enumerate(read)
    ]
    hidden = draw(st.lists(st.sampled_from(columns), max_size=2))
    start = draw(st.sampled_from([None, "2024-01-10", "2024-01-20"]))
    return a_join(name, *chosen, derivations=derivations, hide=hidden, start=start)


@st.composite
def chains(draw: st.DrawFn, parent: Join) -> tuple[GroupBy, Join]:
    readable = [column.name for column in parent.outputs if column.type is Scalar.LONG] or ["ts"]
    column = draw(st.sampled_from(readable))
    card = Selected(name="card", expression="card", type=Scalar.STRING, reads=("card",))
    read = Selected(name="amount", expression=column, type=Scalar.LONG, reads=(column,))
    score = a_group_by(
        "score",
        rows=[chained_rows(parent, card, read)],
        keys=("card",),
        features=[a_feature("max", draw(st.sampled_from(("1d", "3d", None))), "amount")],
        accuracy=draw(st.sampled_from(Accuracy)),
        online=draw(st.booleans()),
    )
    return score, a_join("child", score)


@st.composite
def catalogs(draw: st.DrawFn) -> Catalog:
    found = [draw(group_bys(name)) for name in ("one", "two", "three")[: draw(st.integers(1, 3))]]
    made = [draw(joins(name, found)) for name in ("first", "second")[: draw(st.integers(0, 2))]]
    chain = draw(chains(made[0])) if made and draw(st.booleans()) else ()
    return a_catalog(*found, *made, *chain)


@st.composite
def availability(draw: st.DrawFn) -> Mapping[str, DaySet | None]:
    """Some forty days for both tables, with a few holes."""

    def table() -> DaySet:
        holes = DaySet.days(_FIRST + n for n in draw(st.lists(st.integers(0, 45), max_size=3)))
        return DaySet.span(_FIRST + draw(st.integers(0, 15)), _FIRST + draw(st.integers(30, 45))) - holes

    return {"shop.orders": table(), "shop.checkouts": table()}


def plan_of(world: World, catalog: Catalog, **cosmetic: object) -> Plan:
    return world.plan_of(catalog, a_repository(catalog, **cosmetic))  # type: ignore[arg-type]


@given(catalogs(), availability())
def test_plan_when_applied_leaves_an_empty_plan(catalog: Catalog, available: Mapping[str, DaySet | None]) -> None:
    world = World(available=available)
    world.apply(plan_of(world, catalog))

    again = plan_of(world, catalog)

    assert again.is_empty
    assert again.untouched == len(catalog.group_bys) + len(catalog.joins)


@given(catalogs(), catalogs(), availability())
def test_plan_from_any_state_when_applied_leaves_an_empty_plan(
    before: Catalog, after: Catalog, available: Mapping[str, DaySet | None]
) -> None:
    world = World(available=available)
    world.apply(plan_of(world, before))
    world.apply(plan_of(world, after))

    assert plan_of(world, after).is_empty


@given(catalogs(), catalogs(), availability())
def test_plan_makes_nothing_that_is_there(
    before: Catalog, after: Catalog, available: Mapping[str, DaySet | None]
) -> None:
    world = World(available=available)
    world.apply(plan_of(world, before))

    for (stored, day_), times in made(plan_of(world, after)).items():
        assert times == 1
        assert day_ not in world.state.computed.get(stored, DaySet())


@given(catalogs(), availability())
def test_incremental_plans_end_where_one_plan_does(catalog: Catalog, available: Mapping[str, DaySet | None]) -> None:
    at_once, by_day = World(available=available), World(available=available)
    last = at_once.apply(plan_of(at_once, catalog)).as_of

    for until in (last - 9, last - 4, last - 1, last):
        repository = a_repository(catalog)
        by_day.apply(by_day.plan_of(catalog, repository, as_of=str_day(until)))

    assert by_day.state.computed == at_once.state.computed
    assert by_day.state.uploads == at_once.state.uploads


@given(catalogs(), availability(), st.randoms(use_true_random=False))
def test_plan_when_orders_change_has_the_same_bytes(
    catalog: Catalog, available: Mapping[str, DaySet | None], chance: object
) -> None:
    expected = to_json(plan_of(World(available=available), catalog))

    turned = Catalog(
        group_bys=shuffled(catalog.group_bys, chance),
        joins=shuffled(catalog.joins, chance),
        revision=catalog.revision,
    )

    assert to_json(plan_of(World(available=shuffled(available, chance)), turned)) == expected


@given(catalogs(), availability())
def test_plan_when_written_and_read_is_the_same(catalog: Catalog, available: Mapping[str, DaySet | None]) -> None:
    plan = plan_of(World(available=available), catalog)

    assert from_json(to_json(plan), Plan) == plan


@given(catalogs(), availability(), st.sampled_from(["one", "first", "nobody"]))
def test_cosmetic_edits_plan_metadata_and_no_step(
    catalog: Catalog, available: Mapping[str, DaySet | None], told: str
) -> None:
    world = World(available=available)
    world.apply(plan_of(world, catalog))

    plan = plan_of(world, catalog, descriptions={told: "Something else"})

    named = {identity for identity in (*catalog.group_bys, *catalog.joins) if identity.name.name == told}
    assert plan.steps == ()
    assert {change.id for change in plan.changes} == named
    assert {change.danger for change in plan.changes} <= {Danger.METADATA}


@given(catalogs(), availability())
def test_one_window_when_added_makes_only_that_column_and_its_uploads(
    catalog: Catalog, available: Mapping[str, DaySet | None]
) -> None:
    world = World(available=available)
    world.apply(plan_of(world, catalog))
    new = a_feature("sum", "9d", "amount")
    one = next(g for g in catalog.group_bys.values() if g.id.name.name == "one")

    plan = plan_of(world, grown(catalog, replace(one, features=(*one.features, new))))

    for step in plan.steps:
        match step.job:
            case FeatureJob() as job:
                assert [f.name for f in job.group_by.features] == [new.name]
            case UploadJob() as job:
                assert job.group_by.id == one.id
            case _:
                assert step.object == one.id, "a stream may start for a new base column, nothing else"


def grown(catalog: Catalog, group_by: GroupBy) -> Catalog:
    """The catalog with more features in one group_by, and so in the joins that keep all of it."""
    by_id = {**catalog.group_bys, group_by.id: group_by}
    known = {f.name for f in catalog.group_bys[group_by.id].features}
    added = [f for f in group_by.features if f.name not in known]

    def wider(join: Join) -> Join:
        more = [
            Column(name=part.column(f.name), type=f.type)
            for part in join.parts
            if part.group_by == group_by.id
            for f in added
        ]
        return replace(join, outputs=(*join.outputs, *more))

    return Catalog(
        group_bys=by_id, joins={key: wider(join) for key, join in catalog.joins.items()}, revision=catalog.revision
    )


def made(plan: Plan) -> Mapping[tuple[tuple[Digest, Digest], int], int]:
    """(left, column), day → how many steps make it."""
    return Counter(((left, column), day) for left, column, days in stored_by(plan) for day in days)


def shuffled(mapping: Mapping, chance: object) -> dict:
    keys = list(mapping)
    chance.shuffle(keys)  # type: ignore[attr-defined]
    return {key: mapping[key] for key in keys}


def str_day(one: int) -> str:
    return str(DaySet.days([one]))
