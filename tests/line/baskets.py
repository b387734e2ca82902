"""A shop whose baskets hold lists, maps, structs, decimals and days, as tables of four days and a topic of the last two."""

from __future__ import annotations

import json
import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from chronon.expressions.arrow import arrow_type
from chronon.model.time import DAY, parse_day
from chronon.model.types import DataType, parse_type
from chronon.model.values import plain

FIRST = parse_day("2024-05-01") or 0
DAYS = 4
STREAMED = ("2024-05-03", "2024-05-04")
"""The days that a fetch sees only through tiles."""

COLUMNS = {
    "user": "string", "store": "string", "city": "string", "items": "list<string>", "prices": "list<double>",
    "amounts": "map<string,long>", "total": "decimal(12,2)", "due": "date", "paid": "timestamp", "seal": "binary",
    "address": "struct<street:string,floors:list<int>,tags:map<string,double>>", "ms": "long",
}  # fmt: skip
TYPES: dict[str, DataType] = {name: kind for name, text in COLUMNS.items() if (kind := parse_type(text))}

GROUP_BY = """
group_by: basket
description: What somebody buys
source: shop.baskets
keys: [user]
online: true
tile: 1s
aggregations:
  - {input: items, operations: [count, histogram, unique_count, approx_unique_count, last, last_k(2)], windows: [1h, 1d, unbounded]}
  - {input: items, operations: [count, histogram], windows: [2d], buckets: [store, [store, city]]}
  - {input: prices, operations: [sum, average, max, variance, top_k(2), "approx_percentile(0.5, 0.9)"], windows: [1h, 2d]}
  - {input: prices, operations: [sum, average, count], windows: [1d, unbounded], elementwise: true, name: position}
  - {input: prices, operations: [min], windows: [1d], buckets: [city], elementwise: true, name: least}
  - {input: amounts, operations: [sum, average, max, bottom_k(2), histogram], windows: [1h, 2d, unbounded]}
  - {input: amounts, operations: [sum, last], windows: [1d], buckets: [[city, store]]}
  - {input: total, operations: [sum, average, min, variance, skew, unique_count, last_k(3), histogram], windows: [1h, 2d, unbounded]}
  - {input: due, operations: [max, first, unique_top_k(2), unique_count], windows: [1d]}
  - {input: paid, operations: [min, last, approx_unique_count], windows: [1d, unbounded]}
  - {input: seal, operations: [unique_count, first_k(2), count], windows: [2d]}
  - {input: address, operations: [last, first_k(2), count], windows: [1h, 2d]}
"""


def a_repository(root: Path) -> Path:
    """The definitions, the tables and the topic, written into a folder."""
    columns = "".join(f"    {name}: {text!r}\n" for name, text in COLUMNS.items())
    files = {
        "chronon.yaml": (
            "tables: data\nstreams: streams\ntarget: local\n"
            "targets:\n  local: {engine: local, home: local}\n  spark: {engine: spark, home: spark}\n"
        ),
        "teams/shop/team.yaml": "team: shop\ndescription: Sells\nowners: [shop@example.com]\n",
        "teams/shop/sources/baskets.yaml": (
            "source: baskets\ndescription: Bought\nevents:\n  table: shop.baskets\n  topic: file://shop.baskets\n"
            f"  time: ms\n  columns:\n{columns}"
        ),
        "teams/shop/sources/visits.yaml": (
            "source: visits\ndescription: Came in\nevents:\n  table: shop.visits\n  time: ms\n"
            "  columns: {user: string, visit: long, ms: long}\n"
        ),
        "teams/shop/group_bys/basket.yaml": GROUP_BY.lstrip(),
        "teams/shop/joins/visit.yaml": (
            "join: visit\ndescription: Came in\nstart: 2024-05-02\nonline: true\n"
            "left: {source: shop.visits, select: {visit: visit}}\nparts: [{group_by: shop.basket}]\n"
        ),
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    _write_days(root)
    return root


def _write_days(root: Path) -> None:
    chance = random.Random(7)
    topic = root / "streams/shop.baskets"
    topic.mkdir(parents=True)
    for day in range(DAYS):
        name = f"2024-05-{day + 1:02}"
        # Whole seconds, as long as a tile: a tile counts whole once it has begun, so every answer has an exact head.
        baskets = [a_basket(day, chance) for _ in range(150)]
        visits = [{"user": chance.choice(USERS), "visit": n, "ms": a_time(day, chance)} for n in range(60)]
        _write(root / f"data/shop/baskets/ds={name}", baskets, {name: arrow_type(kind) for name, kind in TYPES.items()})
        _write(
            root / f"data/shop/visits/ds={name}", visits, {"user": pa.string(), "visit": pa.int64(), "ms": pa.int64()}
        )
        if name in STREAMED:
            lines = [json.dumps({column: plain(value) for column, value in row.items()}) + "\n" for row in baskets]
            (topic / f"{name}.jsonl").write_text("".join(lines))


def _write(folder: Path, rows: list[dict[str, Any]], kinds: dict[str, Any]) -> None:
    folder.mkdir(parents=True)
    table = pa.table({name: pa.array([row[name] for row in rows], kind) for name, kind in kinds.items()})
    pq.write_table(table, folder / "part-0.parquet")


def visits_of(root: Path, day: str) -> list[dict[str, Any]]:
    """The left rows of a day."""
    table = pq.read_table(root / f"data/shop/visits/ds={day}/part-0.parquet", partitioning=None)
    return [row | {"ds": day} for row in table.to_pylist()]


USERS = ["ann", "bob", "é😀", "", "zoe"]


def a_time(day: int, chance: random.Random) -> int:
    return (FIRST + day) * DAY + chance.choice([chance.randrange(DAY), chance.randrange(288) * 300_000])


def a_basket(day: int, chance: random.Random) -> dict[str, Any]:
    """A row; each of its values is null now and then, and so are elements inside."""

    def maybe(value: Any) -> Any:
        return None if chance.random() < 0.1 else value

    def some(most: int, value: Any) -> list[Any]:
        return [maybe(value()) for _ in range(chance.randrange(most + 1))]

    def item() -> str:
        return chance.choice(["milk", "bread", "é", ""])

    row = {
        "user": chance.choice(USERS),
        "store": chance.choice(["north", "south", "é"]),
        "city": chance.choice(["Rome", "Oslo"]),
        "items": some(4, item),
        "prices": some(3, lambda: chance.choice([0.1, 0.2, 1e16, -1e16, 1 / 3, chance.uniform(0, 100)])),
        "amounts": {name: maybe(chance.randrange(-5, 5)) for name in chance.sample(["milk", "bread", "é"], 2)},
        "total": Decimal(chance.randrange(-(10**6), 10**10)).scaleb(-2),
        "due": date(2024, 5, 1) + timedelta(days=chance.randrange(-400, 400)),
        "paid": datetime(2024, 5, 1, tzinfo=UTC) + timedelta(microseconds=chance.randrange(10**12)),
        "seal": bytes(chance.randrange(3)) + b"\xff",
        "address": {"street": maybe(item()), "floors": maybe(some(2, lambda: chance.randrange(9))), "tags": {"x": 0.5}},
    }
    ms = a_time(day, chance)
    return {**{name: maybe(value) for name, value in row.items()}, "ms": ms - ms % 1000}
