"""Events through Flink become the very bytes that the core folds from them."""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flink_builders import SINCE, TOPIC, a_job, a_reader, folded_pages, random_events, stored_pages, write_topic

from chronon.model.errors import ChrononError
from chronon.model.jobs import Streamed, StreamedGroupBy
from chronon.model.time import day_start
from chronon.runners.flink.runner import FlinkRunner
from chronon.stores.kv import KvStore, open_kv

pytestmark = pytest.mark.engine

BY_CARRIER = a_reader(
    "carrier",
    {"carrier": "carrier"},
    {name: name for name in ("delay", "seats", "price", "weight", "full", "note")},
    buckets=("origin", "carrier"),
)
BY_FLIGHT = a_reader(
    "flight",
    {"number": "flight", "home": "origin"},
    {"late": "IF(delay > 15, 1, NULL)", "cost": "price * 1e300", "label": "UPPER(note) || '!'"},
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
            "cost": None if event["price"] is None else event["price"] * 1e300,
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
        return stored_pages(self.kv, reader)


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


def test_output_counts_good_lines_and_tiles_and_says_where_the_bad_ones_are(run: Run) -> None:
    letters = run.staging / "dead_letters.jsonl"
    carriers = {(row["carrier"], row["ts"] // 300_000) for row in rows_by_carrier(run.events)}
    flights = {(row["number"], row["home"], row["ts"] // 60_000) for row in rows_by_flight(run.events)}

    assert run.output == Streamed(
        topic=TOPIC,
        since=SINCE,
        datasets=(BY_CARRIER.dataset, BY_FLIGHT.dataset),
        events=len(run.events),
        tiles=len(carriers) + len(flights),
        late=0,
        position=sum(path.stat().st_size for path in run.streams.rglob("*.jsonl")),
        read=sum(path.stat().st_size for path in run.streams.rglob("*.jsonl")),
    )
    assert [json.loads(line)["line"] for line in letters.read_text().splitlines()] == [1001, 1002, 1004, 1005]
    assert any("4 lines do not fit, the first is part-1.jsonl line 1001" in text for text in run.said)


def test_flink_listens_on_loopback_only(run: Run) -> None:
    (log,) = (run.staging / "stream/0").glob("flink-*.log")

    addresses = re.findall(r"(?:BLOB server|endpoint listening) at ([\d.]+):", log.read_text())

    assert len(addresses) > 1
    assert set(addresses) == {"127.0.0.1"}


def test_flink_that_is_killed_changes_nothing_and_the_next_run_gives_the_same_bytes(run: Run, tmp_path: Path) -> None:
    before = run.pages(BY_CARRIER), run.pages(BY_FLIGHT)
    killer = threading.Thread(target=kill_flink_at_work, args=(tmp_path,))
    killer.start()
    with pytest.raises(ChrononError, match="CHR-R024"):
        run.again(tmp_path)
    killer.join()
    assert (run.pages(BY_CARRIER), run.pages(BY_FLIGHT)) == before
    wait_until(lambda: not processes_with(str(tmp_path)))

    output = run.again(tmp_path)

    assert output == run.output
    assert (run.pages(BY_CARRIER), run.pages(BY_FLIGHT)) == before


def test_parent_that_is_killed_takes_flink_with_it(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from chronon.runners.flink.runner import run_flink\n"
        "from chronon.runners.flink.script import Script\n"
        "run_flink(Script(definitions=(), inserts=tuple(sys.argv[2:])), Path(sys.argv[1]), print)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.DEVNULL)
    process_with("java", tmp_path)

    parent.kill()
    parent.wait()

    wait_until(lambda: not processes_with(str(tmp_path)))
    assert processes_with(str(tmp_path)) == []


def kill_flink_at_work(staging: Path) -> None:
    """Kill the child once its job runs."""

    def is_running() -> bool:
        logs = [path.read_text(errors="replace") for path in (staging / "stream/0").glob("flink-*.log")]
        return any("switched from state CREATED to RUNNING" in log for log in logs)

    wait_until(is_running)
    os.kill(process_with("chronon.runners.flink.main", staging), signal.SIGKILL)


def processes_with(*words: str) -> list[int]:
    """Processes whose command line holds all of these."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                command = (entry / "cmdline").read_bytes().decode(errors="replace")
                found += [int(entry.name)] if all(word in command for word in words) else []
    return [pid for pid in found if pid != os.getpid()]


def process_with(word: str, folder: Path) -> int:
    """The process that works in a folder, once its Java runs."""
    wait_until(lambda: bool(processes_with("java", str(folder))))
    return processes_with(word, str(folder))[0]


def wait_until(holds: Callable[[], bool], timeout_s: float = 120) -> None:
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline
        threading.Event().wait(0.1)
