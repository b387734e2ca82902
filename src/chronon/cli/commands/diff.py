"""`chronon diff`: what two revisions of the definitions mean differently."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from chronon.cli.context import HERE, JsonOption, RepoOption, config_of
from chronon.cli.drafting import checked_or_told
from chronon.cli.exits import ExitCode
from chronon.cli.terminal import paint_for

if TYPE_CHECKING:
    from pathlib import Path

    from chronon.model.definitions import Catalog
    from chronon.model.specs import Repository


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
    from chronon.planners import differences

    today = checked_or_told(repo, as_json=as_json) if new is None else _declared(config_of(repo).root, new)
    if today is None:
        return ExitCode.FINDINGS
    changes = differences(_declared(config_of(repo).root, old), today)
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


def _declared(root: Path, revision: str) -> tuple[Repository, Catalog]:
    """What a revision declares. Errors: CHR-S032, CHR-S033 of the revision; CHR-V092 when it has errors."""
    from chronon.cli.against import broken_past, resolved
    from chronon.loaders import past_revisions

    with closing(past_revisions(root, revision)) as pasts:
        past = next(pasts)
    catalog, errors = resolved(past)
    if catalog is None:
        raise broken_past(revision, errors)
    return past.repository, catalog
