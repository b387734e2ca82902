"""`chronon rollback`: an environment points again at what it pointed at under an earlier serial."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from chronon.cli.commands.apply import ParallelismOption, Request, RetriesOption, YesOption
from chronon.cli.context import HERE, PROD, EnvOption, JsonOption, RepoOption, TargetOption, deployment_of
from chronon.cli.exits import ExitCode
from chronon.cli.identity import person
from chronon.cli.moving import DryRunOption, OutOption, Wish, carried_out, no_environment, planned_move
from chronon.cli.terminal import say
from chronon.cli.waiting import NOT_AT_ALL, LockTimeoutOption
from chronon.model.errors import ChrononError
from chronon.model.state import DESTROYED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chronon.model.plan import Plan
    from chronon.model.state import Move, State
    from chronon.planners import Destination
    from chronon.stores.state import StateStore

UNKNOWN_SERIAL = "CHR-P161"
NOTHING_BEFORE = "CHR-P165"
_ORIGIN = "rollback to serial {}"
_ROLLED_BACK = re.compile(_ORIGIN.format(r"(\d+)"))
_SHOWN = 8


def rollback(
    *,
    environment: EnvOption = PROD,
    to: Annotated[
        str | None, typer.Option("--to", metavar="SERIAL|PLAN", help="Whereto.  [default: before its last change]")
    ] = None,
    catch_up: Annotated[
        bool, typer.Option("--catch-up", help="Also compute, upload and stream what has come since then.")
    ] = False,
    reason: Annotated[
        str, typer.Option("--reason", help="Approve what the rollback takes away; stands in the log.")
    ] = "",
    out: OutOption = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    parallelism: ParallelismOption = 1,
    retries: RetriesOption = 3,
    lock_timeout: LockTimeoutOption = NOT_AT_ALL,
    as_json: JsonOption = False,
    target: TargetOption = None,
    repo: RepoOption = HERE,
) -> int:
    """Make an environment point again at what it pointed at before: plan, show, ask, and move.

    `chronon history --env NAME` lists the serials. What they need is kept for the retention of the target, so nothing runs; what
    `chronon clean` has removed is told and made again. A destroyed environment comes back, too.
    """
    request = Request.of(
        repo,
        target,
        approved=yes,
        parallelism=parallelism,
        retries=retries,
        lock_timeout=lock_timeout,
        as_json=as_json,
    )
    wish = Wish(request=request, out=out, is_dry=dry_run)
    behind: list[str] = []

    def choose(store: StateStore, state: State) -> Destination:
        moves = store.moves(environment)
        if not moves:
            raise no_environment(environment, state)
        chosen = _named(moves, to, environment) if to else _before(store, state, moves, environment)
        behind.extend(_behind(moves[0], chosen, is_caught_up=catch_up))
        return _destination(store, chosen, is_caught_up=catch_up)

    plan = planned_move(wish, choose)
    if reason.strip() and not (dry_run or out):
        _approve(request, plan, reason.strip())
    if not as_json:
        for line in behind:
            say(line)
    code = carried_out(wish, plan)
    if code == ExitCode.DONE and not (dry_run or out or as_json or plan.is_empty):
        say(
            "the files still say otherwise: the next `chronon apply` goes forward again, unless they are taken back too"
        )
    return code


def _destination(store: StateStore, move: Move, *, is_caught_up: bool) -> Destination:
    from chronon.planners import Destination

    destination = Destination(
        environment=move.environment,
        snapshots=store.pointed_at(move.environment, move.serial),
        origin=_ORIGIN.format(move.serial),
        revision=move.revision,
        as_of=move.as_of,
        goes_on=False,
        cleaned=move.cleaned,
    )
    return replace(destination, as_of=None, goes_on=True) if is_caught_up else destination


def _named(moves: Sequence[Move], to: str, environment: str) -> Move:
    """The move of that serial, or made by that plan. Errors: CHR-P161."""
    found = next((move for move in moves if to in {str(move.serial), move.plan} and move.what != DESTROYED), None)
    if found is not None:
        return found
    known = [str(move.serial) for move in moves if move.what != DESTROYED]
    listed = ", ".join(known[:_SHOWN]) + (", …" if len(known) > _SHOWN else "")
    message = f"environment {environment} never had serial or plan {to}"
    hint = f"its serials are {listed}; `chronon history --env {environment}` tells them with their plans"
    raise ChrononError(UNKNOWN_SERIAL, message, hint)


def _before(store: StateStore, state: State, moves: Sequence[Move], environment: str) -> Move:
    """The last move that left the environment at something else than it points at now; after a rollback one further back.

    Errors: CHR-P165.
    """
    by_serial, here = {move.serial: move for move in moves}, moves[0]
    while back := _ROLLED_BACK.fullmatch(here.what):
        here = by_serial[int(back[1])]
    now = state.environment(environment).snapshots
    for move in moves:
        pointed = store.pointed_at(environment, move.serial) if move.serial < here.serial else ()
        if pointed and {snapshot.id: snapshot for snapshot in pointed} != now:
            return move
    message = f"environment {environment} pointed at nothing else before serial {here.serial}"
    raise ChrononError(NOTHING_BEFORE, message, f"`chronon history --env {environment}` lists its serials, for --to")


def _behind(now: Move, chosen: Move, *, is_caught_up: bool) -> list[str]:
    """What is told when the values that are served end earlier than they do now."""
    from chronon.model.time import day_text

    if is_caught_up or now.as_of is None or chosen.as_of is None or chosen.as_of >= now.as_of:
        return []
    then, today = day_text(chosen.as_of), day_text(now.as_of)
    return [f"serial {chosen.serial} was computed up to {then}, now it is {today}: --catch-up computes what came since"]


def _approve(request: Request, plan: Plan, reason: str) -> None:
    from chronon.runners.approvals import missing_approvals

    with deployment_of(request.repo, request.target) as deployment:
        gates = [gate.id for gate in missing_approvals(deployment.state, plan)]
        if gates:
            deployment.state.approve(plan.id, plan.base_serial, gates, who=person(), reason=reason, now=time.time())
