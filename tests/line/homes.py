"""A world of listings that come, change and go, and its tables: a snapshot an evening and the images of every change."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from chronon.model.time import DAY, HOUR, day_text, parse_day

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


def happened(chance: random.Random, step: int = 1) -> World:
    """Listings of a few hosts come, change and go, at multiples of a step; some at midnight, some several at a time.

    Most were created before their first change, some are to be created later.
    """
    world, held = World(), []
    moments = [FIRST * DAY + chance.randrange(N_DAYS * DAY) for _ in range(150)]
    moments += [(FIRST + day) * DAY + off for day in range(1, N_DAYS) for off in (-1, 0, 1, 0)]
    for at in sorted(moment - moment % step for moment in moments):
        if held and chance.random() < 0.6:
            world.log.append(Change(at, held.pop(chance.randrange(len(held))), True))
        if chance.random() < 0.8:
            prices, kinds = [0.1, 0.2, 1e16, -1e16, 3.0, None], ["flat", "house", None]
            created = at - chance.choice([0, HOUR, DAY, 3 * DAY, -2 * HOUR - 1])
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


def write_files(root: Path, files: Mapping[str, str]) -> None:
    """The files of a repository."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
