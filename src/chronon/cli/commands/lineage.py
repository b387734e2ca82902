"""`chronon lineage`: where a column comes from, or who reads it, column by column."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from chronon.cli.commands.graph import StyleOption
from chronon.cli.completing import objects_beginning_with
from chronon.cli.context import HERE, JsonOption, RepoOption
from chronon.cli.drafting import checked_or_told
from chronon.cli.exits import ExitCode
from chronon.cli.terminal import say
from chronon.cli.views.drawing import Arrow, Drawing, Node, Style, drawn
from chronon.model.errors import ChrononError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from chronon.planners.lineage import ColumnId, Lineage

NO_COLUMN = "CHR-I060"


def lineage(
    column: Annotated[
        str,
        typer.Argument(
            help="team.name.column of a group_by or join, database.table.column of a table; without a column all of them.",
            show_default=False,
            autocompletion=objects_beginning_with,
        ),
    ],
    *,
    down: Annotated[bool, typer.Option("--down", help="Who reads it, instead of what it reads.")] = False,
    values: Annotated[bool, typer.Option("--values", help="Leave out keys, filters and time.")] = False,
    style: StyleOption = Style.TEXT,
    as_json: JsonOption = False,
    repo: RepoOption = HERE,
) -> int:
    """Show where a column comes from, down to the columns of tables; with --down, everything that is computed of it.

    In brackets what a column is read for, when not for its value: key, filter, time.
    """
    from chronon.planners.lineage import lineage_of

    checked = checked_or_told(repo, as_json=as_json)
    if checked is None:
        return ExitCode.FINDINGS
    found = lineage_of(checked[1])
    start = _meant(column, found)
    drawing = _drawing(found.of_values() if values else found, start, down=down)
    sys.stdout.write(drawn(drawing, Style.JSON if as_json else style, toward=down) + "\n")
    return ExitCode.DONE


def _meant(text: str, found: Lineage) -> list[ColumnId]:
    """The columns of that name, or every column of an owner of that name. Errors: CHR-I060."""
    meant = sorted(column for column in found.reads if text in {str(column), column.owner})
    if meant:
        return meant
    if renamed := sorted({new for old, new in found.former.items() if text == str(old)}):
        say(f"{text} is a former name of {renamed[0]}")
        return renamed
    from chronon.loaders.nearest import suggestion

    owners = {column.owner for column in found.reads}
    owner = next((owner for owner in owners if text.startswith(f"{owner}.")), None)
    columns = (*found.reads, *found.former)
    known = {str(column) for column in columns if column.owner == owner} if owner else owners
    raise ChrononError(NO_COLUMN, f"there is no column `{text}`", suggestion(text, known))


def _drawing(found: Lineage, start: Collection[ColumnId], *, down: bool) -> Drawing:
    from chronon.planners.lineage import KINDS, Use

    edges = found.readers if down else found.reads
    reached = found.reached(start, down=down)
    ordered = sorted(reached, key=lambda one: (KINDS.index(one.kind), one))
    uses: dict[tuple[str, str], list[Use]] = {}
    for column in reached:
        for read in edges[column]:
            ends = (_key(column), _key(read.column)) if down else (_key(read.column), _key(column))
            uses.setdefault(ends, []).append(read.use)
    arrows = (
        Arrow(*ends, "" if several == [Use.VALUE] else ", ".join(sorted(several))) for ends, several in uses.items()
    )
    former: dict[ColumnId, list[str]] = {}
    for old, new in found.former.items():
        former.setdefault(new, []).append(old.column)
    about = {column: _about(column, found.meaning.get(column, ""), former.get(column, ())) for column in ordered}
    nodes = (Node(key=_key(c), kind=c.kind, label=str(c), about=about[c]) for c in ordered)
    return Drawing(nodes=tuple(nodes), arrows=tuple(sorted(arrows)))


def _about(column: ColumnId, meaning: str, former: Sequence[str]) -> str:
    made = f"= {meaning}" if meaning and meaning != column.column else ""
    return ", ".join(filter(None, (made, f"formerly {', '.join(former)}" if former else "")))


def _key(column: ColumnId) -> str:
    return f"{column.kind} {column}"
