"""A source whose time is a timestamp, in any unit that a table may have, has the features of its twin that counts milliseconds."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from type_world import Silent

from chronon.loaders.config import load_config
from chronon.model.time import DAY, Millis, parse_day
from chronon.model.values import EPOCH
from chronon.planners import make_plan
from chronon.runners.apply import apply_plan
from chronon.runners.deployment import Deployment, open_deployment
from chronon.runners.training import rows_of, training_rows
from chronon.serving import Fetcher, Request
from chronon.serving.comparison import is_same
from chronon.validators import validate

FIRST, DAYS = parse_day("2024-01-01") or 0, 3
AS_OF = parse_day("2024-01-03")
UNITS = (pa.timestamp("us", "UTC"), pa.timestamp("us"), pa.timestamp("ms"), pa.timestamp("s", "UTC"))
COLUMNS = "  columns: {k: string, v: long, at: timestamp, ms: long}\n"
PARTS = "aggregations: [{input: v, operations: [count, sum, last_k(3)], windows: [1d, 3d, 14d]}]\n"
FILES = {
    "chronon.yaml": "tables: data\ntarget: local\ntargets:\n  local: {engine: local, home: local}\n  spark: {engine: spark, home: spark}\n",
    "teams/lab/team.yaml": "team: lab\ndescription: Tries times\nowners: [lab@example.com]\n",
    "teams/lab/sources/moments.yaml": "source: moments\nevents:\n  table: lab.facts\n  time: CAST(at AS long)\n"
    + COLUMNS,
    "teams/lab/sources/counts.yaml": "source: counts\nevents:\n  table: lab.facts\n  time: ms\n" + COLUMNS,
    **{
        f"teams/lab/group_bys/{name}_{accuracy}.yaml": f"group_by: {name}_{accuracy}\nsource: lab.{name}\nkeys: [k]\naccuracy: {accuracy}\n"
        + ("online: true\n" if accuracy == "snapshot" else "")
        + PARTS
        for name in ("moments", "counts")
        for accuracy in ("snapshot", "temporal")
    },
    "teams/lab/joins/now.yaml": "join: now\nleft: lab.moments\nparts: [lab.moments_temporal, lab.counts_temporal]\nstart: 2024-01-02\n",
    "teams/lab/joins/served.yaml": (
        "join: served\nonline: true\nleft: {source: lab.moments, select: {k: k, at: at}}\nparts: [lab.moments_snapshot, lab.counts_snapshot]\n"
        "start: 2024-01-02\nderivations:\n  '*': '*'\n  hour: HOUR(at)\n  asked: UNIX_MILLIS(at)\n  week: DATE_TRUNC('week', CAST(at AS date))\n"
        "  is_late: HOUR(at) >= 22 AND lab_moments_snapshot_v_count_1d IS NOT NULL\n"
    ),
}


def write_table(root: Path) -> None:
    """Three days of facts, a file for each unit; of what is finer than a millisecond, the time knows nothing."""
    chance = random.Random(5)
    for day in range(DAYS):
        folder = root / f"lab/facts/ds=2024-01-{day + 1:02}"
        folder.mkdir(parents=True)
        for number, unit in enumerate(UNITS):
            micros = [
                1_000 * ((FIRST + day) * DAY + chance.randrange(DAY)) + chance.randrange(1_000) for _ in range(20)
            ]
            step = {"s": 1_000_000, "ms": 1_000}.get(unit.unit, 1)
            moments = [value - value % step for value in micros]
            table = pa.table(
                {
                    "k": [chance.choice("abc") for _ in moments],
                    "v": pa.array([chance.randrange(100) for _ in moments], pa.int64()),
                    "at": pa.array(
                        [EPOCH + timedelta(microseconds=value) for value in moments], pa.timestamp("us", "UTC")
                    ).cast(unit),
                    "ms": pa.array([value // 1_000 for value in moments], pa.int64()),
                }
            )
            pq.write_table(table, folder / f"part-{number}.parquet", use_deprecated_int96_timestamps=number == 1)


@contextmanager
def applied(root: Path, target: str) -> Iterator[Deployment]:
    config, _found = load_config(root)
    repository, catalog, found = validate(root)
    assert config is not None, found
    assert repository is not None, found
    assert catalog is not None, found
    with open_deployment(config, target) as deployment:
        tables = deployment.tables.availability(["lab.facts"])
        plan = make_plan(catalog, repository, deployment.state.read(), tables, environment="prod", as_of=AS_OF)
        apply_plan(deployment, plan, holder="test", observer=Silent())
        yield deployment


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("times")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    write_table(folder / "data")
    return folder


@pytest.fixture(scope="module")
def local(root: Path) -> Iterator[Deployment]:
    with applied(root, "local") as deployment:
        yield deployment


@pytest.mark.parametrize("join", ["now", "served"])
def test_features_by_a_timestamp_are_those_by_its_milliseconds(join: str, local: Deployment) -> None:
    rows = rows_of(training_rows(local, "prod", f"lab.{join}"))

    names = [name for name in rows[0] if name.startswith("lab_moments_")]
    assert len(names) == 9
    assert len(rows) == 2 * 20 * len(UNITS)
    for name in names:
        assert any(row[name] for row in rows), name
        assert all(is_same(row[name], row[name.replace("moments", "counts")]) for row in rows), name


def test_time_of_a_row_is_the_millisecond_of_its_timestamp(local: Deployment) -> None:
    rows = rows_of(training_rows(local, "prod", "lab.served"))

    for row in rows:
        since: Any = row["at"] - EPOCH
        assert row["asked"] == row["ts"] == since // timedelta(milliseconds=1)
        assert row["hour"] == row["at"].hour
        assert row["week"] == row["at"].date() - timedelta(days=row["at"].weekday())
        assert row["is_late"] is (row["at"].hour >= 22 and row["lab_moments_snapshot_v_count_1d"] is not None)


def test_served_derivations_of_a_timestamp_are_those_of_training(local: Deployment) -> None:
    rows = rows_of(training_rows(local, "prod", "lab.served"))
    midnight = Millis(((AS_OF or 0) + 1) * DAY)
    requests = [Request(keys={"k": row["k"], "at": row["at"]}, at=midnight) for row in rows]

    vectors = Fetcher(local.kv, "prod").fetch("lab.served", requests)

    for row, vector in zip(rows, vectors, strict=True):
        assert all(is_same(vector.values[name], row[name]) for name in ("hour", "asked", "week"))


@pytest.mark.engine
def test_spark_makes_the_rows_of_local(local: Deployment, root: Path) -> None:
    with applied(root, "spark") as spark:
        for join in ("lab.now", "lab.served"):
            one, other = (training_rows(engine, "prod", join) for engine in (local, spark))

            assert one.schema.types == other.schema.types
            assert one.num_rows == other.num_rows > 100
            assert all(map(is_same, rows_of(one), rows_of(other)))
