"""A bootstrap gives what a person would look up row by row: a naive oracle over the join without it, on both engines.

tables in their order        old (2024-01-02 .. 04)   notes (every day)   cities (no partitions)
what none of them gives      is computed
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from type_world import Silent

from chronon.loaders.config import load_config
from chronon.model.dayset import DaySet
from chronon.model.time import DAY, Day, day_text, parse_day
from chronon.planners import make_plan
from chronon.runners.apply import apply_plan
from chronon.runners.deployment import open_deployment
from chronon.runners.training import rows_of, training_rows
from chronon.validators import validate

PARTS = """\
left: {source: asks, select: {user: user, city: city, total: total}}
parts: [buys]
derivations:
  "*": "*"
  share: shop_buys_amount_sum_2d / total
  again: shop_buys_amount_count_2d
"""
BOOTSTRAP = """\
bootstrap:
  - source: old
    keys: [user, city]
    select:
      city: town
      shop_buys_amount_sum_2d: amount
      shop_buys_kind_histogram_2d: kinds
      share: -amount
    where: [amount > -5]
    end: 2024-01-04
  - source: notes
    keys: user
    select: {shop_buys_amount_sum_2d: CAST(level AS double), again: level}
  - source: cities
    keys: city
    select: {shop_buys_amount_last2_2d: scores, shop_buys_amount_sum_2d: CAST(city AS double) / 2}
"""
FILES = {
    "chronon.yaml": (
        "tables: data\ntarget: local\n"
        "targets:\n  local: {engine: local, home: local}\n  spark: {engine: spark, home: spark}\n"
    ),
    "teams/shop/team.yaml": "team: shop\nstart: 2024-01-01\n",
    "teams/shop/sources/asks.yaml": (
        "source: asks\nevents:\n  table: shop.asks\n  time: ms\n"
        "  columns: {user: string, city: long, total: double, ms: long}\n"
    ),
    "teams/shop/sources/buys.yaml": (
        "source: buys\nevents:\n  table: shop.buys\n  time: ms\n"
        "  columns: {user: string, kind: string, amount: double, ms: long}\n"
    ),
    "teams/shop/sources/old.yaml": (
        "source: old\nevents:\n  table: shop.old\n  partition: day\n"
        '  columns: {user: string, town: long, amount: double, kinds: "map<string,long>"}\n'
    ),
    "teams/shop/sources/notes.yaml": (
        "source: notes\nentities:\n  table: shop.notes\n  columns: {user: string, level: long}\n"
    ),
    "teams/shop/sources/cities.yaml": (
        "source: cities\nentities:\n  table: shop.cities\n  partition: ''\n"
        '  columns: {city: long, scores: "list<double>"}\n'
    ),
    "teams/shop/group_bys/buys.yaml": (
        "group_by: buys\nsource: buys\nselect: {amount: amount, kind: kind}\nkeys: [user]\naccuracy: temporal\n"
        "aggregations:\n  - {input: amount, operations: [sum, count, last_k(2)], windows: [2d]}\n"
        "  - {input: kind, operations: [histogram], windows: [2d]}\n"
    ),
    "teams/shop/joins/plain.yaml": f"join: plain\n{PARTS}",
    "teams/shop/joins/given.yaml": f"join: given\n{PARTS}{BOOTSTRAP}",
}
EVENING = "left: notes\nparts: [buys]\n"
FILES |= {
    "teams/shop/joins/evening.yaml": f"join: evening\n{EVENING}",
    "teams/shop/joins/told.yaml": (
        f"join: told\n{EVENING}bootstrap:\n  - source: old\n    keys: user\n    start: 2024-01-03\n    end: 2024-01-04\n"
        "    select: {shop_buys_amount_sum_2d: amount}\n"
    ),
}
FIRST, DAYS = parse_day("2024-01-01") or 0, 6
PREFIX = "shop_"

Row = dict[str, Any]
Tables = dict[str, dict[int, list[Row]]]
"""Table → day → rows; a table without partitions has them under 0."""

SCHEMAS: dict[str, dict[str, pa.DataType]] = {
    "asks": {"user": pa.string(), "city": pa.int64(), "total": pa.float64(), "ms": pa.int64()},
    "buys": {"user": pa.string(), "kind": pa.string(), "amount": pa.float64(), "ms": pa.int64()},
    "old": {
        "user": pa.string(),
        "town": pa.int64(),
        "amount": pa.float64(),
        "kinds": pa.map_(pa.string(), pa.int64()),
    },
    "notes": {"user": pa.string(), "level": pa.int64()},
    "cities": {"city": pa.int64(), "scores": pa.list_(pa.float64())},
}


def some_tables(seed: int) -> Tables:
    chance = random.Random(seed)
    tables: Tables = {table: {} for table in SCHEMAS}
    for day in range(DAYS):
        tables["asks"][day] = [
            {
                "user": _user(chance),
                "city": _number(chance),
                "total": chance.choice([2.0, None, 0.5]),
                **_at(chance, day),
            }
            for _ in range(chance.randint(0, 30))
        ]
        tables["buys"][day] = [
            {
                "user": _user(chance),
                "kind": chance.choice(["x", "y", None]),
                "amount": _amount(chance),
                **_at(chance, day),
            }
            for _ in range(chance.randint(0, 20))
        ]
        if 1 <= day <= 3:
            tables["old"][day] = [
                {
                    "user": user,
                    "town": town,
                    "amount": _amount(chance),
                    "kinds": chance.choice([None, [("x", town or 0)]]),
                }
                for user in ("a", "b", None)
                for town in (0, 1, None)
                if chance.random() < 0.7
            ]
        tables["notes"][day] = [{"user": _user(chance), "level": _number(chance)} for _ in range(chance.randint(0, 6))]
    tables["cities"][0] = [{"city": n, "scores": chance.choice([None, [], [1.0], [2.0, -0.0]])} for n in (0, 2)]
    return tables


def _user(chance: random.Random) -> str | None:
    return chance.choice(["a", "b", "c", "", None])


def _number(chance: random.Random) -> int | None:
    return chance.choice([0, 1, 2, -3, None])


def _amount(chance: random.Random) -> float | None:
    return chance.choice([0.1, -0.0, 1e16, -7.0, 3.5, math.nan, None])


def _at(chance: random.Random, day: int) -> Row:
    return {"ms": (FIRST + day) * DAY + chance.randrange(DAY)}


def write(root: Path, tables: Tables) -> None:
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    for table, days in tables.items():
        partition = "day" if table == "old" else "ds"
        for day, rows in days.items():
            inside = "" if table == "cities" else f"/{partition}={day_text(Day(FIRST + day))}"
            folder = root / f"data/shop/{table}{inside}"
            folder.mkdir(parents=True)
            schema = pa.schema(list(SCHEMAS[table].items()))
            pq.write_table(pa.Table.from_pylist(rows, schema), folder / "part.parquet")


def trained(root: Path, target: str, *names: str) -> tuple[list[Row], ...]:
    """The rows of some joins, in the same order where they have one left side."""
    config, _ = load_config(root)
    repository, catalog, found = validate(root)
    assert config is not None
    assert catalog is not None, found
    with open_deployment(config, target) as deployment:
        read = catalog.table_rows
        available = deployment.tables.of(read).availability(rows.table for rows in read)
        until = Day(FIRST + DAYS - 1)
        plan = make_plan(catalog, repository, deployment.state.read(), available, environment="prod", as_of=until)
        apply_plan(deployment, plan, holder="test", observer=Silent())
        days = DaySet.span(Day(FIRST), until)
        return tuple(rows_of(training_rows(deployment, "prod", f"shop.{name}", days)) for name in names)


def by_hand(row: Row, tables: Tables) -> Row:
    """A computed row as the bootstrap says it should be, one table after the other. As in every feature -0.0 is 0.0 and NaN is none."""
    day = (parse_day(row["ds"]) or 0) - FIRST
    old = [
        one
        for one in tables["old"].get(day, [])
        if _is_same(one, row, {"user": "user", "town": "city"}) and one["amount"] is not None
        if one["amount"] > -5 and not math.isnan(one["amount"])
    ]
    notes = [one["level"] for one in tables["notes"].get(day, []) if _is_same(one, row, {"user": "user"})]
    levels = [level for level in notes if level is not None]
    cities = [one for one in tables["cities"][0] if _is_same(one, row, {"city": "city"})]
    amounts, kinds = (
        [one["amount"] + 0.0 for one in old],
        [dict(one["kinds"]) for one in old if one["kinds"] is not None],
    )
    scores = [[score + 0.0 for score in one["scores"]] for one in cities if one["scores"] is not None]
    names = {name: f"{PREFIX}buys_{name}" for name in ("amount_sum_2d", "kind_histogram_2d", "amount_last2_2d")}
    halves = [one["city"] / 2 for one in cities]
    total = _first(amounts, [float(max(levels))] if levels else [], halves, [row[names["amount_sum_2d"]]])
    share = None if total is None or row["total"] is None else total / row["total"]
    return {
        **row,
        names["amount_sum_2d"]: total,
        names["kind_histogram_2d"]: _first(kinds, [row[names["kind_histogram_2d"]]]),
        names["amount_last2_2d"]: _first(scores, [row[names["amount_last2_2d"]]]),
        "share": _first([-amount + 0.0 for amount in amounts], [share]),
        "again": _first([max(levels)] if levels else [], [row["again"]]),
    }


def _is_same(given: Row, row: Row, keys: dict[str, str]) -> bool:
    return all(given[own] is not None and given[own] == row[left] for own, left in keys.items())


def _first(*values: list[Any]) -> Any:
    """The first value that is not null; a list has at most one."""
    return next((value for several in values for value in several if value is not None), None)


def bits(rows: list[Row]) -> Iterator[str]:
    """Rows as text: it tells -0.0 from 0.0, and knows one NaN."""
    return (repr(sorted(row.items(), key=lambda item: item[0])) for row in rows)


@pytest.mark.parametrize("seed", range(4))
def test_bootstrap_when_applied_then_gives_what_a_person_would_look_up(seed: int, tmp_path: Path) -> None:
    tables = some_tables(seed)
    write(tmp_path, tables)

    plain, given = trained(tmp_path, "local", "plain", "given")

    assert list(bits(given)) == list(bits([by_hand(row, tables) for row in plain]))
    assert given != plain


@pytest.mark.parametrize("seed", range(2))
def test_bootstrap_when_the_left_side_has_entities_then_gives_rows_of_the_day_at_whose_end_they_ask(
    seed: int, tmp_path: Path
) -> None:
    tables = some_tables(seed)
    write(tmp_path, tables)
    name = f"{PREFIX}buys_amount_sum_2d"

    plain, told = trained(tmp_path, "local", "evening", "told")

    def by_hand(row: Row) -> Row:
        day = (parse_day(row["ds"]) or 0) - FIRST
        rows = tables["old"].get(day, []) if day in {2, 3} else []
        amounts = [one["amount"] for one in rows if one["amount"] is not None and _is_same(one, row, {"user": "user"})]
        greatest = max(amounts, key=lambda amount: (math.isnan(amount), amount), default=math.nan)
        return {**row, name: _first([] if math.isnan(greatest) else [greatest + 0.0], [row[name]])}

    assert list(bits(told)) == list(bits(list(map(by_hand, plain))))
    assert told != plain


@pytest.mark.engine
def test_bootstrap_when_applied_on_spark_then_gives_the_same(tmp_path: Path) -> None:
    write(tmp_path, some_tables(7))
    joins = ("plain", "given", "evening", "told")

    spark, local = (trained(tmp_path, target, *joins) for target in ("spark", "local"))

    assert [list(bits(rows)) for rows in spark] == [list(bits(rows)) for rows in local]
