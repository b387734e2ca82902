"""Events through Flink become the very bytes that the core folds from them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flink_builders import SINCE, TOPIC, a_job, a_reader, folded_pages, random_events, write_topic

from chronon.model.jobs import Streamed, StreamedGroupBy
from chronon.model.time import day_start
from chronon.runners.flink.runner import FlinkRunner
from chronon.stores.kv import KvStore, open_kv
from chronon.stores.kv.layout import page_prefix

pytestmark = pytest.mark.engine

BY_CARRIER = a_reader(
    "carrier",
    {"carrier": "carrier"},
    {name: name for name in ("delay", "seats", "price", "weight", "full", "note")},
    bucket="origin",
)
BY_FLIGHT = a_reader(
    "flight",
    {"number": "flight", "home": "origin"},
    {"late": "IF(delay > 15, 1, NULL)", "cost": "price * 2", "label": "UPPER(note) || '!'"},
    wheres=("full", "delay IS NOT NULL"),
    time="at + seats * 1000",
    tile=60_000,
)


def rows_by_carrier(events: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for event in events:
        if event["at"] is not None and event["at"] >= day_start(SINCE) and event["carrier"] is not None:
            yield event | {"ts": event["at"]}


def rows_by_flight(events: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for event in events:
        at, seats, delay, note = event["at"], event["seats"], event["delay"], event["note"]
        if not event["full"] or delay is None or at is None or seats is None or at + seats * 1000 < day_start(SINCE):
            continue
        if event["flight"] is None or event["origin"] is None:
            continue
        yield {
            "ts": at + seats * 1000,
            "number": event["flight"],
            "home": event["origin"],
            "late": 1 if delay > 15 else None,
            "cost": None if event["price"] is None else event["price"] * 2,
            "label": None if note is None else upper_ascii(note) + "!",
        }


def upper_ascii(text: str) -> str:
    return "".join(chr(ord(c) - 32) if "a" <= c <= "z" else c for c in text)


@dataclass(frozen=True)
class Run:
    events: list[dict[str, Any]]
    streams: Path
    kv: KvStore
    staging: Path
    output: Streamed
    said: list[str]

    def again(self, staging: Path) -> Streamed:
        job = a_job(BY_CARRIER, BY_FLIGHT)
        return FlinkRunner().run_stream(
            job, streams=self.streams, kv=self.kv, staging=staging, progress=self.said.append
        )

    def pages(self, reader: StreamedGroupBy) -> dict[bytes, bytes]:
        return dict(self.kv.scan(page_prefix(reader.dataset)))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Two readers over 3,000 events in disorder, and four lines that are no events."""
    root = tmp_path_factory.mktemp("flink")
    events = random_events(random.Random(27), 3_000)
    folder = write_topic(root / "streams", events)
    with (folder / "part-1.jsonl").open("a") as file:
        file.write('{"carrier": "AA", "at": "yesterday"}\nno json\n\n{"carrier": 7}\n[1]\n')
    kv = open_kv(f"lmdb:{root / 'kv'}")
    said: list[str] = []
    output = FlinkRunner().run_stream(
        a_job(BY_CARRIER, BY_FLIGHT), streams=root / "streams", kv=kv, staging=root / "staging", progress=said.append
    )
    yield Run(events=events, streams=root / "streams", kv=kv, staging=root / "staging", output=output, said=said)
    kv.close()


def test_pages_are_the_bytes_of_folded_events_for_every_operation(run: Run) -> None:
    assert run.pages(BY_CARRIER) == folded_pages(BY_CARRIER, rows_by_carrier(run.events))


def test_pages_of_a_second_reader_with_expressions_are_those_of_its_own_rows(run: Run) -> None:
    assert run.pages(BY_FLIGHT) == folded_pages(BY_FLIGHT, rows_by_flight(run.events))
