"""`chronon plan`: what must change, why, and what it takes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chronon.cli.context import HERE, PROD, EnvOption, JsonOption, RepoOption, TargetOption
from chronon.cli.correcting import CorrectedOption, corrected_arguments
from chronon.cli.drafting import Asked, Choice, ExcludeOption, SelectOption, checked_or_told, day_option, planned
from chronon.cli.exits import ExitCode
from chronon.cli.terminal import paint_for
from chronon.cli.writing import write_whole

if TYPE_CHECKING:
    from chronon.model.plan import Plan

AsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DAY", help="Last day to compute.  [default: the last one that is complete]"),
]


def plan(
    *,
    as_of: AsOfOption = None,
    select: SelectOption = None,
    exclude: ExcludeOption = None,
    corrected: CorrectedOption = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write the plan here, for `chronon apply FILE`.")] = None,
    as_json: JsonOption = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="As a comment on a change.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Fold nothing.")] = False,
    thorough: Annotated[
        bool, typer.Option("--thorough", help="Look for every file and value that is seen, not only for their folders.")
    ] = False,
    detailed: Annotated[
        bool, typer.Option("--detailed-exitcode", help="0 nothing to do, 2 changes, 3 changes to approve.")
    ] = False,
    target: TargetOption = None,
    environment: EnvOption = PROD,
    repo: RepoOption = HERE,
) -> int:
    """Show what an apply would change, why, and which days it would compute.

    Reads only. With --select or --exclude other objects stay as they are deployed. Exit code 1 when the definitions have errors.
    """
    if as_json and markdown:
        raise typer.BadParameter("--json and --markdown exclude each other")
    day = day_option(as_of)
    checked = checked_or_told(repo, as_json=as_json)
    if checked is None:
        return ExitCode.FINDINGS
    choice = Choice(select=select or (), exclude=exclude or ())
    asked = Asked(
        repo=repo,
        target=target,
        environment=environment,
        as_of=day,
        choice=choice,
        corrected=corrected or (),
        thorough=thorough,
    )
    drafted, _, _ = planned(checked, asked)
    if out is not None:
        from chronon.cli.views.plan_json import plan_json

        write_whole(out, plan_json(drafted))
    options = choice.arguments + corrected_arguments(corrected)
    apply_with = f"chronon apply {out}" if out else f"chronon apply{options}"
    approve_with = (
        f'chronon approve {out} --reason "…"'
        if out
        else f'chronon plan{options} --out FILE, then chronon approve FILE --reason "…"'
    )
    sys.stdout.write(_rendered(drafted, apply_with, approve_with, as_json=as_json, markdown=markdown, verbose=verbose))
    return _exit(drafted) if detailed else ExitCode.DONE


def _rendered(plan: Plan, apply_with: str, approve_with: str, *, as_json: bool, markdown: bool, verbose: bool) -> str:
    from chronon.cli.views.plan_json import plan_json
    from chronon.cli.views.plan_markdown import plan_markdown
    from chronon.cli.views.plan_text import plan_text

    if as_json:
        return plan_json(plan)
    if markdown:
        return plan_markdown(plan)
    paint = paint_for(sys.stdout)
    return plan_text(plan, paint=paint, verbose=verbose, apply_with=apply_with, approve_with=approve_with)


def _exit(plan: Plan) -> ExitCode:
    if plan.is_empty:
        return ExitCode.DONE
    return ExitCode.APPROVAL if plan.gates else ExitCode.CHANGES
