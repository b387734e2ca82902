"""`chronon env`: which environments there are, what they are, and away with one. Its verbs stand in `verbs`."""

from __future__ import annotations

import json
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chronon.cli.asking import is_meant
from chronon.cli.commands.apply import YesOption
from chronon.cli.context import HERE, PROD, JsonOption, RepoOption, TargetOption, config_of, deployment_of
from chronon.cli.exits import ExitCode
from chronon.cli.identity import holder
from chronon.cli.moving import DryRunOption, no_environment
from chronon.cli.terminal import paint_for, printable, say
from chronon.cli.waiting import NOT_AT_ALL, LockTimeoutOption, patience_option
from chronon.model.errors import ChrononError
from chronon.model.time import DAY_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chronon.cli.views.environments import Listed
    from chronon.loaders.config import Target
    from chronon.model.plan import Change
    from chronon.model.retention import Sweep
    from chronon.model.state import State
    from chronon.stores.state import StateStore

NOT_CONFIRMED = "CHR-R080"
_SHOWN = 6

NameArgument = Annotated[str, typer.Argument(metavar="ENVIRONMENT", help="Its name.")]
AgainstOption = Annotated[str, typer.Option("--against", help="The environment that it is held against.")]

verbs = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)


@verbs.callback()
def env() -> None:
    """List environments, show one beside another, destroy one."""


@verbs.command("list")
def list_(
    *, against: AgainstOption = PROD, as_json: JsonOption = False, target: TargetOption = None, repo: RepoOption = HERE
) -> int:
    """List the environments: how much they differ from prod, since when they are as they are, and by whom."""
    from chronon.cli.views.environments import environment_lines, environment_plain
    from chronon.stores.state import open_state

    with closing(open_state(config_of(repo).target(target).state)) as store:
        state = store.read()
        names = sorted(state.environments, key=lambda name: (name != against, name))
        found = [_listed(store, state, name, against) for name in names]
    if as_json:
        print(json.dumps([environment_plain(each) for each in found], ensure_ascii=False))
    else:
        for line in environment_lines(found, against, paint_for(sys.stdout)):
            print(line)
    return ExitCode.DONE


@verbs.command()
def show(
    name: NameArgument,
    *,
    against: AgainstOption = PROD,
    as_json: JsonOption = False,
    target: TargetOption = None,
    repo: RepoOption = HERE,
) -> int:
    """Show an environment: how it came about, what is other than in prod, and what only it points at."""
    from chronon.cli.tidying import freed_by
    from chronon.cli.views.cleaned import alone_text, sweep_plain
    from chronon.cli.views.environments import change_plain, environment_lines, environment_plain
    from chronon.cli.views.plan_text import change_lines
    from chronon.stores.state import open_state

    with closing(open_state(config_of(repo).target(target).state)) as store:
        state = store.read()
        if name not in state.environments:
            raise no_environment(name, state)
        found, changes, own = (
            _listed(store, state, name, against),
            _changes(state, name, against),
            freed_by(store, name),
        )
    if as_json:
        said = {
            **environment_plain(found),
            "changes": [change_plain(each) for each in changes],
            "alone": sweep_plain(own),
        }
        print(json.dumps(said, ensure_ascii=False))
        return ExitCode.DONE
    paint = paint_for(sys.stdout)
    lines = environment_lines([found], against, paint)
    lines += [alone_text(own)]
    lines += change_lines(changes, paint, verbose=False)
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return ExitCode.DONE


@verbs.command()
def destroy(
    name: NameArgument,
    *,
    confirm: Annotated[str, typer.Option("--confirm", metavar="NAME", help="Its name again; prod needs it.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why; stands in the log. Prod needs it.")] = "",
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    lock_timeout: LockTimeoutOption = NOT_AT_ALL,
    as_json: JsonOption = False,
    target: TargetOption = None,
    repo: RepoOption = HERE,
) -> int:
    """Take an environment away, so that nobody fetches from it; what only it points at goes with a later `chronon clean`.

    Until then `chronon rollback --env ENVIRONMENT` brings it back. Without a terminal it needs --yes.
    """
    from chronon.cli.tidying import freed_by
    from chronon.runners.destroying import destroy as carry_out
    from chronon.stores.state import open_state

    patience, chosen = patience_option(lock_timeout, as_json=as_json), config_of(repo).target(target)
    with closing(open_state(chosen.state)) as store:
        state = store.read()
        if name not in state.environments:
            raise no_environment(name, state)
        own = freed_by(store, name)
    if not as_json:
        _show_destroying(state, name, chosen, own, is_result=dry_run)
    if not dry_run:
        if not _may_destroy(name, confirm, reason, yes=yes, as_json=as_json):
            return ExitCode.APPROVAL
        with deployment_of(repo, target) as deployment:
            carry_out(deployment, name, why=reason.strip(), holder=holder(), clock=time.time, patience=patience)
    _tell_destroyed(name, own, as_json=as_json, is_done=not dry_run)
    return ExitCode.DONE


def _listed(store: StateStore, state: State, name: str, against: str) -> Listed:
    from chronon.cli.views.environments import Listed, differing

    environment, moves = state.environment(name), store.moves(name, 1)
    differ = differing(environment, state.environment(against))
    move = moves[0] if moves else None
    return Listed(environment=environment, move=move, other="" if name == against else against, differing=differ)


def _changes(state: State, name: str, against: str) -> Sequence[Change]:
    """What would change in the other environment if it pointed where this one does."""
    from chronon.planners.moving import changes_of_move

    pointed = state.environment(name).snapshots
    snapshots = tuple(pointed[identity] for identity in sorted(pointed))
    return changes_of_move(state.environment(against).snapshots, snapshots)


def _show_destroying(state: State, name: str, target: Target, own: Sweep, *, is_result: bool) -> None:
    from chronon.cli.views.cleaned import alone_text
    from chronon.cli.views.status import moment
    from chronon.cli.views.words import folded, plural

    environment = state.environment(name)
    stream = sys.stdout if is_result else sys.stderr
    paint = paint_for(stream)
    served = [str(each.id) for each in environment.snapshots.values() if each.serving is not None]
    until = moment(time.time() + target.retention_days * DAY_S)
    objects = plural(len(environment.snapshots), "object")
    lines = [
        f"{paint.bad('DESTROY')} environment {paint.strong(printable(name))}  serial {environment.serial} · {objects} · target {target.name}",
        f"- nobody fetches from it any more: {folded(sorted(served), _SHOWN)}"
        if served
        else "- nothing of it is served",
        f"- {alone_text(own)}",
        f"kept {plural(target.retention_days, 'day')}: `chronon rollback --env {printable(name)}` brings it back until {until}",
    ]
    stream.write("".join(f"{line}\n" for line in lines))


def _may_destroy(name: str, confirm: str, reason: str, *, yes: bool, as_json: bool) -> bool:
    """Whether it is meant. Errors: CHR-R080 of prod without its name and a reason; CHR-R081 with nobody to ask."""
    if confirm not in {"", name}:
        raise typer.BadParameter(f"--confirm says {confirm}, and the environment is {name}")
    if name == PROD and not (confirm and reason.strip()):
        message = f"{name} is what is served: it is destroyed only when its name and a reason are given"
        raise ChrononError(NOT_CONFIRMED, message, f'add --confirm {name} --reason "…"')
    return yes or bool(confirm) or is_meant("Destroy it?", as_json=as_json)


def _tell_destroyed(name: str, own: Sweep, *, as_json: bool, is_done: bool) -> None:
    from chronon.cli.views.cleaned import sweep_plain

    if as_json:
        said: dict[str, Any] = {"environment": name, "destroyed": is_done, "alone": sweep_plain(own)}
        print(json.dumps(said, ensure_ascii=False))
    elif is_done:
        say(f"destroyed environment {printable(name)}")
