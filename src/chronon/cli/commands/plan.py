"""`chronon plan`: what must change, why, and what it takes."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chronon.cli.context import HERE, PROD, EnvOption, JsonOption, RepoOption, TargetOption
from chronon.cli.correcting import CorrectedOption, corrected_arguments
from chronon.cli.drafting import (
    Asked,
    Choice,
    ExcludeOption,
    RevisionOption,
    SelectOption,
    day_option,
    drafted_or_told,
)
from chronon.cli.exits import ExitCode
from chronon.cli.keeping import NOTHING_ASIDE, aside_of
from chronon.cli.telling import APPLY, APPROVE, tell_plan
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
    revision: RevisionOption = None,
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
    choice = Choice(select=select or (), exclude=exclude or ())
    day = day_option(as_of)
    asked = Asked(
        repo=repo,
        target=target,
        environment=environment,
        as_of=day,
        choice=choice,
        corrected=corrected or (),
        thorough=thorough,
        revision=revision,
    )
    drafted = drafted_or_told(asked, is_whole=as_json or out is not None, as_json=as_json)
    if drafted is None:
        return ExitCode.FINDINGS
    if out is not None:
        from chronon.cli.views.plan_json import plan_json

        write_whole(out, plan_json(drafted))
    of_revision = "" if revision is None else f" --revision {shlex.quote(revision)}"
    options = choice.arguments + corrected_arguments(corrected) + of_revision
    options += "" if environment == PROD else f" --env {shlex.quote(environment)}"
    apply_with, approve_with = _following(out, options, of_revision)
    aside = NOTHING_ASIDE if as_json else aside_of(drafted, repo, target)
    if markdown:
        from chronon.cli.views.plan_markdown import plan_markdown

        text = plan_markdown(drafted, aside=aside, apply_with=apply_with, approve_with=approve_with)
        sys.stdout.write(text)
    else:
        tell_plan(drafted, apply_with, approve_with, aside=aside, as_json=as_json, verbose=verbose)
    return _exit(drafted) if detailed else ExitCode.DONE


def _following(out: Path | None, options: str, of_revision: str) -> tuple[str, str]:
    """The commands that apply a plan and approve it. options: those that it was made with; of_revision is one of them."""
    if out:
        return f"chronon apply {out}{of_revision}", f'chronon approve {out} --reason "…"'
    return f"{APPLY}{options}", APPROVE.replace("chronon plan", f"chronon plan{options}")


def _exit(plan: Plan) -> ExitCode:
    if plan.is_empty:
        return ExitCode.DONE
    return ExitCode.APPROVAL if plan.gates else ExitCode.CHANGES
