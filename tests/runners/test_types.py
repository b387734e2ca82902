"""A column of every type from Parquet through both engines to the training row and the served vector."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from type_world import AS_OF, NESTED, PLAIN, TYPES, a_repository, applied, things_of

from chronon.expressions.arrow import arrow_type
from chronon.model.time import DAY, Millis
from chronon.model.values import plain
from chronon.runners.deployment import Deployment
from chronon.runners.training import rows_of, training_rows
from chronon.serving import Fetcher, Request
from chronon.serving.comparison import is_same
from chronon.serving.replies import requests_of, results_of

MIDNIGHT = ((AS_OF or 0) + 1) * DAY


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_repository(tmp_path_factory.mktemp("lab"))


@pytest.fixture(scope="module")
def local(root: Path) -> Iterator[Deployment]:
    with applied(root, "local") as deployment:
        yield deployment


@pytest.fixture(scope="module")
def spark(root: Path) -> Iterator[Deployment]:
    with applied(root, "spark") as deployment:
        yield deployment


def test_training_rows_keep_every_value_and_type(local: Deployment) -> None:
    table = training_rows(local, "prod", "lab.ask")

    for name, kind in TYPES.items():
        assert table.schema.field(name).type == arrow_type(kind), name
        others = [f"lab_by_{key}_{name}" for key in PLAIN if key != name]
        assert all(table.schema.field(other).type == arrow_type(kind) for other in others), name
        assert any(table[other].null_count < table.num_rows for other in others), name
    assert any(table["lab_counted_name_count"].to_pylist())


def test_passed_on_value_is_that_of_the_snapshot_before(local: Deployment, root: Path) -> None:
    rows = [row for row in rows_of(training_rows(local, "prod", "lab.ask")) if str(row["ds"]) == "2024-01-03"]
    before = things_of(root, "2024-01-02")

    for row in rows:
        known = [thing for thing in before if thing["name"] == row["name"] and row["name"] is not None]
        for name in ("born", "price", "costs", "home", "days", "seal"):
            held = [thing[name] for thing in known if thing[name] is not None]
            found = row[f"lab_by_name_{name}"]
            assert found in held if held else found is None


@pytest.mark.engine
def test_spark_makes_the_rows_of_local(local: Deployment, spark: Deployment) -> None:
    one, other = (training_rows(engine, "prod", "lab.ask") for engine in (local, spark))

    assert one.schema.names == other.schema.names
    assert one.schema.types == other.schema.types
    assert all(map(is_same, rows_of(one), rows_of(other)))
    assert one.num_rows == other.num_rows > 50


@pytest.mark.engine
def test_spark_makes_the_batch_values_of_local(local: Deployment, spark: Deployment) -> None:
    assert len(values(local)) > 20
    assert values(local) == values(spark)


def values(deployment: Deployment) -> dict[bytes, bytes]:
    """Every batch value by its key, without the name of its generation."""
    uploads = [u for dataset in deployment.state.read().uploads for u in deployment.state.uploads(dataset)]
    found = dict(deployment.kv.scan(b"b/"))
    for upload in uploads:
        found = {key.replace(upload.generation.encode(), b"generation"): value for key, value in found.items()}
    return found


@pytest.mark.parametrize("form", ["values", "json"])
def test_served_vector_is_the_training_row_of_the_next_midnight(form: str, local: Deployment, root: Path) -> None:
    """Snapshot features asked on the day after the last upload: what training would see there."""
    asked = rows_of(training_rows(local, "prod", "lab.ask"))[:20]
    keys = [{name: row[name] for name in TYPES} for row in asked]
    if form == "json":
        body = json.dumps([{name: plain(value) for name, value in key.items()} for key in keys])
        keys = [dict(request.keys) for request in requests_of(body.encode())]

    vectors = Fetcher(local.kv, "prod").fetch("lab.ask", [Request(keys=key, at=Millis(MIDNIGHT)) for key in keys])

    snapshot = things_of(root, "2024-01-04")
    for row, vector in zip(asked, vectors, strict=True):
        for name in TYPES:
            assert is_same(vector.values[name], row[name]), name
        assert not set(map(str, vector.statuses.values())) & {"bad_key", "read_failed", "derivation_failed"}
        for key in PLAIN:
            known = [thing for thing in snapshot if is_same(thing[key], row[key]) and row[key] is not None]
            for name in TYPES:
                if name == key:
                    continue
                found = vector.values[f"lab_by_{key}_{name}"]
                held = [thing[name] for thing in known if thing[name] is not None]
                assert any(is_same(found, one) for one in held) if held else found is None, (key, name, found, held)


def test_reply_says_every_type_in_json(local: Deployment) -> None:
    row = next(
        row
        for row in rows_of(training_rows(local, "prod", "lab.ask"))
        if all(row[name] is not None for name in ("name", "price", "seal", "seen", "born"))
    )
    request = Request(keys={name: plain(row[name]) for name in TYPES}, at=Millis(MIDNIGHT))

    vectors = Fetcher(local.kv, "prod").fetch("lab.ask", [request])

    features = json.loads(results_of([request], vectors, ("x",)))["results"][0]["features"]
    assert {name: features[name] for name in TYPES} == {name: plain(row[name]) for name in TYPES}
    assert NESTED.keys() <= features.keys()
