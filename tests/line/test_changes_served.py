"""What is fetched of entities that change is their training row, bit by bit: a snapshot, and the stream of its changes.

The batch ends on 4 March 00:00. The changes of the 4th and 5th reach the fetcher only through Flink's tiles. On the 4th
the training rows start from the same snapshot; on the 5th from the next one, which nobody has uploaded yet.

    snapshot of the 3rd (upload) │ changes of the 4th (Flink) │ changes of the 5th (Flink)
                                 │      q: every feature      │    q: what can be taken back
"""

from __future__ import annotations

import json
import random
import struct
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from homes import FILES, Change, happened, write_files, write_tables

from chronon.loaders.config import load_config
from chronon.model.time import DAY, MINUTE, Millis, parse_day
from chronon.runners.deployment import open_deployment
from chronon.runners.training import training_rows
from chronon.serving import Fetcher, Request, Status

pytestmark = pytest.mark.engine

ONLINE = {
    **FILES,
    "chronon.yaml": (
        "tables: data\nstreams: streams\ntarget: local\n"
        "targets:\n  local: {engine: local, home: local}\n  spark: {engine: spark, home: spark}\n"
    ),
    "teams/homes/sources/listings.yaml": FILES["teams/homes/sources/listings.yaml"].replace(
        "    time: changed_ms\n", "    time: changed_ms\n    topic: file://homes.listing_changes\n"
    ),
    "teams/homes/group_bys/host.yaml": (
        "group_by: host\nsource: listings\nkeys: [host]\nonline: true\ntile: 1m\naggregations:\n"
        "  - {input: price, operations: [count, sum, average, variance, max], windows: [3h, 2d, unbounded]}\n"
        "  - {input: kind, operations: [histogram, first, last, last_k(3)], windows: [2d, unbounded]}\n"
        "  - {input: price, operations: [count, sum, min], windows: [1d, unbounded], buckets: kind}\n"
        "  - {input: price, operations: [approx_percentile(0.5), unique_count]}\n"
    ),
    "teams/homes/joins/visit.yaml": FILES["teams/homes/joins/visit.yaml"].replace(
        "join: visit\n", "join: visit\nonline: true\n"
    ),
}
END = (parse_day("2024-03-04") or 0) * DAY
TAKEN_BACK = ("price_count", "price_sum", "price_average", "price_variance", "kind_histogram")


@dataclass(frozen=True)
class Asked:
    """A training row, and the values that were served for the same host and moment."""

    trained: Mapping[str, Any]
    served: Mapping[str, Any]
    statuses: Mapping[str, Status]


@pytest.fixture(scope="module", params=["local", "spark"])
def asked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Asked]:
    """Apply until the 3rd, fetch every visit of the 4th and 5th, apply until the 5th, and pair the answers."""
    engine, root, chance = request.param, tmp_path_factory.mktemp("homes"), random.Random(20240304)
    write_files(root, ONLINE)
    world = happened(chance, MINUTE)
    visits = write_tables(root / "data/homes", world, chance)
    write_topic(root / "streams/homes.listing_changes", world.log, chance)
    chronon(root, "apply", "--target", engine, "--as-of", "2024-03-03", "--yes")
    later = {number: at for number, (_, at) in visits.items() if at >= END}
    config, _findings = load_config(root)
    assert config is not None
    with open_deployment(config, engine) as deployment:
        fetcher = Fetcher(deployment.kv, "prod")
        requests = [Request(keys={"host": visits[number][0]}, at=Millis(at)) for number, at in later.items()]
        vectors = fetcher.fetch("homes.visit", requests)
    chronon(root, "apply", "--target", engine, "--as-of", "2024-03-05", "--yes")
    with open_deployment(config, engine) as deployment:
        rows = {row["visit"]: row for row in training_rows(deployment, "prod", "homes.visit").to_pylist()}
    return [
        Asked(trained=rows[number], served=vector.values, statuses=vector.statuses)
        for number, vector in zip(later, vectors, strict=True)
    ]


def write_topic(folder: Path, log: list[Change], chance: random.Random) -> None:
    """All changes as lines in any order, over two files; what was not there is left out."""
    folder.mkdir(parents=True)
    lines = [
        json.dumps(
            {"host": host, "price": price, "kind": kind, "created_ms": own, "changed_ms": change.at}
            | ({"is_before": True} if change.was_before else {})
        )
        for change in log
        for host, price, kind, own in [change.row]
    ]
    chance.shuffle(lines)
    for number in (0, 1):
        (folder / f"part-{number}.jsonl").write_text("".join(line + "\n" for line in lines[number::2]))


def chronon(root: Path, *arguments: str) -> None:
    command = [Path(sys.executable).with_name("chronon"), *arguments]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]


def bits(value: object) -> object:
    """The value with floats as their bits, so that equality is equality of bits; maps without order."""
    match value:
        case float():
            return struct.pack(">d", value)
        case dict():
            return sorted((key, bits(item)) for key, item in value.items())
        case [(str(), _), *_]:
            return sorted((key, bits(item)) for key, item in value)
        case list():
            return [bits(item) for item in value]
        case _:
            return value


def differing(asked: list[Asked], first: int, operations: tuple[str, ...] = ("",)) -> tuple[int, list[Any]]:
    """How many features of operations were compared on the day that begins at `first`, and those that differ."""
    compared, found = 0, []
    for pair in asked:
        if not first <= pair.trained["ts"] < first + DAY:
            continue
        for name, served in pair.served.items():
            if any(operation in name for operation in operations):
                compared += 1
                if bits(pair.trained[name]) != bits(served):
                    found.append((name, pair.trained["ts"], pair.trained[name], served))
    return compared, found


def test_fetched_features_equal_the_training_rows(asked: list[Asked]) -> None:
    compared, different = differing(asked, END)

    assert not different, f"{len(different)} of {compared}: {different[:10]}"
    assert compared > 1_000


def test_what_can_be_taken_back_equals_the_training_rows_when_the_batch_is_late(asked: list[Asked]) -> None:
    compared, different = differing(asked, END + DAY, TAKEN_BACK)

    assert not different, f"{len(different)} of {compared}: {different[:10]}"
    assert compared > 500


def test_questions_cover_values_that_change_within_a_day(asked: list[Asked]) -> None:
    counts = {(pair.trained["host"], pair.served["homes_host_price_count"]) for pair in asked}

    assert len(counts) > 15
    assert all(set(pair.statuses.values()) <= {Status.NO_ENTITY} for pair in asked)
