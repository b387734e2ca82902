"""Images of changes through Flink become the very bytes that the core folds from them, whatever their order."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flink_builders import a_job, a_reader_of_changes, counting, folded_pages, random_changes, stored_pages, write_topic
from naive_partials import stage_tiles

from chronon.runners.flink.runner import FlinkRunner
from chronon.runners.flink.script import readers_of
from chronon.runners.flink.tiles import write_tiles
from chronon.stores.kv import open_kv

BY_CARRIER = a_reader_of_changes(
    "carrier",
    {"carrier": "carrier"},
    {name: name for name in ("delay", "seats", "price", "weight", "full", "note")},
    buckets=("origin", "carrier"),
)
BY_FLIGHT = a_reader_of_changes(
    "flight",
    {"number": "flight", "home": "origin"},
    {"late": "IF(delay > 15, 1, NULL)", "cost": "price * 1e300"},
    wheres=("full", "delay IS NOT NULL"),
    tile=60_000,
)


def by_flight(changes: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for row in counting(changes):
        if row["full"] and row["delay"] is not None and row["flight"] is not None and row["origin"] is not None:
            cost = None if row["price"] is None else row["price"] * 1e300
            yield row | {"number": row["flight"], "home": row["origin"], "late": _late(row["delay"]), "cost": cost}


def _late(delay: int) -> int | None:
    return 1 if delay > 15 else None


@pytest.mark.parametrize("batch_tiles", [3, 10_000])
def test_listed_images_become_the_pages_of_folded_changes(tmp_path: Path, batch_tiles: int) -> None:
    rows = list(counting(random_changes(random.Random(5), 200)))
    (reader,) = readers_of(a_job(BY_CARRIER))
    stage_tiles(reader, rows, tmp_path / "tiles")
    kv = open_kv(f"lmdb:{tmp_path / 'kv'}")

    write_tiles(reader, tmp_path / "tiles", reader.savepoint(()), kv, batch_tiles)

    found = stored_pages(kv, BY_CARRIER)
    kv.close()
    assert found == folded_pages(BY_CARRIER, rows)
    assert len(found) > 3


@pytest.mark.engine
def test_pages_of_flink_are_those_of_folded_changes_whatever_their_order(tmp_path: Path) -> None:
    changes = random_changes(random.Random(31), 1_500)
    write_topic(tmp_path / "streams", changes)
    kv = open_kv(f"lmdb:{tmp_path / 'kv'}")
    job = a_job(BY_CARRIER, BY_FLIGHT)

    output = FlinkRunner().run_stream(
        job, streams=tmp_path / "streams", kv=kv, staging=tmp_path / "staging", progress=lambda _text: None
    )

    found = [stored_pages(kv, reader) for reader in (BY_CARRIER, BY_FLIGHT)]
    kv.close()
    assert output.events == len(changes)
    assert found[0] == folded_pages(BY_CARRIER, counting(changes))
    assert found[1] == folded_pages(BY_FLIGHT, by_flight(changes))
    assert len(found[1]) > 5
