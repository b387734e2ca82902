"""`chronon apply`: make it so, from a saved plan or from one that is shown and approved now."""

from __future__ import annotations

import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chronon.cli.commands.plan import AsOfOption
from chronon.cli.context import HERE, PROD, JsonOption, RepoOption, TargetOption, deployment_of
from chronon.cli.correcting import CorrectedOption
from chronon.cli.drafting import (
    Asked,
    Choice,
    ExcludeOption,
    RevisionOption,
    SelectOption,
    day_option,
    drafted_or_told,
)
from chronon.cli.errors import show_error
from chronon.cli.exits import ExitCode, exit_of
from chronon.cli.identity import holder, person
from chronon.cli.keeping import aside_of
from chronon.cli.saved import refuse_edited, refuse_moved, saved_plan
from chronon.cli.terminal import is_live, paint_for, printable, say
from chronon.cli.waiting import NOT_AT_ALL, LockTimeoutOption, patience_option
from chronon.model.errors import ChrononError, InvariantError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chronon.cli.views.progress import Tally
    from chronon.model.plan import Plan, StepId
    from chronon.model.sizes import Run
    from chronon.runners.apply import Applied, Manner
    from chronon.runners.deployment import Deployment

FileArgument = Annotated[
    Path | None, typer.Argument(metavar="[PLAN]", help="A plan that `chronon plan --out` wrote.", show_default=False)
]
ParallelismOption = Annotated[
    int,
    typer.Option(
        "--parallelism",
        metavar="N",
        min=1,
        max=64,
        help="Steps at once. A step of the local engine or of Spark takes every core: more pays for streams and many small steps.",
    ),
]
RetriesOption = Annotated[
    int,
    typer.Option(
        "--retries",
        metavar="N",
        min=0,
        max=100,
        help="Attempts beside the first where a failure passes by itself: a lost executor, a connection, a busy database.",
    ),
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Apply without asking.")]
ApplyEnvOption = Annotated[
    str | None, typer.Option("--env", help="Environment.  [default: prod, or the plan's]", show_default=False)
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """How a plan is applied. approved: nobody has to be asked whether to apply."""

    repo: Path
    target: str | None
    approved: bool
    manner: Manner
    as_json: bool

    @classmethod
    def of(
        cls,
        repo: Path,
        target: str | None,
        *,
        approved: bool,
        parallelism: int,
        retries: int,
        lock_timeout: str,
        as_json: bool,
    ) -> Request:
        """A request as its options say it. Errors: wrong usage when the timeout is none."""
        from chronon.runners.apply import Manner

        patience = patience_option(lock_timeout, as_json=as_json)
        manner = Manner(parallelism=parallelism, retries=retries, patience=patience)
        return cls(repo=repo, target=target, approved=approved, manner=manner, as_json=as_json)


def apply(
    file: FileArgument = None,
    *,
    as_of: AsOfOption = None,
    select: SelectOption = None,
    exclude: ExcludeOption = None,
    corrected: CorrectedOption = None,
    revision: RevisionOption = None,
    yes: YesOption = False,
    parallelism: ParallelismOption = 1,
    retries: RetriesOption = 3,
    lock_timeout: LockTimeoutOption = NOT_AT_ALL,
    as_json: JsonOption = False,
    target: TargetOption = None,
    environment: ApplyEnvOption = None,
    repo: RepoOption = HERE,
) -> int:
    """Apply a saved plan, or plan now, show it, ask, and apply.

    A saved plan is applied as it was reviewed; it is refused when the state or a definition has moved since; with
    --revision the definitions are those of a commit.
    Without a terminal, a plan that is made now needs --yes. Changes that take away what is read need `chronon approve`,
    or on a terminal a reason. What is interrupted goes on with the next apply.
    """
    request = Request.of(
        repo,
        target,
        approved=yes or file is not None,
        parallelism=parallelism,
        retries=retries,
        lock_timeout=lock_timeout,
        as_json=as_json,
    )
    if file is not None:
        if as_of is not None or environment is not None or select or exclude or corrected:
            message = "a saved plan has its own day, environment, selection and corrections: leave --as-of, --env, --select, --exclude and --corrected out"
            raise typer.BadParameter(message)
        return _apply_saved(request, file, revision)
    asked = Asked(
        repo=repo,
        target=target,
        environment=environment or PROD,
        as_of=day_option(as_of),
        choice=Choice(select=select or (), exclude=exclude or ()),
        corrected=corrected or (),
        revision=revision,
    )
    return _apply_now(request, asked)


def _apply_saved(request: Request, file: Path, revision: str | None) -> int:
    saved = saved_plan(file)
    with deployment_of(request.repo, request.target) as deployment:
        refuse_edited(saved, deployment.state.read())
        deployment.state.check_base(saved.id, saved.base_serial)
        refuse_moved(saved, request.repo, revision)
        return run_plan(request, deployment, saved)


def _apply_now(request: Request, asked: Asked) -> int:
    plan = drafted_or_told(asked, is_whole=True, as_json=request.as_json)
    if plan is None:
        return ExitCode.FINDINGS
    with deployment_of(asked.repo, asked.target) as deployment:
        return run_plan(request, deployment, plan)


def run_plan(request: Request, deployment: Deployment, plan: Plan) -> int:
    """Show a plan, ask where somebody has to be asked, and apply it."""
    if not request.as_json:
        _show(request, plan)
    if plan.is_empty:
        if request.as_json:
            _emit("nothing", plan=plan.id)
        return _verdict(plan)
    if not _gates_open(request, deployment, plan):
        return ExitCode.APPROVAL
    if not request.approved and not _approved(as_json=request.as_json):
        return ExitCode.APPROVAL
    return _apply(request, deployment, plan)


def _show(request: Request, plan: Plan) -> None:
    """The plan goes to standard error: the result of an apply is what it did."""
    from chronon.cli.views.plan_text import plan_text

    aside = aside_of(plan, request.repo, request.target)
    sys.stderr.write(plan_text(plan, paint=paint_for(sys.stderr), apply_with=None, aside=aside))
    sys.stderr.flush()


def _gates_open(request: Request, deployment: Deployment, plan: Plan) -> bool:
    """Whether every dangerous change is approved; on a terminal whoever applies may approve with a reason."""
    from chronon.runners.approvals import check_approved, missing_approvals

    missing = missing_approvals(deployment.state, plan)
    if missing and not _can_ask(as_json=request.as_json):
        check_approved(deployment.state, plan)
    if not missing:
        return True
    deployment.state.check_base(plan.id, plan.base_serial)
    for gate in missing:
        say(printable(f"{gate.danger.value}: {gate.object.kind} {gate.object}: {gate.summary}"))
    reason = typer.prompt("Why may this be done? (empty: it may not)", default="", show_default=False, err=True).strip()
    if not reason:
        say("not applied")
        return False
    gates = [gate.id for gate in missing]
    deployment.state.approve(plan.id, plan.base_serial, gates, who=person(), reason=reason, now=time.time())
    return True


def _can_ask(*, as_json: bool) -> bool:
    return not as_json and is_live(sys.stderr) and sys.stdin.isatty()


def _approved(*, as_json: bool) -> bool:
    if not _can_ask(as_json=as_json):
        message = "this plan has not been approved, and there is no terminal to ask on"
        error = ChrononError("CHR-P091", message, "add --yes, or apply a plan that was saved with `chronon plan --out`")
        show_error(error, as_json=as_json)
        return False
    if typer.confirm("Apply this plan?", err=True):
        return True
    say("not applied")
    return False


def _apply(request: Request, deployment: Deployment, plan: Plan) -> int:
    from chronon.cli.views.progress import Tally, watching
    from chronon.runners.apply import apply_plan

    if request.as_json:
        _emit("planned", plan=plan.id, environment=plan.environment, steps=len(plan.steps))
    # A pipeline that is cancelled sends SIGTERM: it ends like Ctrl-C, so that the lock is given back.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    failure: ChrononError | None = None
    with watching(as_json=request.as_json) as shown:
        tally = Tally(shown)
        try:
            applied = apply_plan(deployment, plan, holder=holder(), observer=tally, manner=request.manner)
        except InvariantError:
            raise
        except ChrononError as error:
            failure = error
    if failure is not None:
        return _failed(failure, tally, len(plan.steps), as_json=request.as_json)
    _done(request, plan, applied, deployment.state.runs_of(plan.id))
    return _verdict(plan)


def _verdict(plan: Plan) -> ExitCode:
    """A pipeline must not take for done what had to be left out because of the tables that it reads."""
    return ExitCode.FINDINGS if plan.excluded else ExitCode.DONE


def _failed(error: ChrononError, tally: Tally, total: int, *, as_json: bool) -> ExitCode:
    show_error(error, as_json=as_json)
    code = exit_of(error)
    if code is not ExitCode.FINDINGS or not tally.kept:
        return code
    if not as_json:
        say(f"applied in part: {_counts(tally, total)}; `chronon apply` goes on with the others")
    return ExitCode.PARTIAL


def _counts(tally: Tally, total: int) -> str:
    from chronon.cli.views.words import plural

    waiting = total - tally.kept - tally.failures
    others = [f"{number} {how}" for number, how in ((tally.failures, "failed"), (waiting, "did not begin")) if number]
    return ", ".join([f"{plural(tally.kept, 'step')} done and kept", *others])


def _done(request: Request, plan: Plan, applied: Applied, runs: Mapping[StepId, Run]) -> None:
    from chronon.cli.views.applied import applied_text
    from chronon.cli.views.sizes import against_plain, foretold_of

    if request.as_json:
        _emit(
            "applied",
            plan=plan.id,
            environment=plan.environment,
            done=applied.done,
            skipped=applied.skipped,
            seconds=round(applied.seconds, 3),
            served=applied.served,
            took=against_plain(foretold_of(plan), runs),
        )
        return
    sys.stdout.write(applied_text(plan, applied, runs, paint=paint_for(sys.stdout)))


def _emit(event: str, **fields: object) -> None:
    from chronon.cli.views.progress import emit

    emit(event, **fields)
