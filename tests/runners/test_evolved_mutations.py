"""Entities and their mutations whose columns were renamed give the numbers of tables that were always so.

        2024-01-01 .. 03                         2024-01-04 ..
rows    fee                                      price
images  fee, at (when), old (what was before)    price, changed_ms, is_before
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from type_world import Silent

from chronon.loaders.config import load_config
from chronon.model.time import parse_day
from chronon.planners import make_plan
from chronon.runners.apply import apply_plan
from chronon.runners.deployment import open_deployment
from chronon.runners.training import training_rows
from chronon.validators import validate

SOURCE = """\
source: listings
entities:
  table: homes.listings
  time: created_ms
  columns: {host: string, price: PRICE, created_ms: long}
  mutations:
    table: homes.listing_changes
    time: changed_ms
    reversal: is_before
    columns: {changed_ms: CHANGED, is_before: BEFORE}
"""
DECLARED = {"PRICE": "double", "CHANGED": "long", "BEFORE": "boolean"}
RENAMED = {
    "PRICE": "{type: double, alias: [cost, fee]}",
    "CHANGED": "{type: long, alias: at}",
    "BEFORE": "{type: boolean, alias: old}",
}
FILES = {
    "chronon.yaml": (
        "tables: data\ntarget: local\n"
        "targets:\n  local: {engine: local, home: local}\n  spark: {engine: spark, home: spark}\n"
    ),
    "teams/homes/team.yaml": "team: homes\n",
    "teams/homes/sources/asks.yaml": """\
source: asks
events: {table: homes.asks, time: ms, columns: {host: string, ms: long}}
""",
    "teams/homes/group_bys/host.yaml": """\
group_by: host
source: listings
accuracy: temporal
keys: [host]
aggregations:
  - {input: price, operations: [sum, count, max], windows: [2d, unbounded]}
""",
    "teams/homes/joins/ask.yaml": "join: ask\nstart: 2024-01-02\nleft: asks\nparts: [host]\n",
}
FORMER = {"price": "fee", "changed_ms": "at", "is_before": "old"}
FIRST, DAYS, LAST_DAY, RENAMED_ON = parse_day("2024-01-01") or 0, 6, "2024-01-06", 3
HOUR = 3_600_000


def tables(day: int) -> Mapping[str, pa.Table]:
    """Three listings, one of which gets another price at noon of every day; the questions of the day."""
    start = (FIRST + day) * 24 * HOUR
    noon = start + 12 * HOUR
    prices = [10.1 + day, 20.2, 30.3 + day / 8]
    created = [start - 30 * HOUR, start - 3 * HOUR, start - 400 * HOUR]
    rows = pa.table({"host": ["a", "a", "b"], "price": prices, "created_ms": created})
    images = pa.table(
        {
            "host": ["a", "a"],
            "price": [10.1 + day - 1, 10.1 + day],
            "created_ms": [created[0]] * 2,
            "changed_ms": [noon] * 2,
            "is_before": [True, False],
        }
    )
    asks = pa.table({"host": ["a", "a", "b", "c"], "ms": [start + hour * HOUR for hour in (3, 13, 20, 21)]})
    return {"listings": rows, "listing_changes": images, "asks": asks}


def rows_of(root: Path, types: Mapping[str, str], target: str, *, is_evolved: bool) -> pa.Table:
    source = SOURCE
    for word, text in types.items():
        source = source.replace(word, text)
    for path, text in {**FILES, "teams/homes/sources/listings.yaml": source}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    for day in range(DAYS):
        for name, table in tables(day).items():
            folder = root / f"data/homes/{name}/ds=2024-01-{day + 1:02}"
            folder.mkdir(parents=True)
            is_old = is_evolved and day < RENAMED_ON
            names = [FORMER.get(column, column) if is_old else column for column in table.column_names]
            pq.write_table(table.rename_columns(names), folder / "part.parquet")
    config, _ = load_config(root)
    repository, catalog, found = validate(root)
    assert config is not None
    assert catalog is not None, found
    with open_deployment(config, target) as deployment:
        available = deployment.tables.availability([f"homes.{name}" for name in tables(0)])
        state = deployment.state.read()
        plan = make_plan(catalog, repository, state, available, environment="prod", as_of=parse_day(LAST_DAY))
        apply_plan(deployment, plan, holder="test", observer=Silent())
        return training_rows(deployment, "prod", "homes.ask")


@pytest.mark.parametrize("target", ["local", pytest.param("spark", marks=pytest.mark.engine)])
def test_images_of_several_names_then_give_the_rows_of_one_name(tmp_path: Path, target: str) -> None:
    always = rows_of(tmp_path / "always", DECLARED, "local", is_evolved=False)

    evolved = rows_of(tmp_path / "evolved", RENAMED, target, is_evolved=True)

    assert always.num_rows == 4 * (DAYS - 1)
    assert len(set(always["homes_host_price_sum"].to_pylist())) > DAYS
    assert evolved.equals(always)
