"""The law of the platform on real flights: what is fetched at (key, time) is the training row of (key, time), bit by bit.

Batch ends on 27 February 00:00; the arrivals of the 27th and 28th reach the fetcher only through Flink's tiles, the
training rows only through the tables. The questions are random keys at random milliseconds of those two days.

    batch (upload)                         | tiles (Flink)
    ──────────30 d──────7 d─────1 d────────┼───3 h──────q
"""

from __future__ import annotations

import json
import random
import re
import shutil
import struct
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chronon.loaders.config import load_config
from chronon.model.time import DAY, Millis, parse_day
from chronon.runners.deployment import open_deployment
from chronon.runners.training import training_rows
from chronon.serving import Fetcher, Request, Status

ROOT = Path(__file__).parents[2]
PAIRS_A_DAY = 700
STREAMED = ("2013-02-27", "2013-02-28")
LABEL = "arrival_delay"

pytestmark = pytest.mark.engine

Row = dict[str, object]


@dataclass(frozen=True)
class Asked:
    """A training row, the values that were served for the same keys and time, and what the fetcher said of them.

    stale: columns that the fetcher itself says are of another day than training uses.
    """

    trained: Row
    served: Mapping[str, object]
    statuses: Mapping[str, Status]
    stale: frozenset[str]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the flights whose departures of the last two days are random questions."""
    root = tmp_path_factory.mktemp("flights")
    shutil.copy(ROOT / "chronon.yaml", root)
    shutil.copytree(ROOT / "teams", root / "teams")
    chance = random.Random(20130227)
    for day in STREAMED:
        path = root / f"teams/data/airlines/departures/ds={day}/part-0.parquet"
        real = pq.read_table(path)
        pq.write_table(pa.Table.from_pylist(questions(real.to_pylist(), day, chance), real.schema), path)
    return root


def questions(real: list[Row], day: str, chance: random.Random) -> list[Row]:
    """Keys of real flights, mixed so that routes and planes nobody has seen are among them, at random milliseconds."""
    start = (parse_day(day) or 0) * DAY
    return [
        {
            "carrier": chance.choice(real)["carrier"],
            "flight": number,
            "tailnum": chance.choice([chance.choice(real)["tailnum"], chance.choice(real)["tailnum"], "N0NE"]),
            "origin": chance.choice(real)["origin"],
            "dest": chance.choice(real)["dest"],
            "distance": chance.randrange(5000),
            "scheduled_departure_ms": start + chance.randrange(DAY),
            "arr_delay": None,
        }
        for number in range(PAIRS_A_DAY)
    ]


@pytest.fixture(scope="module", params=["local", "spark"])
def asked(request: pytest.FixtureRequest, repository: Path) -> list[Asked]:
    """Apply until the 26th, fetch every question, apply until the 28th, and pair the answers with the training rows."""
    engine = request.param
    chronon(repository, "apply", "--target", engine, "--as-of", "2013-02-26", "--yes")
    rows = [row for day in STREAMED for row in questions_of(repository, day)]
    served = []
    config, _findings = load_config(repository)
    assert config is not None
    with open_deployment(config, engine) as deployment:
        fetcher = Fetcher(deployment.kv, "prod")
        for row in rows:
            keys = {name: row[name] for name in ("carrier", "tailnum", "origin", "dest", "distance")}
            at = Millis(int(str(row["scheduled_departure_ms"])))
            served.extend(fetcher.fetch("delays.departure", [Request(keys=keys, at=at)]))
        parts = fetcher.schema("delays.departure").parts
    chronon(repository, "apply", "--target", engine, "--as-of", "2013-02-28", "--yes")
    with open_deployment(config, engine) as deployment:
        trained = training_rows(deployment, "prod", "delays.departure").to_pylist()
    by_question = {
        (row["carrier"], row["tailnum"], row["origin"], row["dest"], row["distance"], row["ts"]): row
        for row in trained
        if str(row["ds"]) in STREAMED
    }
    return [
        Asked(
            trained=by_question[
                row["carrier"],
                row["tailnum"],
                row["origin"],
                row["dest"],
                row["distance"],
                row["scheduled_departure_ms"],
            ],
            served=vector.values,
            statuses=vector.statuses,
            stale=frozenset(
                column
                for label, status in vector.statuses.items()
                if status is Status.STALE
                for column in parts.get(label, (label,))
            ),
        )
        for row, vector in zip(rows, served, strict=True)
    ]


@contextmanager
def serving(repository: Path, engine: str) -> Iterator[str]:
    """The address of a `chronon serve` that ends with the block."""
    command = [Path(sys.executable).with_name("chronon"), "serve", "--target", engine, "--port", "0"]
    with subprocess.Popen(
        command, cwd=repository, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as server:
        try:
            ready = server.stdout.readline() if server.stdout else ""
            address = re.search(r"http://127\.0\.0\.1:\d+", ready)
            assert address, ready
            yield address[0]
        finally:
            server.terminate()


def questions_of(repository: Path, day: str) -> list[Row]:
    return pq.read_table(repository / f"teams/data/airlines/departures/ds={day}/part-0.parquet").to_pylist()


def chronon(repository: Path, *arguments: str) -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("chronon"), *arguments],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]


def bits(value: object) -> object:
    """The value with floats as their bits, so that equality is equality of bits; maps without order."""
    match value:
        case float():
            return struct.pack(">d", value)
        case list() | tuple():
            return [bits(item) for item in value]
        case dict():
            return sorted((key, bits(item)) for key, item in value.items())
        case _:
            return value


def is_pair_list(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, tuple) for item in value)


def test_every_fetched_feature_equals_its_training_row(asked: list[Asked]) -> None:
    compared, different = 0, []
    for pair in asked:
        for name, served in pair.served.items():
            trained = pair.trained[name]
            trained = dict(trained) if is_pair_list(trained) and trained else trained
            if name in pair.stale:
                continue
            compared += 1
            if bits(trained) != bits(served):
                different.append((name, pair.trained["ts"], trained, served))

    print(f"{compared:,} values of {len(asked):,} questions compared, {len(different)} differ")  # shown by `pytest -rP`
    assert not different, f"{len(different)} of {compared}: {different[:10]}"
    assert len(asked) == 2 * PAIRS_A_DAY
    assert compared > 100 * len(asked)


def test_questions_cover_windows_that_begin_in_the_batch_and_end_in_the_stream(asked: list[Asked]) -> None:
    # A count of 7 days that differs from one question of a carrier to the next comes from both sides of the boundary.
    counts = {(p.trained["carrier"], p.trained["airlines_carrier_delay_count_7d"]) for p in asked}
    short = {(p.trained["origin"], p.trained["airports_origin_delay_count_3h"]) for p in asked}

    assert len(counts) > 150
    assert len(short) > 150


def test_served_vector_lacks_nothing_but_the_label(asked: list[Asked]) -> None:
    names = set(asked[0].trained) - {"ds", "ts", LABEL}

    assert all(set(pair.served) == names for pair in asked)


def test_unknown_plane_is_null_with_a_status_on_both_sides(asked: list[Asked]) -> None:
    unknown = [pair for pair in asked if pair.trained["tailnum"] == "N0NE"]

    assert unknown
    assert all(pair.trained["airlines_tail_delay_count_7d"] is None for pair in unknown)
    assert all(Status.NO_ENTITY in pair.statuses.values() for pair in unknown)


def test_http_serves_the_same_values(asked: list[Asked], repository: Path, request: pytest.FixtureRequest) -> None:
    some = asked[:: len(asked) // 50]
    names = ("carrier", "tailnum", "origin", "dest", "distance")
    body = {"requests": [{"keys": {n: p.trained[n] for n in names}, "at": p.trained["ts"]} for p in some]}

    with serving(repository, request.node.callspec.params["asked"]) as address:
        url = f"{address}/v1/features/join/delays.departure"
        with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), method="POST")) as reply:  # noqa: S310
            results = json.load(reply)["results"]

    assert [bits(result["features"]) for result in results] == [bits(dict(pair.served)) for pair in some]
