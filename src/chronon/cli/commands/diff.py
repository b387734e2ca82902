"""`chronon diff`: what two revisions of the definitions mean differently."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from chronon.cli.context import HERE, JsonOption, RepoOption, config_of
from chronon.cli.drafting import checked_or_told
from chronon.cli.exits import ExitCode
from chronon.cli.terminal import paint_for


def diff(
    old: Annotated[str, typer.Argument(metavar="REVISION", help="A commit, branch or tag.", show_default=False)],
    new: Annotated[
        str | None,
        typer.Argument(metavar="[REVISION]", help="Another one.  [default: the working tree]", show_default=False),
    ] = None,
    *,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Fold nothing.")] = False,
    as_json: JsonOption = False,
    repo: RepoOption = HERE,
) -> int:
    """Show what the definitions of two revisions mean differently, most dangerous first.

    Equal meaning is no difference, however it is written. Nothing that is deployed is looked at: that is `chronon plan`.
    Exit code 1 when something differs.
    """
    from chronon.cli.against import declared_at
    from chronon.planners import differences

    today = checked_or_told(repo, as_json=as_json, revision=new)
    if today is None:
        return ExitCode.FINDINGS
    changes = differences(declared_at(config_of(repo).root, old), today)
    if as_json:
        from chronon.schemas.wire import to_plain

        print(json.dumps({"old": old, "new": new, "changes": to_plain(changes)}, ensure_ascii=False))
        return ExitCode.FINDINGS if changes else ExitCode.DONE
    from chronon.cli.views.plan_parts import danger_counts
    from chronon.cli.views.plan_text import change_lines

    paint = paint_for(sys.stdout)
    print(paint.strong(f"{old} -> {new or 'working tree'}: {danger_counts(changes) or 'no difference in meaning'}"))
    for line in change_lines(changes, paint, verbose=verbose):
        print(line)
    return ExitCode.FINDINGS if changes else ExitCode.DONE
