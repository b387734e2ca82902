"""Which jobs can be streamed, and what is refused, counted and written without starting Flink."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from flink_builders import SINCE, TOPIC, TYPES, a_job, a_reader, random_events, write_topic
from naive_partials import stage_tiles

from chronon.model.definitions import Column
from chronon.model.errors import ChrononError, InvariantError
from chronon.model.jobs import Streamed
from chronon.model.time import Day, day_start
from chronon.model.types import Decimal, Scalar
from chronon.runners.flink.runner import FlinkRunner, Staged, events_of, put_in
from chronon.runners.flink.script import columns_of, readers_of, script_of
from chronon.runners.flink.topic import take_in
from chronon.stores.kv import KvStore, open_kv

READER = a_reader(
    "carrier", {"carrier": "carrier"}, {"delay": "delay"}, wheres=("delay > 0", "NOT full"), time="at + seats"
)


@pytest.fixture
def kv(tmp_path: Path) -> Iterable[KvStore]:
    store = open_kv(f"lmdb:{tmp_path / 'kv'}")
    yield store
    store.close()


def test_events_to_be_found_are_counted_by_where_keys_and_time(tmp_path: Path) -> None:
    events = random_events(random.Random(4), 2_000)
    (reader,) = readers_of(a_job(READER))
    take_in(write_topic(tmp_path / "streams", events), columns_of([reader]), tmp_path / "into", tmp_path / "letters")

    def counts(event: dict[str, object]) -> bool:
        delay, full, at, seats = (event[name] for name in ("delay", "full", "at", "seats"))
        if delay is None or full is None or at is None or seats is None or event["carrier"] is None:
            return False
        return delay > 0 and not full and at + seats >= day_start(SINCE)  # type: ignore[operator]

    assert 0 < events_of(reader, tmp_path / "into") == sum(map(counts, events))


def test_tiles_that_lack_an_event_are_an_error_and_nothing_is_written(tmp_path: Path, kv: KvStore) -> None:
    plain = a_reader("plain", {"carrier": "carrier"}, {"delay": "delay"})
    events = [event for event in random_events(random.Random(5), 50) if event["at"] is not None]
    (reader,) = readers_of(a_job(plain))
    take_in(write_topic(tmp_path / "streams", events), columns_of([reader]), tmp_path / "into", tmp_path / "letters")
    kept = [event | {"ts": event["at"]} for event in events if event["at"] >= day_start(SINCE)]
    last = max(index for index, row in enumerate(kept) if row["carrier"] is not None)
    stage_tiles(reader, kept[:last] + kept[last + 1 :], tmp_path / "into" / "tiles" / "0")

    staged = Staged(
        reader=reader,
        tiles=tmp_path / "into" / "tiles" / "0",
        events=events_of(reader, tmp_path / "into"),
        savepoint=reader.savepoint(()),
    )

    with pytest.raises(ChrononError, match=r"CHR-R025 tiles of flights\.plain hold \d+ events of \d+"):
        put_in([staged], kv, print)

    assert list(kv.scan(b"")) == []


def test_topic_without_events_needs_no_flink(tmp_path: Path, kv: KvStore, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "streams" / "flights.landed").mkdir(parents=True)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))

    output = FlinkRunner().run_stream(
        a_job(READER), streams=tmp_path / "streams", kv=kv, staging=tmp_path / "staging", progress=print
    )

    assert output == Streamed(topic=TOPIC, since=SINCE, datasets=(READER.dataset,), events=0, tiles=0)


def test_topic_whose_events_all_came_before_needs_no_flink(
    tmp_path: Path, kv: KvStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_topic(tmp_path / "streams", [event | {"at": 0} for event in random_events(random.Random(6), 50)])
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    job = replace(a_job(READER), since=Day(SINCE + 10_000))

    output = FlinkRunner().run_stream(
        job, streams=tmp_path / "streams", kv=kv, staging=tmp_path / "staging", progress=print
    )

    assert (output.events, output.tiles) == (50, 0)


def test_missing_java_is_one_sentence_with_what_to_do(
    tmp_path: Path, kv: KvStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_topic(tmp_path / "streams", random_events(random.Random(6), 50))
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))

    with pytest.raises(ChrononError, match=r"CHR-R003 .*JDK 17.*install"):
        FlinkRunner().run_stream(
            a_job(READER), streams=tmp_path / "streams", kv=kv, staging=tmp_path / "staging", progress=print
        )


def test_group_by_that_reads_a_second_topic_is_refused() -> None:
    (rows,) = READER.group_by.rows
    two = replace(READER, group_by=replace(READER.group_by, rows=(rows, replace(rows, topic="file://other"))))

    with pytest.raises(InvariantError, match=r"one-topic: .*file://other"):
        readers_of(a_job(two))


def test_key_of_every_plain_type_is_grouped_by_the_form_in_which_it_travels(tmp_path: Path) -> None:
    held = {Scalar.TIMESTAMP: "BIGINT", Decimal(12, 2): "BIGINT", Scalar.BINARY: "STRING", Scalar.DATE: "DATE"}

    for kind, name in held.items():
        odd = replace(READER, group_by=replace(READER.group_by, keys=(Column(name="carrier", type=kind),)))
        job = a_job(odd)
        *_others, sink = script_of(readers_of(job), tmp_path / "events", tmp_path / "tiles").definitions

        assert f"sink_0 (`k0` {name}, " in sink


def test_readers_with_one_time_share_a_source_and_all_are_one_job(tmp_path: Path) -> None:
    other = a_reader("origin", {"origin": "origin"}, {"price": "price"}, time="at + seats")
    third = a_reader("flight", {"flight": "flight"}, {"price": "price"})
    job = a_job(READER, other, third)

    script = script_of(readers_of(job), tmp_path / "events", tmp_path / "tiles")

    kinds = [re.match(r"CREATE TEMPORARY (?:TABLE|VIEW) (\w+?)_", text)[1] for text in script.definitions]  # type: ignore[index]
    assert sorted(kinds) == ["reader"] * 3 + ["sink"] * 3 + ["source"] * 2
    assert len(script.inserts) == 3
    assert columns_of(readers_of(job)) == TYPES


def test_folder_with_a_quote_in_its_name_stays_inside_its_literal(tmp_path: Path) -> None:
    job = a_job(READER)

    script = script_of(readers_of(job), tmp_path / "it's", tmp_path / "tiles")

    assert all(text.count("'") % 2 == 0 for text in script.definitions)


def test_column_with_two_types_in_one_topic_is_refused() -> None:
    (rows,) = READER.group_by.rows
    other = replace(rows, columns=(Column(name="delay", type=Scalar.STRING),))
    job = a_job(READER, replace(READER, group_by=replace(READER.group_by, rows=(other,))))

    with pytest.raises(InvariantError, match=r"one-type: column delay .* a long here and a string there"):
        columns_of(readers_of(job))
