"""Soundness of plans: whatever was edited, applying the plans one after the other ends where a rebuild from nothing does.

Real plans, applied by the real engine to real files and stores; training rows and served values are compared cell by cell
and bit by bit. Examples rotate with the commit; CHRONON_SOUNDNESS says how many, CHRONON_SEED which.
"""

from __future__ import annotations

import os
import random
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import reduce
from itertools import islice
from operator import and_
from pathlib import Path
from typing import Any

import pytest
from cells import cells
from worlds import (
    FIRST,
    N_DAYS,
    TABLES,
    Definitions,
    day_folder,
    edited,
    some_definitions,
    write_day,
    write_definitions,
    write_tables,
)

from chronon.cli.drafting import tables_of
from chronon.loaders.config import load_config
from chronon.model.corrections import Correction
from chronon.model.dayset import DaySet
from chronon.model.definitions import Catalog, Join
from chronon.model.live import Observed
from chronon.model.names import ObjectId
from chronon.model.specs import Repository
from chronon.model.state import State
from chronon.model.time import DAY, Day, Millis
from chronon.planners import make_plan
from chronon.runners.apply import apply_plan
from chronon.runners.deployment import Deployment, open_deployment
from chronon.runners.training import training_rows
from chronon.schemas.wire import from_json
from chronon.serving import Fetcher, Request
from chronon.stores.tables.marks import moved
from chronon.validators import validate

EXAMPLES = int(os.environ.get("CHRONON_SOUNDNESS", "300"))
CORRECTING = 0.5
"""Of so many examples rows are corrected too, beside the definitions."""
CHUNKS = 12
WORLDS = 4


def revision() -> int:
    """A number that is another one in each commit; 0 outside git."""
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short=8", "HEAD"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return int(found.stdout, 16) if found.returncode == 0 else 0


SEED = int(os.environ.get("CHRONON_SEED", revision()))


class Silent:
    """Watches an apply and says nothing."""

    def __getattr__(self, _name: str) -> Any:
        return lambda *_arguments: None


Told = dict[str, DaySet]


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folders = [tmp_path_factory.mktemp(f"world{number}") for number in range(WORLDS)]
    for number, folder in enumerate(folders):
        write_tables(folder, number)
    return folders


@contextmanager
def deployed(root: Path) -> Iterator[Deployment]:
    config, _found = load_config(root)
    assert config is not None
    with open_deployment(config) as deployment:
        yield deployment


def meaning(root: Path, tables: Path, definitions: Definitions) -> tuple[Repository, Catalog] | None:
    """What the definitions say, written into a folder; None when a check refuses them."""
    shutil.rmtree(root / "teams", ignore_errors=True)
    write_definitions(root, tables, definitions)
    repository, catalog, _found = validate(root)
    return (repository, catalog) if catalog is not None else None


def apply(deployment: Deployment, declared: tuple[Repository, Catalog], as_of: Day, told: Told | None = None) -> None:
    """told: table → days of it that somebody says were corrected; the others, files have to tell."""
    repository, catalog = declared

    def planned(state: State, told: Told) -> Any:
        available = deployment.tables.availability(tables_of(catalog))
        found = moved(deployment.tables, deployment.state.marks())
        said = [Correction(table=table, days=days) for table, days in {**found.rewritten, **told}.items()]
        seen = Observed(corrected=(*said, *found.corrected))
        return make_plan(catalog, repository, state, available, environment="prod", as_of=as_of, observed=seen)

    plan = planned(deployment.state.read(), told or {})
    if not plan.is_empty:
        gates = [gate.id for gate in plan.gates]
        deployment.state.approve(plan.id, plan.base_serial, gates, who="test", reason="a random edit", now=0.0)
        apply_plan(deployment, plan, holder="test", observer=Silent())
    assert planned(deployment.state.read(), {}).is_empty


def bits(value: object) -> object:
    """A served value, floats as their bits."""
    if isinstance(value, float):
        return struct.pack(">d", value)
    if isinstance(value, list | tuple):
        return tuple(map(bits, value))
    if isinstance(value, dict):
        return tuple((key, bits(one)) for key, one in value.items())
    return value


def trained(deployment: Deployment, name: str, days: DaySet) -> bytes:
    return cells(training_rows(deployment, "prod", name, days))


def computed(deployment: Deployment, join: ObjectId) -> DaySet:
    """The days on which every column of a join is there; labels may not be known yet."""
    state = deployment.state.read()
    snapshot = state.environment("prod").snapshots[join]
    left = snapshot.left
    assert left is not None
    labels = {column.name for column in from_json(snapshot.definition, Join).outcomes}
    columns = {column for name, column in snapshot.columns.items() if name not in labels}
    return reduce(and_, (state.computed.get((left, one), DaySet()) for one in {left, *columns}))


def visible(deployment: Deployment, catalog: Catalog, fresh: Deployment, as_of: Day) -> dict[str, object]:
    """What users of a deployment see: rows of the days that the fresh one has, and values after the last day."""
    seen: dict[str, object] = {}
    for join in catalog.joins.values():
        days = computed(fresh, join.id)
        if days:
            seen[f"rows of {join.id}"] = trained(deployment, str(join.id), days)
    fetcher = Fetcher(deployment.kv, "prod")
    moment = Millis((as_of + 1) * DAY + DAY // 3)
    asked = [Request(keys={"user": f"u{n}", "card": f"c{n % 2}"}, at=moment) for n in range(4)]
    for group_by in catalog.group_bys.values():
        if group_by.online:
            vectors = fetcher.fetch(str(group_by.id), asked)
            seen[f"served by {group_by.id}"] = [bits(dict(sorted(vector.values.items()))) for vector in vectors]
    return seen


@pytest.fixture
def homes(tmp_path: Path) -> Iterator[Path]:
    """A folder for many deployments, in memory where there is room for it: each example syncs a hundred small files."""
    memory = Path("/dev/shm")  # noqa: S108 - a name of its own is made in it
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_plans_when_applied_one_after_another_then_end_where_a_rebuild_does(
    chunk: int, tables: list[Path], homes: Path
) -> None:
    told: list[str] = []
    for number in range(chunk, EXAMPLES, CHUNKS):
        home, chance = homes / str(number), random.Random(f"{SEED}/{number}")
        if differing := example(home, tables[number % WORLDS], chance):
            told.append(f"CHRONON_SEED={SEED}, example {number}: {differing}")
        shutil.rmtree(home)

    assert told == []


def example(home: Path, tables: Path, chance: random.Random) -> str:
    """One world with one to five edits; what differs afterwards, and after which edits; empty when nothing does."""
    grown, new, names = home / "grown", home / "new", []
    if corrects := chance.random() < CORRECTING:
        tables = Path(shutil.copytree(tables, home / "tables"))
        for table in chance.sample(TABLES, chance.randint(0, 1)):
            shutil.rmtree(day_folder(tables, table, chance.randrange(N_DAYS)))
    _, definitions, declared = next(_valid(grown, tables, _endless(chance)))
    as_of = Day(FIRST + chance.randint(3, N_DAYS - 1))
    with deployed(grown) as deployment:
        apply(deployment, declared, as_of)
        for _ in range(chance.randint(1, 5)):
            name, definitions, declared = next(_valid(grown, tables, edited(chance, definitions)))
            names.append(name)
            as_of = Day(min(FIRST + N_DAYS - 1, as_of + chance.choice([0, 0, 1])))
            told = corrected(chance, tables, names) if corrects else {}
            apply(deployment, declared, as_of, told)
        write_definitions(new, tables, definitions)
        with deployed(new) as fresh:
            apply(fresh, declared, as_of)
            ours, rebuilt = (visible(one, declared[1], fresh, as_of) for one in (deployment, fresh))
    return (
        "" if ours == rebuilt else f"{', '.join(k for k in rebuilt if ours[k] != rebuilt[k])} after {', '.join(names)}"
    )


def corrected(chance: random.Random, tables: Path, names: list[str]) -> Told:
    """Other rows on some days of some tables; of half of the tables somebody says so."""
    told: Told = {}
    for table in chance.sample(TABLES, chance.randint(0, 2)):
        days = sorted(chance.sample(range(N_DAYS), chance.randint(1, 2)))
        names.append(f"rows of {table}")
        for day in days:
            write_day(tables, table, day, chance)
        if chance.random() < 0.5:
            told[f"shop.{table}"] = DaySet.days(FIRST + day for day in days)
    return told


def _endless(chance: random.Random) -> Iterator[tuple[str, Definitions]]:
    while True:
        yield "", some_definitions(chance)


def _valid(
    root: Path, tables: Path, candidates: Iterator[tuple[str, Definitions]]
) -> Iterator[tuple[str, Definitions, tuple[Repository, Catalog]]]:
    """Those candidates that the checks accept, of the next hundred, with their meaning."""
    for name, found in islice(candidates, 100):
        if declared := meaning(root, tables, found):
            yield name, found, declared
