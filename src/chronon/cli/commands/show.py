"""`chronon show`: one object, or the training rows of a join."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chronon.cli.completing import NameArgument
from chronon.cli.context import HERE, PROD, EnvOption, JsonOption, RepoOption, TargetOption, deployment_of
from chronon.cli.drafting import checked_or_told, day_option, objects_named
from chronon.cli.exits import ExitCode
from chronon.cli.terminal import paint_for, say

if TYPE_CHECKING:
    from chronon.model.dayset import DaySet
    from chronon.model.definitions import Catalog
    from chronon.model.specs import Repository


def show(
    name: NameArgument,
    *,
    rows: Annotated[bool, typer.Option("--rows", help="Training rows of a join.")] = False,
    day: Annotated[
        str | None, typer.Option("--day", metavar="DAY", help="Rows of this day.  [default: the last]")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many rows.")] = 3,
    as_json: JsonOption = False,
    target: TargetOption = None,
    environment: EnvOption = PROD,
    repo: RepoOption = HERE,
) -> int:
    """Show what an object is, what it reads and who reads it; with --rows, its training rows."""
    if rows:
        return _rows(name, day, limit, deployed=(repo, target, environment), as_json=as_json)
    if day is not None:
        raise typer.BadParameter("--day goes with --rows")
    checked = checked_or_told(repo, as_json=as_json)
    return ExitCode.FINDINGS if checked is None else _definition(name, *checked, as_json=as_json)


def _definition(name: str, repository: Repository, catalog: Catalog, *, as_json: bool) -> int:
    from chronon.cli.views.definition import definition_lines, definition_plain

    sources = [spec.header.id for spec in repository.sources.values()]
    matches = objects_named(name, [*sources, *catalog.group_bys, *catalog.joins])
    if as_json:
        plain = [definition_plain(identity, repository, catalog) for identity in matches]
        print(json.dumps(plain, ensure_ascii=False))
        return ExitCode.DONE
    paint = paint_for(sys.stdout)
    print("\n\n".join("\n".join(definition_lines(identity, repository, catalog, paint)) for identity in matches))
    return ExitCode.DONE


def _rows(name: str, day: str | None, limit: int, *, deployed: tuple[Path, str | None, str], as_json: bool) -> int:
    from chronon.cli.views.rows import row_lines, rows_json
    from chronon.runners.training import rows_of, training_rows

    repo, target, environment = deployed
    with deployment_of(repo, target) as deployment:
        table = training_rows(deployment, environment, name, _days(day))
        found = rows_of(table.slice(0 if day else max(0, table.num_rows - limit), limit))
    if as_json:
        print(rows_json(found))
        return ExitCode.DONE
    for line in row_lines(found):
        print(line)
    say(f"{len(found)} of {table.num_rows:,} rows, {table.num_columns} columns; --limit shows more, --json all of each")
    return ExitCode.DONE


def _days(day: str | None) -> DaySet | None:
    from chronon.model.dayset import DaySet

    chosen = day_option(day)
    return None if chosen is None else DaySet.days([chosen])
