"""`chronon promote`: what one environment points at becomes what another one points at."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from chronon.cli.commands.apply import ParallelismOption, Request, RetriesOption, YesOption
from chronon.cli.commands.plan import AsOfOption
from chronon.cli.context import HERE, PROD, JsonOption, RepoOption, TargetOption
from chronon.cli.drafting import Choice, ExcludeOption, SelectOption, chosen_of, day_option
from chronon.cli.moving import DryRunOption, OutOption, Wish, carried_out, no_environment, planned_move
from chronon.cli.waiting import NOT_AT_ALL, LockTimeoutOption
from chronon.model.errors import ChrononError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chronon.model.names import ObjectId
    from chronon.model.state import Move, State
    from chronon.model.time import Day
    from chronon.planners import Destination
    from chronon.stores.state import StateStore

TAKEN_BACK = "CHR-P164"
_SHOWN = 5

SourceArgument = Annotated[str, typer.Argument(metavar="ENVIRONMENT", help="The environment that is promoted.")]


def promote(
    source: SourceArgument,
    *,
    to: Annotated[str, typer.Option("--to", help="The environment that is moved.")] = PROD,
    as_of: AsOfOption = None,
    select: SelectOption = None,
    exclude: ExcludeOption = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Also take back what changed there since ENVIRONMENT was applied.")
    ] = False,
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
    """Make an environment point at what another one points at: plan, show, ask, and move.

    What is computed and uploaded is shared, so nothing runs as long as no newer days have come. The files of the
    repository are not read. Changes that take away what is read need an approval, as with `chronon apply`.
    With --select or --exclude other objects stay as they are; what changes together is promoted together.
    """
    if source == to:
        raise typer.BadParameter(f"{source} cannot be promoted to itself: name another environment with --to")
    day = day_option(as_of)
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
    choice = Choice(select=select or (), exclude=exclude or ())

    def choose(store: StateStore, state: State) -> Destination:
        if source not in state.environments:
            raise no_environment(source, state)
        (move,) = store.moves(source, 1)
        destination = _selected(_destination(state, move, to, day), state, choice)
        if not overwrite:
            _refuse_taking_back(store, state, move, destination)
        return destination

    return carried_out(wish, planned_move(wish, choose))


def _destination(state: State, move: Move, to: str, day: Day | None) -> Destination:
    from chronon.planners import Destination

    pointed = state.environment(move.environment).snapshots
    return Destination(
        environment=to,
        snapshots=tuple(pointed[identity] for identity in sorted(pointed)),
        origin=f"promote {move.environment} (serial {move.serial})",
        revision=move.revision,
        as_of=day,
    )


def _selected(whole: Destination, state: State, choice: Choice) -> Destination:
    """The same for what is selected. Errors: CHR-P092 and CHR-P093 of the selectors, CHR-P094 of what they tear apart."""
    from chronon.planners import narrowed
    from chronon.planners.moving import changes_of_move
    from chronon.planners.selectors import field_of_move

    if choice.is_everything:
        return whole
    deployed = state.environment(whole.environment).snapshots
    changed = [change.id for change in changes_of_move(deployed, whole.snapshots)]
    selected = chosen_of(choice, field_of_move(whole.snapshots, deployed, changed))
    return narrowed(replace(whole, origin=f"{whole.origin} in part"), deployed, selected)


def _refuse_taking_back(store: StateStore, state: State, move: Move, destination: Destination) -> None:
    """Errors: CHR-P164 when the target has changed since the source was applied, and not in the same way."""
    from chronon.planners import overwritten

    to = destination.environment
    earlier = next((each.serial for each in store.moves(to) if each.state < move.state), 0)
    base = {snapshot.id: snapshot for snapshot in store.pointed_at(to, earlier)}
    target = state.environment(to).snapshots
    wanted = {snapshot.id: snapshot for snapshot in destination.snapshots}
    if lost := overwritten(wanted, target, base):
        message = (
            f"{to} has moved since {move.environment} was applied: {_listed(lost)} would go back to what they were"
        )
        hint = f"bring the branch up to date and `chronon apply --env {move.environment}` again; --overwrite promotes it as it is"
        raise ChrononError(TAKEN_BACK, message, hint)


def _listed(names: Sequence[ObjectId]) -> str:
    from chronon.cli.views.words import folded

    return folded([f"{identity.kind} {identity}" for identity in names], _SHOWN)
