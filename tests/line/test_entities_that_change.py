"""Training rows of entities that change are those of a world replayed from its beginning, change by change.

The tables hold a snapshot an evening and the images of every change; the oracle knows the log alone, no day and no
snapshot. So snapshots, mutations, the days between them and two applies one after the other have to fit together.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chronon.loaders.config import load_config
from chronon.model.time import DAY, HOUR, day_text, parse_day
from chronon.planners import make_plan
from chronon.runners.apply import apply_plan
from chronon.runners.deployment import open_deployment
from chronon.runners.training import training_rows
from chronon.validators import validate

FILES = {
    "chronon.yaml": "tables: data\ntarget: local\ntargets:\n  local: {engine: local, home: local}\n",
    "teams/homes/team.yaml": "team: homes\n",
    "teams/homes/sources/visits.yaml": (
        "source: visits\nevents: {table: homes.visits, time: ms, columns: {host: string, visit: long, ms: long}}\n"
    ),
    "teams/homes/sources/listings.yaml": (
        "source: listings\nentities:\n  table: homes.listings\n  time: created_ms\n"
        "  columns: {host: string, price: double, kind: string, created_ms: long}\n"
        "  mutations:\n    table: homes.listing_changes\n    time: changed_ms\n    reversal: is_before\n"
        "    columns: {changed_ms: long, is_before: boolean}\n"
    ),
    "teams/homes/group_bys/host.yaml": (
        "group_by: host\nsource: listings\nkeys: [host]\naccuracy: temporal\naggregations:\n"
        "  - {input: price, operations: [count, sum, average], windows: [3h, 2d, unbounded]}\n"
        "  - {input: kind, operations: histogram}\n"
        "  - {input: price, operations: count, buckets: kind}\n"
        "  - {input: price, operations: max}\n"
    ),
    "teams/homes/joins/visit.yaml": (
        "join: visit\nstart: 2024-03-02\nleft: {source: visits, select: {visit: visit}}\nparts: [host]\n"
    ),
}
FIRST, N_DAYS = parse_day("2024-03-01") or 0, 5
HOPS = {3 * HOUR: HOUR // 12, 2 * DAY: HOUR}
ROW = {"host": pa.string(), "price": pa.float64(), "kind": pa.string(), "created_ms": pa.int64()}

Row = tuple[str, float | None, str | None, int]
"""Host, price, kind, own time."""


@dataclass(frozen=True)
class Change:
    """A row that comes or goes at a moment."""

    at: int
    row: Row
    was_before: bool


@dataclass
class World:
    """What happened, in the order of time."""

    log: list[Change] = field(default_factory=list)

    def at(self, moment: int) -> Counter[Row]:
        """The rows that are there just before a moment."""
        held: Counter[Row] = Counter()
        for change in self.log:
            if change.at < moment:
                held[change.row] += -1 if change.was_before else 1
        return held


def happened(chance: random.Random) -> World:
    """Listings of a few hosts come, change and go; some at midnight, some several at a time."""
    world, held = World(), []
    moments = [FIRST * DAY + chance.randrange(N_DAYS * DAY) for _ in range(150)]
    moments += [(FIRST + day) * DAY + off for day in range(1, N_DAYS) for off in (-1, 0, 1, 0)]
    for at in sorted(moments):
        if held and chance.random() < 0.6:
            world.log.append(Change(at, held.pop(chance.randrange(len(held))), True))
        if chance.random() < 0.8:
            prices, kinds = [0.1, 0.2, 1e16, -1e16, 3.0, None], ["flat", "house", None]
            created = at - chance.choice([0, HOUR, DAY, 3 * DAY])
            held.append((chance.choice("abc"), chance.choice(prices), chance.choice(kinds), created))
            world.log.append(Change(at, held[-1], False))
    return world


def write_tables(root: Path, world: World, chance: random.Random) -> dict[int, tuple[str, int]]:
    """The tables, and visit → (host, moment): at random and beside every fifth change."""
    moments = [FIRST * DAY + DAY + chance.randrange((N_DAYS - 1) * DAY) for _ in range(120)]
    moments += [change.at + off for change in world.log[::5] for off in (0, 1)]
    visits = {number: (chance.choice("abcd"), at) for number, at in enumerate(moments)}
    for day in range(FIRST, FIRST + N_DAYS):
        rows = list(world.at((day + 1) * DAY).elements())
        columns = zip(*rows, strict=True) if rows else [[]] * 4
        write(root / "listings", day, {name: list(values) for name, values in zip(ROW, columns, strict=True)}, ROW)
        today = [change for change in world.log if change.at // DAY == day]
        images: dict[str, list[Any]] = {name: [c.row[at] for c in today] for at, name in enumerate(ROW)}
        images |= {"changed_ms": [c.at for c in today], "is_before": [c.was_before for c in today]}
        write(root / "listing_changes", day, images, ROW | {"changed_ms": pa.int64(), "is_before": pa.bool_()})
        asked = [(host, number, at) for number, (host, at) in visits.items() if at // DAY == day]
        left = {name: [one[at] for one in asked] for at, name in enumerate(("host", "visit", "ms"))}
        write(root / "visits", day, left, {"host": pa.string(), "visit": pa.int64(), "ms": pa.int64()})
    return {number: asked for number, asked in visits.items() if FIRST < asked[1] // DAY < FIRST + N_DAYS}


def write(folder: Path, day: int, columns: dict[str, list[Any]], schema: dict[str, Any]) -> None:
    path = folder / f"ds={day_text(day)}"
    path.mkdir(parents=True)
    pq.write_table(pa.table({name: pa.array(columns[name], kind) for name, kind in schema.items()}), path / "p.parquet")


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
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
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
