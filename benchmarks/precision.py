"""How much is planned for an edit: table-days, beside those that SQLMesh planned for the same edits of the same tables.

The peer's numbers were measured with SQLMesh on a history of 1,056 days, once; they are counted, not timed, so a
machine changes nothing in them. `--data` also applies every plan to small tables and compares with a rebuild from nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / folder) for folder in ("benchmarks", "tests/planners", "tests/precision", "tests/soundness")]

from edits.population import EDITS, FILES, HISTORY, Edit, Files  # noqa: E402
from planner_builders import applied  # noqa: E402

from chronon.loaders import load  # noqa: E402
from chronon.model.dayset import DaySet  # noqa: E402
from chronon.model.definitions import Catalog  # noqa: E402
from chronon.model.jobs import DerivationJob, FeatureJob, LeftJob  # noqa: E402
from chronon.model.plan import Plan  # noqa: E402
from chronon.model.specs import Repository  # noqa: E402
from chronon.model.state import State  # noqa: E402
from chronon.model.time import day_text, parse_day  # noqa: E402
from chronon.planners import digests_of, make_plan  # noqa: E402
from chronon.validators import resolve  # noqa: E402

FIRST = parse_day("2021-01-01") or 0
TABLES = ("purchases", "visits", "checkouts", "refunds")
WHOLE, WEIGHTED = 0.35, 0.28
"""What the sum may be of SQLMesh's: in tables, and in tables weighted by the share of their columns that is made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One edit. columns: table-days weighted by the share of columns.  least: of whole tables."""

    edit: str
    sqlmesh: int
    least: int
    ours: int
    columns: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """The days of a population: the first of its joins, the last of its tables, and how far an edit moves a start."""

    start: int
    last: int
    earlier_by: int
    later_by: int

    def written(self, files: Files) -> Files:
        """The files with these days."""
        days = {
            "EARLIER": self.start - self.earlier_by,
            "LATER": self.start + self.later_by,
            "START": self.start,
        }
        for word, day in days.items():
            files = {path: text.replace(f"start: {word}", f"start: {day_text(day)}") for path, text in files.items()}
        return files


MEASURED = Dates(start=FIRST + 31, last=FIRST + 31 + HISTORY - 1, earlier_by=31, later_by=100)


def write(root: Path, files: Files) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


def declared(files: Files, dates: Dates) -> tuple[Repository, Catalog]:
    """What files declare; nothing in them may be wrong."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), dates.written(files))
        repository, found = load(Path(folder))
    catalog, wrong = resolve(repository)
    if catalog is None:
        raise SystemExit("\n".join(map(str, (*found, *wrong))))
    return repository, catalog


def planned(files: Files, state: State) -> tuple[Plan, Catalog]:
    """The plan for files where there is a state."""
    repository, catalog = declared(files, MEASURED)
    available = {f"shop.{table}": DaySet.span(FIRST, MEASURED.last) for table in TABLES}
    return make_plan(catalog, repository, state, available, environment="prod", as_of=None), catalog


def counted(plan: Plan, catalog: Catalog) -> tuple[int, float]:
    """Table-days that a plan makes: of joins of which anything is made, and weighted by the share of their columns."""
    made: dict[tuple[str, int], set[str]] = {}
    for step in plan.steps:
        match step.job:
            case LeftJob(rows=rows, days=days):
                names = [select.name for select in rows.selects]
            case FeatureJob(columns=columns, days=days) | DerivationJob(columns=columns, days=days):
                names = [name for _, name in columns]
            case _:
                continue
        for day in days:
            made.setdefault((str(step.object), day), set()).update(names)
    stored = columns_of(catalog)
    return len(made), sum(len(names) / stored[join] for (join, _day), names in made.items())


def columns_of(catalog: Catalog) -> dict[str, int]:
    """Join → how many columns are stored for it: left ones, features, derivations that are more than a name."""
    found: dict[str, int] = {}
    for identity, digests in digests_of(catalog).joins.items():
        join = catalog.joins[identity]
        found[str(identity)] = len(join.left.selects) + len(digests.features) + len(digests.derived)
    return found


def rows() -> Iterator[Row]:
    """Every edit by itself, after everything else is deployed."""
    state = applied(State(), planned(FILES, State())[0])
    for edit in EDITS:
        ours, columns = counted(*planned(edit.change(FILES), state))
        yield Row(edit=edit.name, sqlmesh=edit.sqlmesh, least=edit.least, ours=ours, columns=round(columns, 1))


def table(found: Sequence[Row]) -> str:
    """The edits as a table of Markdown, with their sum and what it is of SQLMesh's."""
    lines = [
        "| edit | SQLMesh | least, whole tables | ours | ours, weighted by columns |",
        "|---|--:|--:|--:|--:|",
        *(f"| {row.edit} | {row.sqlmesh:,} | {row.least:,} | {row.ours:,} | {row.columns:,.0f} |" for row in found),
    ]
    sqlmesh, least, ours, columns = totals(found)
    lines += [
        f"| **sum, table-days** | **{sqlmesh:,}** | **{least:,}** | **{ours:,}** | **{columns:,.0f}** |",
        f"| of SQLMesh's | | {least / sqlmesh:.2f} × | {ours / sqlmesh:.2f} × | {columns / sqlmesh:.2f} × |",
    ]
    return "\n".join(lines) + "\n"


def totals(found: Sequence[Row]) -> tuple[int, int, int, float]:
    """The sums of the four columns."""
    return (
        sum(row.sqlmesh for row in found),
        sum(row.least for row in found),
        sum(row.ours for row in found),
        sum(row.columns for row in found),
    )


def is_enough(edit: Edit) -> bool:
    """Whether applying the plan of an edit to small tables ends where a rebuild from nothing does."""
    from rebuilding import differing_after
    from tables import FIRST as FIRST_SMALL
    from tables import N_DAYS

    small = Dates(start=FIRST_SMALL + 10, last=FIRST_SMALL + N_DAYS - 1, earlier_by=3, later_by=3)
    with tempfile.TemporaryDirectory() as folder:
        return not differing_after(Path(folder), small.written(FILES), small.written(edit.change(FILES)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="nothing is left out: it takes seconds")
    parser.add_argument("--json", action="store_true", help="one object per line")
    parser.add_argument(
        "--data", action="store_true", help="apply every plan to small tables and compare with a rebuild"
    )
    options = parser.parse_args()
    found = list(rows())
    proved = {edit.name: is_enough(edit) for edit in EDITS} if options.data else {}
    if options.json:
        for row in found:
            told = asdict(row)
            ratio = row.sqlmesh / row.ours if row.ours else None
            print(
                json.dumps({**_line(row), "ratio": ratio, "agrees": proved.get(row.edit), "columns": told["columns"]})
            )
        return
    print(table(found), end="")
    for name, holds in proved.items():
        print(f"{'equal to a rebuild' if holds else 'NOT ENOUGH'}: {name}")
    sqlmesh, _, ours, columns = totals(found)
    if ours > WHOLE * sqlmesh or columns > WEIGHTED * sqlmesh or not all(proved.values()):
        sys.exit(1)


def _line(row: Row) -> dict[str, object]:
    return {"case": row.edit, "ours": row.ours, "peer": row.sqlmesh, "peer_name": "SQLMesh", "unit": "table-days"}


if __name__ == "__main__":
    main()
