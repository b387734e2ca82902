"""A topic with a column of every type: as keys and as inputs of every operation, the pages are those of the core."""

from __future__ import annotations

import decimal
import json
import random
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flink_builders import SINCE, TOPIC, a_job, a_reader, folded_pages, stored_pages

from chronon.model.time import DAY, day_start
from chronon.model.types import DataType, Decimal, ListOf, MapOf, Scalar, StructOf
from chronon.model.values import EPOCH, in_program, plain
from chronon.runners.flink.runner import FlinkRunner
from chronon.stores.kv import open_kv

pytestmark = pytest.mark.engine

MONEY = Decimal(12, 2)
INPUTS: Mapping[str, DataType] = {
    "born": Scalar.DATE,
    "seen": Scalar.TIMESTAMP,
    "price": MONEY,
    "seal": Scalar.BINARY,
    "weights": ListOf(Scalar.FLOAT),
    "days": ListOf(Scalar.DATE),
    "costs": MapOf(MONEY),
    "home": StructOf((("since", Scalar.TIMESTAMP), ("seals", ListOf(Scalar.BINARY)), ("tags", MapOf(Scalar.LONG)))),
}
TYPES: Mapping[str, DataType] = {"at": Scalar.LONG, "moment": Scalar.TIMESTAMP, **INPUTS}
POOLS: Mapping[str, list[Any]] = {
    "born": [date(1970, 1, 1), date(1969, 12, 31), date(2013, 2, 27), date(9999, 12, 31), date(1, 1, 1)],
    "seen": [EPOCH, EPOCH - timedelta(microseconds=1), EPOCH + timedelta(microseconds=1_361_973_900_000_001)],
    "price": [decimal.Decimal(text) for text in ("0.00", "1.50", "-9999999999.99", "9999999999.99")],
    "seal": [b"", b"\0\xff", b"a\0b", b"\x80"],
    "weights": [[], [0.5, None], [0.10000000149011612, 3.4028234663852886e38]],
    "days": [[], [date(2013, 2, 27), None]],
    "costs": [[], [("é", None), ("a", decimal.Decimal("0.01"))]],
    "home": [
        {"since": None, "seals": None, "tags": None},
        {"since": EPOCH + timedelta(microseconds=1), "seals": [b"\0", None, b""], "tags": [("x", 1), ("a", None)]},
    ],
}
READERS = (
    a_reader("by_plain", {name: name for name in ("born", "seen", "price", "seal")}, {"days": "days"}, types=TYPES),
    a_reader(
        "by_date",
        {"born": "born"},
        {name: name for name in INPUTS if name != "born"},
        wheres=(
            "seen >= TIMESTAMP '1969-12-31T23:59:59.999999Z' AND price <> CAST('0' AS decimal(12,2))",
            "seal <> CAST('gA==' AS binary) OR home IS NULL",
        ),
        types=TYPES,
    ),
    a_reader("by_moment", {"price": "price"}, {"born": "born"}, time="CAST(moment AS long)", types=TYPES),
)


def some_events(count: int) -> list[dict[str, Any]]:
    chance = random.Random(11)
    start = day_start(SINCE)
    times = [start + chance.randrange(2 * DAY) for _ in range(count)]
    return [
        {"at": at, "moment": EPOCH + timedelta(milliseconds=at, microseconds=chance.randrange(1_000))}
        | {name: None if chance.random() < 0.1 else chance.choice(pool) for name, pool in POOLS.items()}
        for at in times
    ]


def rows_by_plain(events: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    return (event | {"ts": event["at"]} for event in events)


def rows_by_date(events: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for event in events:
        seen, price, seal = event["seen"], event["price"], event["seal"]
        is_sealed = event["home"] is None or (seal is not None and seal != b"\x80")
        if seen is not None and seen >= POOLS["seen"][1] and price is not None and price != 0 and is_sealed:
            yield event | {"ts": event["at"]}


def test_pages_of_every_type_are_the_bytes_of_folded_events(tmp_path: Path) -> None:
    events = some_events(800)
    folder = tmp_path / "streams" / TOPIC.removeprefix("file://")
    folder.mkdir(parents=True)
    with (folder / "part-0.jsonl").open("w") as lines:
        for event in events:
            line = {name: plain(in_program(event[name], kind)) for name, kind in TYPES.items()}
            lines.write(json.dumps(line) + "\n")
    kv = open_kv(f"lmdb:{tmp_path / 'kv'}")

    output = FlinkRunner().run_stream(
        a_job(*READERS), streams=tmp_path / "streams", kv=kv, staging=tmp_path / "staging", progress=lambda _text: None
    )

    found = [stored_pages(kv, reader) for reader in READERS]
    kv.close()
    assert output.events == len(events)
    assert found[0] == folded_pages(READERS[0], rows_by_plain(events))
    assert found[1] == folded_pages(READERS[1], rows_by_date(events))
    assert found[2] == folded_pages(READERS[2], rows_by_plain(events))
    assert len(found[1]) > 5
    assert len(found[2]) > 5
