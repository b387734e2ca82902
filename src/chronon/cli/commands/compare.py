"""`chronon compare`: two versions beside each other, column by column, on the training rows that both have."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from chronon.cli.completing import objects_beginning_with
from chronon.cli.context import HERE, PROD, JsonOption, RepoOption, TargetOption, deployment_of
from chronon.cli.drafting import days_option
from chronon.cli.exits import ExitCode
from chronon.cli.terminal import paint_for

if TYPE_CHECKING:
    from collections.abc import Sequence

_SIDE = "Join or group_by, team.name@version, or one part of a join, JOIN:PREFIX."


def compare(
    left: Annotated[str, typer.Argument(help=_SIDE, autocompletion=objects_beginning_with)],
    right: Annotated[
        str | None, typer.Argument(help="The same.  [default: LEFT]", autocompletion=objects_beginning_with)
    ] = None,
    *,
    days: Annotated[
        str | None, typer.Option("--days", metavar="FIRST..LAST", help="These days only.  [default: all of both]")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=0, help="Rows shown of a column that differs.")] = 3,
    environments: Annotated[
        list[str] | None,
        typer.Option("--env", help="Environment; given twice, LEFT is of the first.  [default: prod]"),
    ] = None,
    as_json: JsonOption = False,
    target: TargetOption = None,
    repo: RepoOption = HERE,
) -> int:
    """Compare two versions, parts or environments on their common training rows; exit code 1 if any value differs."""
    from chronon.cli.views.compared import comparison_json, comparison_lines
    from chronon.runners.comparing import comparison

    pair = _pair(environments or [PROD])
    if right is None and pair[0] == pair[1]:
        raise typer.BadParameter("one name needs two environments (--env A --env B), or name RIGHT")
    with deployment_of(repo, target) as deployment:
        found = comparison(deployment, (left, right or left), pair, days=days_option(days), examples=limit)
    if as_json:
        print(comparison_json(found))
    else:
        print("\n".join(comparison_lines(found, paint_for(sys.stdout))))
    return ExitCode.DONE if found.is_equal else ExitCode.FINDINGS


def _pair(environments: Sequence[str]) -> tuple[str, str]:
    if len(environments) > 2:
        raise typer.BadParameter("--env is given at most twice: of LEFT, and of RIGHT")
    return environments[0], environments[-1]
