"""Staged tiles become the pages that the core folds, whatever the batches, and however often it is interrupted."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from flink_builders import SINCE, a_job, a_reader, folded_pages, random_events
from naive_partials import stage_tiles

from chronon.model.jobs import StreamedGroupBy
from chronon.model.time import day_start
from chronon.runners.flink.script import Reader, readers_of
from chronon.runners.flink.tiles import Written, write_tiles
from chronon.stores.kv import KvStore, open_kv
from chronon.stores.kv.layout import page_prefix

BY_CARRIER = a_reader(
    "carrier",
    {"carrier": "carrier", "flight": "flight"},
    {name: name for name in ("delay", "seats", "price", "weight", "full", "note")},
    buckets=("origin", "carrier"),
)
INFINITE = a_reader("infinite", {"origin": "origin"}, {"huge": "price * 1e300"}, tile=1_000)


def rows(seed: int, count: int) -> list[dict[str, Any]]:
    found = random_events(random.Random(seed), count, days=3)
    start = day_start(SINCE)
    return [
        row | {"ts": row["at"], "huge": None if row["price"] is None else row["price"] * 1e300}
        for row in found
        if row["at"] is not None and row["at"] >= start
    ]


def the_reader(streamed: StreamedGroupBy) -> Reader:
    return readers_of(a_job(streamed))[0]


def stored(kv: KvStore, streamed: StreamedGroupBy) -> dict[bytes, bytes]:
    return dict(kv.scan(page_prefix(streamed.dataset)))


@pytest.fixture
def kv(tmp_path: Path) -> Iterable[KvStore]:
    store = open_kv(f"lmdb:{tmp_path / 'kv'}")
    yield store
    store.close()


@pytest.mark.parametrize("streamed", [BY_CARRIER, INFINITE], ids=["every operation", "infinities"])
@pytest.mark.parametrize("batch_tiles", [3, 64, 10_000])
def test_pages_are_those_of_folded_events_whatever_the_batches(
    tmp_path: Path, kv: KvStore, streamed: StreamedGroupBy, batch_tiles: int
) -> None:
    events = rows(1, 150)
    stage_tiles(the_reader(streamed), events, tmp_path / "tiles")

    written = write_tiles(the_reader(streamed), tmp_path / "tiles", kv, batch_tiles)

    assert stored(kv, streamed) == folded_pages(streamed, events)
    key = streamed.group_by.keys[0].name
    keyed = [row for row in events if row[key] is not None and (key == "origin" or row["flight"] is not None)]
    assert written.events == len(keyed)


class FailsAfter:
    """A store whose disk is full after some writes."""

    def __init__(self, inner: KvStore, writes: int) -> None:
        self._inner = inner
        self._writes = writes

    def multi_get(self, keys: Sequence[bytes]) -> list[bytes | None]:
        return self._inner.multi_get(keys)

    def write(self, entries: Iterable[tuple[bytes, bytes]], *, ascending: bool = False) -> int:
        if self._writes == 0:
            raise OSError("disk full")
        self._writes -= 1
        return self._inner.write(entries, ascending=ascending)

    def delete_prefix(self, prefix: bytes) -> int:
        return self._inner.delete_prefix(prefix)

    def scan(self, prefix: bytes) -> Iterable[tuple[bytes, bytes]]:
        return self._inner.scan(prefix)

    def close(self) -> None:
        self._inner.close()


def test_writer_that_was_stopped_between_batches_ends_with_the_same_bytes_when_it_starts_again(
    tmp_path: Path, kv: KvStore
) -> None:
    events, reader = rows(2, 200), the_reader(BY_CARRIER)
    stage_tiles(reader, events, tmp_path / "tiles")
    with pytest.raises(OSError, match="disk full"):
        write_tiles(reader, tmp_path / "tiles", FailsAfter(kv, 2), 5)
    assert 0 < len(stored(kv, BY_CARRIER)) < len(folded_pages(BY_CARRIER, events))

    for _ in range(2):
        write_tiles(reader, tmp_path / "tiles", kv, 17)

        assert stored(kv, BY_CARRIER) == folded_pages(BY_CARRIER, events)


def test_later_tiles_join_the_pages_that_are_there(tmp_path: Path, kv: KvStore) -> None:
    events, reader = rows(3, 200), the_reader(BY_CARRIER)
    tile = reader.group_by.tile
    halves = [[row for row in events if row["ts"] // tile % 2 == half] for half in (0, 1)]

    for half, some in enumerate(halves):
        stage_tiles(reader, some, tmp_path / str(half))
        write_tiles(reader, tmp_path / str(half), kv)

    assert stored(kv, BY_CARRIER) == folded_pages(BY_CARRIER, events)


def test_nothing_staged_writes_nothing(tmp_path: Path, kv: KvStore) -> None:
    assert write_tiles(the_reader(BY_CARRIER), tmp_path / "tiles", kv) == Written(tiles=0, events=0)
