"""Staged tiles become the pages that the core folds, whatever the batches, and however often it is interrupted."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flink_builders import (
    SINCE,
    a_job,
    a_reader,
    a_reader_of_changes,
    counting,
    folded_pages,
    random_changes,
    random_events,
    stored_pages,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from naive_partials import Row, stage_tiles

from chronon.model.jobs import StreamedGroupBy
from chronon.model.savepoints import FilePlace
from chronon.model.time import day_start
from chronon.runners.flink.script import Reader, readers_of
from chronon.runners.flink.tiles import Written, write_tiles
from chronon.stores.kv import KvStore, open_kv
from chronon.stores.kv.savepoints import savepoints_in

BY_CARRIER = a_reader(
    "carrier",
    {"carrier": "carrier", "flight": "flight"},
    {name: name for name in ("delay", "seats", "price", "weight", "full", "note")},
    buckets=("origin", "carrier"),
)
INFINITE = a_reader("infinite", {"origin": "origin"}, {"huge": "price * 1e300"}, tile=1_000)


OF_CHANGES = a_reader_of_changes(
    "changes", {"carrier": "carrier"}, {name: name for name in ("delay", "price", "note")}, buckets=("origin",)
)


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
    return stored_pages(kv, streamed)


def place(lines: int) -> FilePlace:
    """Behind so many lines of the one file."""
    return FilePlace(name="a.jsonl", bytes=100 * lines, lines=lines, digest=str(lines))


def put(reader: Reader, events: Sequence[Row], folder: Path, kv: KvStore, until: int) -> None:
    """What a run does with the events that are new to a reader. until: of how many lines pages hold all events then."""
    stage_tiles(reader, events, folder)
    write_tiles(reader, folder, reader.savepoint((place(until),)), kv)


def goes_on(streamed: StreamedGroupBy, kv: KvStore) -> Reader:
    """The reader as it goes on from what is stored."""
    return readers_of(a_job(streamed), savepoints_in(kv, [streamed.dataset]))[0]


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

    reader = the_reader(streamed)
    written = write_tiles(reader, tmp_path / "tiles", reader.savepoint(()), kv, batch_tiles)

    assert stored(kv, streamed) == folded_pages(streamed, events)
    key = streamed.group_by.keys[0].name
    keyed = [row for row in events if row[key] is not None and (key == "origin" or row["flight"] is not None)]
    assert written.events == len(keyed)


class FailsAt:
    """A store whose disk is full at some write: nothing of it is written."""

    def __init__(self, inner: KvStore, writes: int) -> None:
        self._inner, self._writes = inner, writes

    def __getattr__(self, name: str) -> Any:
        if name in {"write", "replace"}:
            if self._writes == 0:
                raise OSError("disk full")
            self._writes -= 1
        return getattr(self._inner, name)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**16), cuts=st.lists(st.integers(0, 120), max_size=4), failing=st.sampled_from([None, 0]))
@pytest.mark.parametrize(
    "streamed", [BY_CARRIER, INFINITE, OF_CHANGES], ids=["every operation", "infinities", "changes"]
)
def test_pages_are_those_of_one_fold_however_the_topic_was_cut_into_runs(
    tmp_path_factory: pytest.TempPathFactory,
    streamed: StreamedGroupBy,
    seed: int,
    cuts: list[int],
    failing: int | None,
) -> None:
    folder = tmp_path_factory.mktemp("cuts")
    events = list(counting(random_changes(random.Random(seed), 120))) if streamed is OF_CHANGES else rows(seed, 120)
    ends = sorted({*(min(cut, len(events)) for cut in cuts), len(events)})
    with closing(open_kv(f"lmdb:{folder / 'kv'}")) as kv:
        put(the_reader(streamed), events[: ends[0]], folder / "first", kv, ends[0])
        for number, (start, end) in enumerate(itertools.pairwise(ends)):
            if failing is not None:
                with pytest.raises(OSError, match="disk full"):
                    put(
                        goes_on(streamed, kv), events[start:end], folder / f"killed-{number}", FailsAt(kv, failing), end
                    )  # type: ignore[arg-type]
            put(goes_on(streamed, kv), events[start:end], folder / str(number), kv, end)

        assert stored(kv, streamed) == folded_pages(streamed, events)
        assert savepoints_in(kv, [streamed.dataset])[streamed.dataset].lines == len(events)


def test_tiles_made_from_nothing_take_the_place_of_all_that_were_there(tmp_path: Path, kv: KvStore) -> None:
    before, after = rows(3, 100), rows(4, 100)
    put(the_reader(BY_CARRIER), before, tmp_path / "before", kv, 100)

    put(the_reader(BY_CARRIER), after, tmp_path / "after", kv, 100)

    assert stored(kv, BY_CARRIER) == folded_pages(BY_CARRIER, after)


def test_writer_that_was_stopped_leaves_pages_and_savepoint_as_they_were(tmp_path: Path, kv: KvStore) -> None:
    events = rows(2, 200)
    put(the_reader(BY_CARRIER), events[:100], tmp_path / "first", kv, 100)
    before = dict(kv.scan(b""))

    for reader in (the_reader(BY_CARRIER), goes_on(BY_CARRIER, kv)):
        with pytest.raises(OSError, match="disk full"):
            put(reader, events[100:], tmp_path / f"{reader.behind is None}", FailsAt(kv, 0), 200)  # type: ignore[arg-type]

        assert dict(kv.scan(b"")) == before


def test_nothing_staged_leaves_a_savepoint_and_no_pages(tmp_path: Path, kv: KvStore) -> None:
    reader = the_reader(BY_CARRIER)

    assert write_tiles(reader, tmp_path / "tiles", reader.savepoint((place(0),)), kv) == Written(tiles=0, events=0)

    assert stored(kv, BY_CARRIER) == {}
