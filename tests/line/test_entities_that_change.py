"""Training rows of entities that change are those of a world replayed from its beginning, change by change.

The tables hold a snapshot an evening and the images of every change; the oracle knows the log alone, no day and no
snapshot. So snapshots, mutations, the days between them and two applies one after the other have to fit together.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from homes import FILES, World, happened, write_files, write_tables

from chronon.loaders.config import load_config
from chronon.model.time import DAY, HOUR, parse_day
from chronon.planners import make_plan
from chronon.runners.apply import apply_plan
from chronon.runners.deployment import open_deployment
from chronon.runners.training import training_rows
from chronon.validators import validate

HOPS = {3 * HOUR: HOUR // 12, 2 * DAY: HOUR}


def trained(root: Path, *as_of: str) -> dict[int, dict[str, Any]]:
    """Visit → its training row, after an apply up to each of some days."""
    config, _found = load_config(root)
    repository, catalog, found = validate(root)
    assert config is not None
    assert repository is not None, found
    assert catalog is not None, found
    with open_deployment(config, None) as deployment:
        tables = deployment.tables.availability([f"homes.{name}" for name in ("visits", "listings", "listing_changes")])
        for until in as_of:
            state = deployment.state.read()
            plan = make_plan(catalog, repository, state, tables, environment="prod", as_of=parse_day(until))
            apply_plan(deployment, plan, holder="test", observer=Silent())
        rows = training_rows(deployment, "prod", "homes.visit").to_pylist()
    return {row["visit"]: row for row in rows}


class Silent:
    def __getattr__(self, _name: str) -> Any:
        return lambda *_arguments: None


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, dict[int, tuple[str, int]], Path]:
    root, chance = tmp_path_factory.mktemp("homes"), random.Random(20240301)
    write_files(root, FILES)
    world = happened(chance)
    return world, write_tables(root / "data/homes", world, chance), root


def expected(world: World, host: str, at: int) -> dict[str, Any]:
    rows = [row for row in world.at(at).elements() if row[0] == host]
    found: dict[str, Any] = {}
    for name, window in (("_3h", 3 * HOUR), ("_2d", 2 * DAY), ("", None)):
        tail = -math.inf if window is None else (at - window) // HOPS[window] * HOPS[window]
        prices = [row[1] for row in rows if row[1] is not None and (window is None or tail <= row[3] < at)]
        found |= {
            f"homes_host_price_count{name}": len(prices) or None,
            f"homes_host_price_sum{name}": float(sum(map(Fraction, prices))) if prices else None,
            f"homes_host_price_average{name}": float(sum(map(Fraction, prices)) / len(prices)) if prices else None,
        }
    kinds = Counter(row[2] for row in rows if row[2] is not None)
    priced = Counter(row[2] for row in rows if row[2] is not None and row[1] is not None)
    found["homes_host_kind_histogram"] = dict(kinds) or None
    found["homes_host_price_count_by_kind"] = dict(priced) or None
    return found


def greatest(world: World, host: str, at: int) -> float | None:
    """Of the last evening and all that came since: what went counts until the next evening."""
    evening = at // DAY * DAY
    rows = [*world.at(evening).elements()]
    rows += [change.row for change in world.log if evening <= change.at < at and not change.was_before]
    return max((price for owner, price, _, _ in rows if owner == host and price is not None), default=None)


def as_dicts(row: dict[str, Any]) -> dict[str, Any]:
    return {name: dict(value) if isinstance(value, list) else value for name, value in row.items()}


def test_training_rows_when_entities_change_then_equal_the_replayed_world(
    made: tuple[World, dict[int, tuple[str, int]], Path],
) -> None:
    world, visits, root = made

    rows = trained(root, "2024-03-03", "2024-03-05")

    assert rows.keys() == visits.keys()
    for number, (host, at) in visits.items():
        row = as_dicts(rows[number])
        wanted = expected(world, host, at)
        assert {name: row[name] for name in wanted} == wanted, (host, at)
        assert row["homes_host_price_max"] == greatest(world, host, at), (host, at)
    assert sum(row["homes_host_price_count"] is not None for row in rows.values()) > 150
