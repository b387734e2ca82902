"""Every field of every spec and definition is declared: what it is part of, or that it means nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from bootstrap_edits import BOOTSTRAPS, FILLED, PLAIN
from planner_builders import (
    GIVEN,
    a_catalog,
    a_feature,
    a_group_by,
    a_join,
    a_part,
    a_repository,
    a_select,
    day,
    some_rows,
)

from chronon.model import definitions, specs
from chronon.model.definitions import Column, GroupBy, Join, Rows
from chronon.model.jobs import Digest
from chronon.model.specs import Accuracy, Deprecation, GroupBySpec, OperationCall, SourceKind
from chronon.model.state import Snapshot
from chronon.model.time import HOUR, MINUTE, Millis
from chronon.model.types import Scalar
from chronon.planners import digests_of, snapshots_of

# What a spec's field leads to. `semantic`: reaches a digest of data, serving or stream through the definition.
# `range`: decides which days, never what they hold. `cosmetic`: descriptions, places, what only names things.
SPECS: Mapping[str, Mapping[str, str]] = {
    "Header": {
        "id": "cosmetic",
        "description": "cosmetic",
        "tags": "cosmetic",
        "path": "cosmetic",
        "owners": "cosmetic",
        "compatibility": "cosmetic",
        "deprecated": "cosmetic",
        "spans": "cosmetic",
    },
    "TeamSpec": {"header": "cosmetic", "start": "range", "tile": "semantic", "checks": "cosmetic"},
    "Deprecation": {"until": "cosmetic", "use": "cosmetic", "reason": "cosmetic"},
    "ColumnSpec": {
        "name": "semantic",
        "type": "semantic",
        "description": "cosmetic",
        "optional": "cosmetic",
        "aliases": "cosmetic",
        "deprecated": "cosmetic",
    },
    "SourceSpec": {
        "header": "cosmetic",
        "kind": "semantic",
        "table": "semantic",
        "columns": "semantic",
        "topic": "semantic",
        "time": "semantic",
        "mutations": "semantic",
        "partition": "semantic",
        "start": "range",
        "end": "range",
    },
    "MutationsSpec": {
        "table": "semantic",
        "time": "semantic",
        "reversal": "semantic",
        "columns": "semantic",
        "topic": "semantic",
    },
    "QuerySpec": {
        "source": "semantic",
        "join": "semantic",
        "select": "semantic",
        "where": "semantic",
        "time": "semantic",
        "start": "range",
        "end": "range",
    },
    "OperationCall": {"name": "semantic", "arguments": "semantic"},
    "AggregationSpec": {
        "input": "semantic",
        "operations": "semantic",
        "windows": "semantic",
        "buckets": "semantic",
        "elementwise": "semantic",
        "name": "cosmetic",
        "aliases": "cosmetic",
        "description": "cosmetic",
        "deprecated": "cosmetic",
    },
    "DerivationSpec": {
        "name": "cosmetic",
        "expression": "semantic",
        "description": "cosmetic",
        "deprecated": "cosmetic",
    },
    "GroupBySpec": {
        "header": "cosmetic",
        "queries": "semantic",
        "keys": "semantic",
        "aggregations": "semantic",
        "accuracy": "semantic",
        "online": "semantic",
        "tile": "semantic",
        "warm_up": "cosmetic",
        "aliases": "cosmetic",
    },
    "PartSpec": {
        "group_by": "semantic",
        "keys": "semantic",
        "prefix": "cosmetic",
        "ahead": "semantic",
        "after": "semantic",
    },
    "JoinSpec": {
        "header": "cosmetic",
        "left": "semantic",
        "parts": "semantic",
        "labels": "semantic",
        "derivations": "semantic",
        "bootstrap": "semantic",
        "online": "semantic",
        "start": "range",
        "aliases": "cosmetic",
    },
    "BootstrapSpec": {"query": "semantic", "keys": "semantic"},
    "Repository": {
        "teams": "semantic",
        "sources": "semantic",
        "group_bys": "semantic",
        "joins": "semantic",
        "revision": "cosmetic",
        "checks": "cosmetic",
    },
}


def declared(module: Any) -> dict[str, set[str]]:
    """Every dataclass that a module defines → its fields."""
    return {
        name: {field.name for field in fields(noun)}
        for name, noun in vars(module).items()
        if is_dataclass(noun) and noun.__module__ == module.__name__
    }


def test_every_field_of_every_spec_is_classified() -> None:
    assert {name: set(found) for name, found in SPECS.items()} == declared(specs)
    assert {kind for found in SPECS.values() for kind in found.values()} == {"semantic", "range", "cosmetic"}


# The definitions: for each field an edit, and which concerns it moves: `column` the digest of the join's feature column,
# `left` that of the left rows, `serving` and `stream` those of the group_by. Empty: it moves none of them.
TOPIC = "file://shop.orders"
ROWS = some_rows(
    a_select("user"), a_select("amount"), a_select("city"), topic=TOPIC, wheres=("amount > 0",), start="2024-01-01"
)
FEATURE = a_feature("sum", "7d", "amount")
SPEND = replace(
    a_group_by(rows=[ROWS], features=[FEATURE, a_feature("count", "1d", "amount")], online=True),
    tile=Millis(5 * MINUTE),
)
TRAINING = a_join("training", SPEND, start="2024-02-01", online=True)

LABEL = replace(a_part(SPEND), prefix="label_shop_spend", ahead=True)
OUTCOME = Column(name=LABEL.column(FEATURE.name), type=FEATURE.type)

DATA = frozenset({"column", "serving", "stream"})
BATCH = DATA - {"stream"}
"""What is read of tables and not of topics."""


def rows(**edit: Any) -> GroupBy:
    return replace(SPEND, rows=(replace(ROWS, **edit),))


def feature(**edit: Any) -> GroupBy:
    return replace(SPEND, features=(replace(FEATURE, **edit), *SPEND.features[1:]))


def selects(name: str, /, **edit: Any) -> GroupBy:
    return rows(selects=tuple(replace(s, **edit) if s.name == name else s for s in ROWS.selects))


def left(**edit: Any) -> Join:
    return replace(TRAINING, left=replace(TRAINING.left, **edit))


def other_key_name() -> GroupBy:
    """The key `user` under another name, everywhere."""
    renamed = selects("user", name="person")
    return replace(renamed, keys=(Column(name="person", type=Scalar.STRING),))


def renamed() -> GroupBy:
    """The physical column `amount` under another name, with the old one as alias."""
    columns = tuple(
        replace(c, name="zloty", aliases=("price", "amount")) if c.name == "amount" else c for c in ROWS.columns
    )
    selects = tuple(replace(s, expression="zloty", reads=("zloty",)) if s.name == "amount" else s for s in ROWS.selects)
    return rows(columns=columns, selects=selects, wheres=("zloty > 0",))


EDITS: Mapping[tuple[str, str], tuple[Any, frozenset[str]]] = {
    ("Column", "name"): (other_key_name(), frozenset()),
    ("Column", "type"): (replace(SPEND, keys=(Column(name="user", type=Scalar.LONG),)), DATA),
    ("Column", "optional"): (rows(columns=tuple(replace(c, optional=True) for c in ROWS.columns)), frozenset()),
    ("Column", "aliases"): (renamed(), frozenset()),
    ("Selected", "name"): (other_key_name(), frozenset()),
    ("Selected", "expression"): (selects("amount", expression="amount + 1"), DATA),
    ("Selected", "type"): (selects("amount", type=Scalar.DOUBLE), DATA),
    ("Selected", "reads"): (selects("amount", reads=("amount", "city")), frozenset({*DATA})),
    ("Rows", "kind"): (rows(kind=SourceKind.ENTITIES), DATA),
    ("Rows", "table"): (rows(table="shop.old_orders"), BATCH),
    ("Rows", "topic"): (rows(topic="file://shop.other"), frozenset({"stream"})),
    ("Rows", "partition"): (rows(partition="day"), BATCH),
    ("Rows", "columns"): (
        rows(columns=tuple(replace(c, type=Scalar.INT) if c.name == "amount" else c for c in ROWS.columns)),
        DATA,
    ),
    ("Rows", "selects"): (selects("city", expression="card"), frozenset()),
    ("Rows", "wheres"): (rows(wheres=("amount > 1",)), DATA),
    ("Rows", "time"): (rows(time=a_select("ts", "happened + 1", Scalar.LONG)), DATA),
    ("Rows", "changed"): (rows(changed=a_select("ts", "happened", Scalar.LONG)), DATA),
    ("Rows", "reversal"): (rows(reversal=a_select("reversal", "amount < 0", Scalar.BOOLEAN)), DATA),
    ("Rows", "mutations"): (rows(mutations=replace(ROWS, kind=SourceKind.MUTATIONS)), DATA),
    ("Rows", "start"): (rows(start=day("2023-01-01")), frozenset()),
    ("Rows", "end"): (rows(end=day("2024-12-31")), frozenset()),
    ("Feature", "name"): (feature(name="total"), frozenset()),
    ("Feature", "input"): (feature(input="city"), DATA),
    ("Feature", "input_type"): (feature(input_type=Scalar.INT), DATA),
    ("Feature", "operation"): (feature(operation=OperationCall("max")), DATA),
    ("Feature", "window"): (feature(window=Millis(9 * HOUR)), frozenset({"column", "serving"})),
    ("Feature", "buckets"): (feature(buckets=("city",)), DATA),
    ("Feature", "elementwise"): (feature(elementwise=True), DATA),
    ("Feature", "type"): (feature(type=Scalar.DOUBLE), DATA),
    ("Feature", "aliases"): (feature(name="total", aliases=(FEATURE.name,)), frozenset()),
    ("GroupBy", "id"): (replace(SPEND, id=replace(SPEND.id, version=2)), frozenset()),
    ("GroupBy", "rows"): (replace(SPEND, rows=(ROWS, replace(ROWS, table="shop.old_orders"))), DATA),
    ("GroupBy", "keys"): (
        replace(SPEND, keys=(*SPEND.keys, Column(name="city", type=Scalar.STRING))),
        DATA,
    ),
    ("GroupBy", "features"): (replace(SPEND, features=SPEND.features[:1]), frozenset({"serving", "stream"})),
    ("GroupBy", "accuracy"): (replace(SPEND, accuracy=Accuracy.SNAPSHOT), DATA),
    ("GroupBy", "online"): (replace(SPEND, online=False), frozenset({"serving", "stream"})),
    ("GroupBy", "tile"): (replace(SPEND, tile=Millis(MINUTE)), frozenset({"stream"})),
    ("GroupBy", "warm_up"): (replace(SPEND, warm_up=True), frozenset()),
    ("Part", "group_by"): (replace(SPEND, id=replace(SPEND.id, version=3)), frozenset()),
    ("Part", "keys"): (replace(TRAINING, parts=(a_part(SPEND, keys={"user": "card"}),)), frozenset({"column"})),
    ("Part", "prefix"): (
        a_join("training", SPEND, parts=[a_part(SPEND, prefix="p")], start="2024-02-01", online=True),
        frozenset(),
    ),
    ("Part", "ahead"): (replace(TRAINING, parts=(replace(a_part(SPEND), ahead=True),)), frozenset({"column"})),
    ("Part", "after"): (replace(TRAINING, parts=(replace(a_part(SPEND), after=Millis(HOUR)),)), frozenset()),
    ("Join", "id"): (replace(TRAINING, id=replace(TRAINING.id, version=2)), frozenset()),
    ("Join", "left"): (left(wheres=("amount > 1",)), frozenset({"left", "column"})),
    ("Join", "parts"): (
        a_join("training", SPEND, parts=[a_part(SPEND), a_part(SPEND, "again")], start="2024-02-01"),
        frozenset(),
    ),
    ("Join", "derivations"): (
        a_join("training", SPEND, derivations=[a_select("one", "1", Scalar.LONG, ())], start="2024-02-01"),
        frozenset(),
    ),
    ("Join", "outputs"): (replace(TRAINING, outputs=tuple(reversed(TRAINING.outputs))), frozenset()),
    ("Join", "online"): (replace(TRAINING, online=False), frozenset()),
    ("Join", "start"): (replace(TRAINING, start=day("2023-02-01")), frozenset()),
    ("Join", "labels"): (replace(TRAINING, labels=(LABEL,), outcomes=(OUTCOME,)), frozenset()),
    ("Join", "outcomes"): (replace(TRAINING, labels=(LABEL,), outcomes=(OUTCOME, OUTCOME)), frozenset()),
}

# `Rows.join` and the catalog's own fields have tests of their own: a chain cannot be had by editing one field.
ELSEWHERE = {("Rows", "join"), ("Catalog", "group_bys"), ("Catalog", "joins"), ("Catalog", "revision")}


def test_every_field_of_every_definition_has_an_edit() -> None:
    found = {(name, field) for name, names in declared(definitions).items() for field in names}

    assert {*EDITS, *BOOTSTRAPS} | ELSEWHERE == found


@pytest.mark.parametrize("field", sorted(BOOTSTRAPS), ids=".".join)
def test_field_of_a_bootstrap_when_edited_moves_at_most_what_is_given(field: tuple[str, str]) -> None:
    edit, moves = BOOTSTRAPS[field]

    before, after = (digests_of(a_catalog(a_group_by(), join)).joins[PLAIN.id] for join in (FILLED, edit))

    assert (before.outputs[GIVEN] != after.outputs[GIVEN]) == moves
    assert before.features[GIVEN] == after.features[GIVEN]
    assert before.left == after.left


def concerns(group_by: GroupBy, join: Join) -> dict[str, Digest | None]:
    """The digests of the one feature column of the join, of its left, and of what the group_by serves and streams."""
    catalog = a_catalog(group_by, join)
    found: dict[Any, Snapshot] = {each.id: each for each in snapshots_of(catalog, a_repository(catalog))}
    columns = found[join.id].columns
    return {
        "column": columns[join.parts[0].column(group_by.features[0].name)],
        "left": found[join.id].left,
        "serving": found[group_by.id].serving,
        "stream": found[group_by.id].stream,
    }


def edited(edit: GroupBy | Join) -> tuple[GroupBy, Join]:
    """The edited object beside the other one, which follows names where it must."""
    if isinstance(edit, Join):
        return SPEND, edit
    keys = {key.name: "card" if key.name == "city" else "user" for key in edit.keys}
    return edit, a_join("training", edit, parts=[a_part(edit, keys=keys)], start="2024-02-01", online=True)


@pytest.mark.parametrize("field", sorted(EDITS), ids=".".join)
def test_field_when_edited_moves_exactly_the_digests_it_is_part_of(field: tuple[str, str]) -> None:
    edit, expected = EDITS[field]
    before = concerns(SPEND, TRAINING)

    after = concerns(*edited(edit))

    assert {name for name in before if before[name] != after[name]} == expected


@pytest.mark.parametrize("edit", [{"descriptions": {"spend": "x"}}, {"owners": ("@others",)}], ids=["text", "owners"])
def test_cosmetics_when_edited_move_only_metadata(edit: dict[str, Any]) -> None:
    catalog = a_catalog(SPEND)
    (before,) = snapshots_of(catalog, a_repository(catalog))

    (after,) = snapshots_of(catalog, a_repository(catalog, **edit))

    assert after == replace(before, metadata=after.metadata)
    assert after.metadata != before.metadata


GOES = Deprecation(until=day("2025-01-31"), use="spend@2", reason="counts refunds")


def headed(spec: GroupBySpec, **edit: Any) -> GroupBySpec:
    return replace(spec, header=replace(spec.header, **edit))


def aggregated(spec: GroupBySpec, **edit: Any) -> GroupBySpec:
    return replace(spec, aggregations=(replace(spec.aggregations[0], **edit), *spec.aggregations[1:]))


@pytest.mark.parametrize(
    "told",
    [
        lambda spec: headed(spec, tags={"tier": "1"}),
        lambda spec: headed(spec, deprecated=GOES),
        lambda spec: headed(spec, deprecated=replace(GOES, until=day("2025-02-01"))),
        lambda spec: headed(spec, deprecated=replace(GOES, use=None)),
        lambda spec: headed(spec, deprecated=replace(GOES, reason="")),
        lambda spec: aggregated(spec, description="what was paid"),
        lambda spec: aggregated(spec, deprecated=GOES),
        lambda spec: aggregated(spec, deprecated=replace(GOES, reason="")),
    ],
)
def test_what_is_told_when_edited_moves_only_metadata(told: Callable[[GroupBySpec], GroupBySpec]) -> None:
    catalog = a_catalog(SPEND)
    repository = a_repository(catalog)
    (before,) = snapshots_of(catalog, repository)

    (after,) = snapshots_of(catalog, replace(repository, group_bys={SPEND.id: told(repository.group_bys[SPEND.id])}))

    assert after == replace(before, metadata=after.metadata)
    assert after.metadata != before.metadata


def test_aggregations_when_told_of_in_another_order_then_nothing_moves() -> None:
    catalog = a_catalog(SPEND)
    repository = a_repository(catalog)
    spec = aggregated(repository.group_bys[SPEND.id], description="what was paid")
    turned = replace(spec, aggregations=spec.aggregations[::-1])

    first, second = (snapshots_of(catalog, replace(repository, group_bys={SPEND.id: each})) for each in (spec, turned))

    assert len(spec.aggregations) > 1
    assert first == second


def kept(edit: Rows) -> Digest | None:
    join = replace(TRAINING, left=edit)
    return concerns(SPEND, join)["left"]


def test_left_when_its_range_or_topic_is_edited_is_the_same() -> None:
    rows = TRAINING.left

    same = kept(replace(rows, start=day("2024-01-01"), end=day("2024-12-31"), topic="file://a.b"))

    assert same == kept(rows)
    assert kept(replace(rows, selects=rows.selects[1:])) != same
