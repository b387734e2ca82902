"""From a recorded serial of an environment to a plan, and from that to what was asked for: what `promote` and `rollback` share."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chronon.cli.commands.apply import Request, run_plan
from chronon.cli.context import config_of, deployment_of
from chronon.cli.drafting import tables_of
from chronon.cli.exits import ExitCode
from chronon.cli.keeping import aside_of
from chronon.cli.terminal import paint_for
from chronon.cli.writing import write_whole
from chronon.model.errors import ChrononError

if TYPE_CHECKING:
    from chronon.loaders import Config
    from chronon.model.plan import Plan
    from chronon.model.state import State
    from chronon.planners import Destination
    from chronon.stores.state import StateStore

NO_ENVIRONMENT = "CHR-P160"

OutOption = Annotated[
    Path | None, typer.Option("--out", help="Only write the plan here, for `chronon approve` and `chronon apply`.")
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Only show the plan; nothing is written.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is done with the plan of a move. out: only write it there.  is_dry: only show it."""

    request: Request
    out: Path | None
    is_dry: bool


def planned_move(wish: Wish, choose: Callable[[StateStore, State], Destination]) -> Plan:
    """The plan for a destination that is chosen from what is recorded. Writes nothing."""
    from chronon.stores.state import open_state

    config = config_of(wish.request.repo)
    with closing(open_state(config.target(wish.request.target).state)) as store:
        state = store.read()
        return _draft(config, wish.request.target, store, state, choose(store, state))


def carried_out(wish: Wish, plan: Plan) -> int:
    """Show the plan, or write it, or apply it, as it was wished."""
    if not (wish.is_dry or wish.out):
        with deployment_of(wish.request.repo, wish.request.target) as deployment:
            return run_plan(wish.request, deployment, plan)
    from chronon.cli.views.plan_json import plan_json
    from chronon.cli.views.plan_text import plan_text

    if wish.out:
        write_whole(wish.out, plan_json(plan))
    if wish.request.as_json:
        sys.stdout.write(plan_json(plan))
        return ExitCode.DONE
    apply_with = f"chronon apply {wish.out}" if wish.out else None
    approve_with = f'chronon approve {wish.out} --reason "…"' if wish.out else None
    aside = aside_of(plan, wish.request.repo, wish.request.target)
    paint = paint_for(sys.stdout)
    sys.stdout.write(plan_text(plan, paint=paint, apply_with=apply_with, approve_with=approve_with, aside=aside))
    return ExitCode.DONE


def no_environment(name: str, state: State) -> ChrononError:
    """CHR-P160: there is no environment of that name, and which there are."""
    from chronon.loaders.nearest import suggestion

    known = sorted(state.environments)
    hint = suggestion(name, known) if known else "nothing has been applied yet: `chronon apply` makes the first one"
    return ChrononError(NO_ENVIRONMENT, f"there is no environment {name}", hint)


def _draft(config: Config, target: str | None, store: StateStore, state: State, destination: Destination) -> Plan:
    from dataclasses import replace

    from chronon.cli.continuing import savepoints_for
    from chronon.cli.measuring import measured
    from chronon.cli.observing import look
    from chronon.planners import as_if_moved, move_plan
    from chronon.planners.recorded import catalog_of
    from chronon.stores.tables.sources import SourceTables
    from chronon.stores.topics import topic_sizes

    environment = destination.environment
    catalog = catalog_of(destination.snapshots)
    tables = SourceTables(config.tables)
    read = tables.of(catalog.table_rows)
    moved = as_if_moved(state, environment, destination.snapshots)
    chosen = config.target(target)
    savepoints = savepoints_for(state, chosen, config.streams)
    observed = look(store, moved, chosen, tables, environment, {}, thorough=False)
    plan = move_plan(
        destination,
        state,
        read.availability(tables_of(catalog)),
        held=topic_sizes(catalog.topics, config.streams),
        observed=replace(observed, savepoints=savepoints),
    )
    return measured(plan, store, state, tables, (config.streams, savepoints))
