"""Equal meaning, no work: definitions that are written in another way leave the plan empty.

10,000 rewrites by `make soak`, another part of them in each commit; CHRONON_REWRITES says how many, CHRONON_SEED which.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from planner_builders import applied
from rewriting import Document, cosmetic, otherwise, respelled, written
from test_soundness import SEED

from cases import SHOP
from chronon.expressions import analyse
from chronon.loaders import load
from chronon.loaders.yaml import parse
from chronon.model.dayset import DaySet
from chronon.model.plan import Plan
from chronon.model.state import State
from chronon.model.time import parse_day
from chronon.model.types import Scalar
from chronon.planners import make_plan
from chronon.validators import resolve

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

from definitions.population import Population  # noqa: E402
from definitions.population import write as write_population  # noqa: E402

REWRITES = int(os.environ.get("CHRONON_REWRITES", "1000"))
CHANGES = 8


@dataclass(frozen=True, slots=True)
class Written:
    """A repository, its documents as plain data, and what is deployed of it."""

    root: Path
    documents: dict[Path, tuple[str, Document]]
    state: State


def plan_of(root: Path, state: State) -> Plan:
    repository, found = load(root)
    catalog, wrong = resolve(repository)
    assert catalog is not None, [f"{each.code} {each.span}: {each.message}" for each in (*found, *wrong)]
    days = DaySet.span(parse_day("2013-01-01") or 0, parse_day("2013-02-28") or 0)
    available = {rows.table: days for rows in catalog.table_rows}
    return make_plan(catalog, repository, state, available, environment="prod", as_of=None)


def documents(root: Path) -> dict[Path, tuple[str, Document]]:
    found: dict[Path, tuple[str, Document]] = {}
    for file in sorted((root / "teams").rglob("*.yaml")):
        document, _ = parse(file.read_bytes(), str(file))
        assert document is not None
        found[file] = (file.parent.name.rstrip("s") if file.name != "team.yaml" else "team", document.data)
    return found


def example(root: Path) -> None:
    shutil.copy(ROOT / "chronon.yaml", root)
    shutil.copytree(ROOT / "teams", root / "teams", ignore=shutil.ignore_patterns("data", "streams"))


def shop(root: Path) -> None:
    shutil.copytree(SHOP, root, dirs_exist_ok=True)


def generated(root: Path) -> None:
    write_population(Population(sources=6, group_bys=24, joins=3, teams=3), root)


REPOSITORIES = (example, shop, generated)


@pytest.fixture(scope="module", params=REPOSITORIES, ids=lambda make: make.__name__)
def repository(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Written:
    root = tmp_path_factory.mktemp("written")
    request.param(root)
    return Written(root, documents(root), applied(State(), plan_of(root, State())))


def test_definitions_when_written_in_another_way_leave_nothing_to_do(repository: Written) -> None:
    chance = random.Random(f"{SEED}/{repository.root.name}")
    for _ in range(-(-REWRITES // (len(REPOSITORIES) * len(repository.documents)))):
        seed = chance.random()
        for number, (file, (kind, data)) in enumerate(repository.documents.items()):
            file.write_text(cosmetic(data, kind, random.Random(f"{seed}/{number}")))

        plan = plan_of(repository.root, repository.state)

        told = [f"{change.reason} {change.id}: {change.summary} at {change.span}" for change in plan.changes]
        assert (plan.is_empty, told) == (True, []), f"CHRONON_SEED={SEED}"


def test_rewrites_that_mean_something_are_told(repository: Written) -> None:
    chance = random.Random(f"{SEED}/planted")
    for file, (_, data) in repository.documents.items():
        file.write_text(written(data))
    planted = 0
    for number in count():
        if planted == CHANGES:
            break
        file, (kind, data) = chance.choice(list(repository.documents.items()))
        changed = otherwise(data, chance)
        if changed is None:
            continue
        file.write_text(cosmetic(changed, kind, random.Random(f"{SEED}/{number}")))

        try:
            is_empty = plan_of(repository.root, repository.state).is_empty
        except AssertionError:
            is_empty = False  # the checks refuse it: somebody reads what went away
        else:
            planted += 1

        file.write_text(written(data))
        assert not is_empty, (file.name, changed)


COLUMNS = {"a": Scalar.LONG, "x": Scalar.DOUBLE, "s": Scalar.STRING, "f": Scalar.BOOLEAN}
EXPRESSIONS = (
    "a > 1",
    "x <= 2.5",
    "s <> 'it''s (a) AND b'",
    "a + 1",
    "x * 1.5",
    "a IS NOT NULL",
    "IF(a > 1, a, NULL)",
    "COALESCE(x, 0) / NULLIF(a, 0)",
    "a - x",
    "NOT f AND (a > 1 OR s LIKE 'b%')",
    "a BETWEEN 1 AND 3",
    "CAST(a AS string)",
)


@pytest.mark.parametrize("sql", EXPRESSIONS)
def test_expression_when_respelled_is_the_same(sql: str) -> None:
    expected = analyse(sql, COLUMNS)

    spellings = {respelled(sql, random.Random(number)) for number in range(40)}

    assert len(spellings) > 5
    assert {analyse(each, COLUMNS) for each in spellings} == {expected}
