"""The Spark engine makes what the local engine makes, bit by bit, of a repository with every awkward thing in it.

Nulls in keys, days without rows, features without a window, snapshots of entities with and without partitions, entities
that change and entities on the left, two sources in one group_by, a group_by over the output of a join, events and
mutations off their partition, columns called as those of the engines. One Spark start for all.
"""

from __future__ import annotations

import random
import struct
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chronon.loaders.config import load_config
from chronon.model.time import DAY, HOUR, parse_day
from chronon.planners import make_plan
from chronon.runners.apply import apply_plan
from chronon.runners.deployment import Deployment, open_deployment
from chronon.runners.training import training_rows
from chronon.validators import validate

pytestmark = pytest.mark.engine

FILES = {
    "chronon.yaml": (
        "tables: data\ntarget: local\n"
        "targets:\n  local: {engine: local, home: local}\n  spark: {engine: spark, home: spark}\n"
    ),
    "teams/shop/team.yaml": "team: shop\ndescription: Sells\nowners: [shop@example.com]\n",
    "teams/shop/sources/asks.yaml": (
        "source: asks\ndescription: Questions\nevents:\n  table: shop.asks\n  time: ms\n"
        "  columns: {user: string, city: long, total: double, ms: long}\n"
    ),
    "teams/shop/sources/buys.yaml": (
        "source: buys\ndescription: Orders\nevents:\n  table: shop.buys\n  time: ms\n"
        "  columns: {user: string, city: long, kind: string, amount: double, ms: long}\n"
    ),
    "teams/shop/sources/gifts.yaml": (
        "source: gifts\ndescription: Orders too\nevents:\n  table: shop.gifts\n  time: ms\n  partition: given\n"
        "  columns: {giver: string, town: long, worth: double, ms: long}\n"
    ),
    "teams/shop/sources/users.yaml": (
        "source: users\ndescription: Every evening\nentities:\n  table: shop.users\n"
        "  columns: {user: string, level: long}\n"
    ),
    "teams/shop/sources/cities.yaml": (
        "source: cities\ndescription: For ever\nentities:\n  table: shop.cities\n  partition: ''\n"
        "  columns: {city: long, name: string}\n"
    ),
    "teams/shop/group_bys/pair.yaml": (
        "group_by: pair\ndescription: Two keys, two sources, temporal\naccuracy: temporal\nkeys: [user, city]\n"
        "sources:\n  - {source: shop.buys, select: {amount: amount, day: kind}}\n"
        "  - {source: shop.gifts, select: {user: giver, city: town, amount: worth, day: \"'gift'\"}, where: [worth > 1]}\n"
        "aggregations:\n  - {input: amount, operations: [sum, average, last_k(3)], windows: [1h, 2d, unbounded]}\n"
        "  - {input: amount, operations: [count], windows: [2d], buckets: [day]}\n"
    ),
    "teams/shop/group_bys/user.yaml": (
        "group_by: user\ndescription: Snapshot\naccuracy: snapshot\nkeys: [user]\nonline: true\n"
        "sources:\n  - {source: shop.buys, select: {amount: amount, kind: kind}}\n"
        "  - {source: shop.gifts, select: {user: giver, amount: worth, kind: \"'gift'\"}}\n"
        "aggregations:\n  - {input: amount, operations: [sum, approx_percentile(0.5)], windows: [1d, unbounded]}\n"
        "  - {input: kind, operations: [histogram, approx_unique_count], windows: [3d]}\n"
    ),
    "teams/shop/group_bys/level.yaml": (
        "group_by: level\ndescription: As of yesterday\nsource: shop.users\nselect: {level: level}\nkeys: [user]\nonline: true\n"
    ),
    "teams/shop/group_bys/city.yaml": (
        "group_by: city\ndescription: Ever\nsource: shop.cities\nselect: {name: name}\nkeys: [city]\nonline: true\n"
    ),
    "teams/shop/sources/stock.yaml": (
        "source: stock\ndescription: Changes all day\nentities:\n  table: shop.stock\n  time: made_ms\n  partition: changed\n"
        "  columns: {user: string, price: double, kind: string, made_ms: long}\n"
        "  mutations: {table: shop.stock_changes, time: ms, reversal: old, columns: {ms: long, old: boolean}}\n"
    ),
    "teams/shop/group_bys/stock.yaml": (
        "group_by: stock\ndescription: As of the moment\naccuracy: temporal\nsource: shop.stock\nkeys: [user]\n"
        "where: [price IS NULL OR price < 1e17]\n"
        "aggregations:\n  - {input: price, operations: [sum, average, variance, max, last_k(2)], windows: [1h, 2d, unbounded]}\n"
        "  - {input: kind, operations: [histogram, unique_count], windows: [12d]}\n"
        "  - {input: price, operations: [count], buckets: [kind]}\n"
    ),
    "teams/shop/group_bys/later.yaml": (
        "group_by: later\ndescription: What is bought after\naccuracy: snapshot\nkeys: [user]\n"
        "source: shop.buys\naggregations:\n"
        "  - {input: amount, operations: [sum, average, first, last_k(3)], windows: [1d, 2d]}\n"
        "  - {input: amount, operations: [count], windows: [1d], buckets: [kind]}\n"
    ),
    "teams/shop/group_bys/average.yaml": (
        "group_by: average\ndescription: Over the join\naccuracy: temporal\nkeys: [day]\n"
        "sources:\n  - {join: shop.ask, select: {day: city, share: share}}\n"
        "aggregations:\n  - {input: share, operations: [average], windows: [6h, 1d]}\n"
    ),
    "teams/shop/joins/outcome.yaml": (
        "join: outcome\ndescription: With labels\nstart: 2024-01-03\n"
        "left: {source: shop.asks, select: {user: user, city: city, total: total}}\nparts: [shop.level]\n"
        "labels:\n  - shop.later\n  - {group_by: shop.level, after: 1d}\n  - {group_by: shop.level, after: 2d, prefix: far}\n"
        "  - {group_by: shop.average, keys: {city: day}}\n"
    ),
    "teams/shop/joins/evening.yaml": (
        "join: evening\ndescription: Every user at the end of every day\nstart: 2024-01-03\nleft: shop.users\n"
        "parts: [shop.user, shop.level, shop.stock]\n"
    ),
    "teams/shop/joins/ask.yaml": (
        "join: ask\ndescription: Parent\nstart: 2024-01-03\n"
        "left: {source: shop.asks, select: {user: user, city: city, total: total}}\n"
        "parts: [shop.pair, shop.user, shop.level, shop.city, shop.stock]\n"
        'derivations:\n  "*": "*"\n  share: total / NULLIF(shop_pair_amount_sum_2d, 0)\n'
    ),
    "teams/shop/group_bys/chained.yaml": (
        "group_by: chained\ndescription: Over the join\nkeys: [day]\n"
        "sources:\n  - {join: shop.ask, select: {day: city, share: share, level: shop_level_level}}\n"
        "aggregations:\n  - {input: share, operations: [max, count], windows: [2d]}\n"
        "  - {input: level, operations: [sum], windows: [unbounded]}\n"
    ),
    "teams/shop/joins/again.yaml": (
        "join: again\ndescription: Child\nstart: 2024-01-05\nleft: {source: shop.asks, select: {day: city}}\n"
        "parts: [shop.chained]\n"
    ),
}
FIRST, DAYS, EMPTY_DAY = parse_day("2024-01-01") or 0, 7, 4
PARTITIONS = {"gifts": "given", "stock_changes": "changed", "stock": "changed"}
JOINS = ("shop.ask", "shop.again", "shop.evening", "shop.outcome")

Schema = dict[str, pa.DataType]
ASKS: Schema = {"user": pa.string(), "city": pa.int64(), "total": pa.float64(), "ms": pa.int64()}
BUYS: Schema = {"user": pa.string(), "city": pa.int64(), "kind": pa.string(), "amount": pa.float64(), "ms": pa.int64()}
GIFTS: Schema = {"giver": pa.string(), "town": pa.int64(), "worth": pa.float64(), "ms": pa.int64()}
USERS: Schema = {"user": pa.string(), "level": pa.int64()}
STOCK: Schema = {"user": pa.string(), "price": pa.float64(), "kind": pa.string(), "made_ms": pa.int64()}
CHANGES: Schema = {**STOCK, "ms": pa.int64(), "old": pa.bool_()}
CITIES: Schema = {"city": pa.int64(), "name": pa.string()}


def write_tables(root: Path) -> None:
    chance = random.Random(7)
    tables = (("asks", ASKS, 40), ("buys", BUYS, 60), ("gifts", GIFTS, 20), ("users", USERS, 5))
    for table, schema, count in (*tables, ("stock", STOCK, 12), ("stock_changes", CHANGES, 60)):
        for day in range(DAYS):
            rows = [] if day == EMPTY_DAY else [row(schema, day, chance) for _ in range(count)]
            write(root / f"shop/{table}/{PARTITIONS.get(table, 'ds')}=2024-01-{day + 1:02}", schema, rows)
    write(root / "shop/cities", CITIES, [row(CITIES, 0, chance) for _ in range(6)])


def row(schema: Schema, day: int, chance: random.Random) -> dict[str, Any]:
    """One random row; now and then a null in any column, and a time that is up to three days off."""
    drawn = {name: value(kind, chance) for name, kind in schema.items()}
    if "ms" in schema and drawn["ms"] is not None:
        off = chance.choice([0] * 12 + [-1, 1, -3, 3])
        drawn["ms"] = (FIRST + day + off) * DAY + chance.randrange(DAY)
    if "made_ms" in schema and drawn["made_ms"] is not None:
        drawn["made_ms"] = (FIRST + day) * DAY - chance.choice([0, HOUR, DAY, 3 * DAY]) + chance.randrange(HOUR)
    return drawn


def value(kind: pa.DataType, chance: random.Random) -> Any:
    if chance.random() < 0.1:
        return None
    if kind == pa.bool_():
        return chance.random() < 0.4
    if kind == pa.string():
        return chance.choice(["a", "b", "c", "é", ""])
    return chance.randrange(4) if kind == pa.int64() else chance.choice([0.1, 0.2, 1e16, -1e16, 3.0, -0.0])


def write(folder: Path, schema: Schema, rows: list[dict[str, Any]]) -> None:
    folder.mkdir(parents=True)
    half = len(rows) // 2
    for part, chosen in enumerate((rows[:half], rows[half:])):
        pq.write_table(pa.Table.from_pylist(chosen, pa.schema(schema)), folder / f"part-{part}.parquet")


class Silent:
    def __getattr__(self, _name: str) -> Any:
        return lambda *_arguments: None


def made(root: Path, target: str) -> dict[str, Any]:
    """What an apply on a target makes: training rows of every join, and every batch value."""
    config, _found = load_config(root)
    assert config is not None
    repository, catalog, found = validate(root)
    assert repository is not None, found
    assert catalog is not None, found
    with open_deployment(config, target) as deployment:
        read = catalog.table_rows
        tables = deployment.tables.of(read).availability(rows.table for rows in read)
        state = deployment.state.read()
        plan = make_plan(catalog, repository, state, tables, environment="prod", as_of=parse_day("2024-01-07"))
        apply_plan(deployment, plan, holder="test", observer=Silent())
        rows = {name: training_rows(deployment, "prod", name) for name in JOINS}
        return {"rows": rows, "values": batch_values_in(deployment)}


def batch_values_in(deployment: Deployment) -> dict[bytes, bytes]:
    uploads = [u for dataset in deployment.state.read().uploads for u in deployment.state.uploads(dataset)]
    names = [upload.generation.encode() for upload in uploads]
    entries = {}
    for key, found in deployment.kv.scan(b"b/"):
        for name in names:
            key = key.replace(name, b"generation")  # noqa: PLW2901  # the key without what differs
        entries[key] = found
    return entries


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Any]]:
    root = tmp_path_factory.mktemp("shop")
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    write_tables(root / "data")
    return made(root, "local"), made(root, "spark")


def bits(found: Any) -> Any:
    match found:
        case float():
            return struct.pack(">d", found)
        case list() | tuple():
            return [bits(item) for item in found]
        case dict():
            return {name: bits(item) for name, item in found.items()}
        case _:
            return found


@pytest.mark.parametrize("join", JOINS)
def test_training_rows_of_spark_equal_those_of_local_bit_by_bit(join: str, both: tuple[Any, Any]) -> None:
    local, spark = (engine["rows"][join] for engine in both)

    assert local.schema.names == spark.schema.names
    assert local.num_rows == spark.num_rows
    for name in local.schema.names:
        assert bits(local[name].to_pylist()) == bits(spark[name].to_pylist()), name


def test_batch_values_of_spark_equal_those_of_local(both: tuple[Any, Any]) -> None:
    local, spark = (engine["values"] for engine in both)

    assert len(local) > 10
    assert local == spark


def test_rows_that_are_compared_have_every_awkward_thing_in_them(both: tuple[Any, Any]) -> None:
    rows = both[0]["rows"]["shop.ask"].to_pylist()
    chained = both[0]["rows"]["shop.again"].to_pylist()
    outcomes = both[0]["rows"]["shop.outcome"]

    assert any(row["user"] is None and row["shop_pair_amount_sum"] is None for row in rows)
    assert {row["ds"] for row in rows} == {"2024-01-03", "2024-01-04", "2024-01-06", "2024-01-07"}
    for name in (
        "shop_pair_amount_sum",
        "shop_pair_amount_count_2d_by_day",
        "shop_user_amount_sum",
        "shop_level_level",
    ):
        assert any(row[name] is not None for row in rows), name
    assert any(row["shop_city_name"] is not None for row in rows)
    assert any(row["shop_chained_share_max_2d"] is not None for row in chained)
    labels = [name for name in outcomes.schema.names if name.startswith("label_")]
    assert len(labels) == 13
    for name in labels:
        assert 0 < outcomes[name].null_count < outcomes.num_rows, name
