"""The corpus of edits: a small repository, and folders that each edit it and say what at least has to be done then.

`edit.yaml` lists what is done to the files: `in` a file one text is replaced `by` another (once, and it must be there; `every`
replaces all of them), a file is moved `from` one place `to` another, removed, or written. `minimum.yaml` was worked out by
hand, never written by a planner:

    because:  why this is enough, and why less is not
    tables:   join -> days of January 2024 -> stored columns (`rows` are the left rows; `*` stands for what it does in a shell)
    uploads:  group_bys whose batch values have to be written anew
    streams:  group_bys whose tiles have to be folded anew
    changes:  object -> reason, axes (values, readers, serving), place of the edit, and the columns touched
"""

from __future__ import annotations

import functools
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from planner_builders import applied, days
from ruamel.yaml import YAML

from chronon.loaders import load
from chronon.model.definitions import Catalog
from chronon.model.diagnostics import Severity
from chronon.model.jobs import DerivationJob, FeatureJob, LeftJob, StreamJob, UploadJob
from chronon.model.plan import Plan
from chronon.model.specs import Repository
from chronon.model.state import State
from chronon.planners import digests_of, make_plan
from chronon.validators import resolve

HERE = Path(__file__).parent
SHOP = HERE / "shop"
CASES = HERE.parent / "cases" / "precision"
TABLES = (
    *("purchases", "imports", "visits", "checkouts", "refunds", "users", "accounts", "account_changes", "spare"),
    *("parcels", "returns", "standings"),
)
AVAILABLE = {f"shop.{table}": days("2024-01-01", "2024-01-20") for table in TABLES}

Cell = tuple[str, str, int]
"""A table-day: join, stored column, day of January."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is made: days of stored columns, uploads and tiles by group_by."""

    cells: frozenset[Cell] = frozenset()
    uploads: frozenset[str] = frozenset()
    streams: frozenset[str] = frozenset()

    @property
    def table_days(self) -> frozenset[tuple[str, str, int]]:
        """Days of whole tables: one per join, part of it and day, however many columns of it are made."""
        return frozenset((join, column.split("_")[0], day) for join, column, day in self.cells)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What the files of a folder declare and mean."""

    repository: Repository
    catalog: Catalog
    state: State = field(default_factory=State)

    def plan(self, state: State) -> Plan:
        """What has to be done for it where there is a state."""
        return make_plan(self.catalog, self.repository, state, AVAILABLE, environment="prod", as_of=None)


def declared(root: Path) -> Declared:
    """What a folder declares; nothing in it may be wrong."""
    repository, found = load(root)
    catalog, wrong = resolve(repository)
    errors = [str(each) for each in (*found, *wrong) if each.severity is Severity.ERROR]
    assert catalog is not None, errors
    assert errors == []
    return Declared(repository=repository, catalog=catalog)


@functools.cache
def deployed() -> State:
    """The state after the shop was applied as it is."""
    return applied(State(), declared(SHOP).plan(State()))


def names() -> list[str]:
    """The cases."""
    return sorted(folder.name for folder in CASES.iterdir())


def read(case: str, file: str) -> Any:
    """A file of a case."""
    return YAML(typ="safe").load((CASES / case / file).read_text())


def edited(case: str, root: Path) -> None:
    """Writes the shop into a folder as a case edits it."""
    shutil.copytree(SHOP, root)
    for edit in read(case, "edit.yaml"):
        _edit(root, edit)


@functools.cache
def found_in(case: str) -> Declared:
    """What the shop declares as a case edits it; read once for all tests of a process."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "shop"
        edited(case, root)
        return declared(root)


def _edit(root: Path, edit: Mapping[str, Any]) -> None:
    match edit:
        case {"in": file, "replace": old, "by": new, **rest}:
            text = (root / file).read_text()
            assert text.count(old) == 1 or (rest.get("every") and old in text), f"{old!r} in {file}"
            (root / file).write_text(text.replace(old, new))
        case {"move": file, "to": there}:
            (root / there).parent.mkdir(parents=True, exist_ok=True)
            (root / file).rename(root / there)
        case {"remove": file}:
            (root / file).unlink()
        case {"write": file, "text": text}:
            (root / file).parent.mkdir(parents=True, exist_ok=True)
            (root / file).write_text(text)
        case _:
            raise AssertionError(f"no edit: {edit}")


def planned(plan: Plan) -> Work:
    """What the steps of a plan make."""
    cells: set[Cell] = set()
    uploads: set[str] = set()
    streams: set[str] = set()
    for step in plan.steps:
        match step.job:
            case LeftJob(days=made):
                cells |= _cells(str(step.object), ["rows"], made)
            case FeatureJob(columns=columns, days=made) | DerivationJob(columns=columns, days=made):
                cells |= _cells(str(step.object), [name for _, name in columns], made)
            case UploadJob(group_by=group_by):
                uploads.add(str(group_by.id))
            case StreamJob(readers=readers):
                streams |= {str(reader.group_by.id) for reader in readers}
    return Work(cells=frozenset(cells), uploads=frozenset(uploads), streams=frozenset(streams))


def _cells(join: str, columns: Iterable[str], made: Iterable[int]) -> set[Cell]:
    first = days("2024-01-01", "2024-01-01").first
    return {(join, column, day - first + 1) for column in columns for day in made}


def minimal(told: Mapping[str, Any], found: Declared) -> Work:
    """What a case says is the least. found: names the columns that `*` may stand for."""
    cells = {
        (join, column, day)
        for join, ranges in (told.get("tables") or {}).items()
        for range_, patterns in ranges.items()
        for column in _matching(patterns, _stored(found, join))
        for day in _days(range_)
    }
    uploads, streams = (frozenset(told.get(kind) or ()) for kind in ("uploads", "streams"))
    return Work(cells=frozenset(cells), uploads=uploads, streams=streams)


def _stored(found: Declared, join: str) -> list[str]:
    """Every column that is stored for a join."""
    digests = digests_of(found.catalog)
    identity = next(each for each in digests.joins if str(each) == join)
    made = digests.joins[identity]
    return ["rows", *made.features, *(one.name for one in made.derived)]


def _matching(patterns: Iterable[str], names: Iterable[str]) -> set[str]:
    names = list(names)
    chosen = {pattern: {name for name in names if fnmatchcase(name, pattern)} for pattern in patterns}
    assert all(chosen.values()), f"nothing is called like {[p for p, found in chosen.items() if not found]}: {names}"
    return set().union(*chosen.values())


def _days(range_: int | str) -> range:
    first, _, last = str(range_).partition("..")
    return range(int(first), int(last or first) + 1)
