"""`chronon clean`: remove what no environment has pointed at for as long as the target keeps it."""

from __future__ import annotations

import json
import sys
import time
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from chronon.cli.asking import is_meant
from chronon.cli.commands.apply import YesOption
from chronon.cli.context import HERE, JsonOption, RepoOption, TargetOption, config_of, deployment_of
from chronon.cli.exits import ExitCode
from chronon.cli.identity import holder
from chronon.cli.moving import DryRunOption
from chronon.cli.terminal import paint_for, say
from chronon.cli.waiting import NOT_AT_ALL, LockTimeoutOption, patience_option
from chronon.model.time import DAY_S

if TYPE_CHECKING:
    from chronon.model.retention import Sweep


def clean(
    *,
    keep: Annotated[
        int | None, typer.Option("--keep", min=0, metavar="DAYS", help="Keep so many days.  [default: the target's]")
    ] = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    lock_timeout: LockTimeoutOption = NOT_AT_ALL,
    as_json: JsonOption = False,
    target: TargetOption = None,
    repo: RepoOption = HERE,
) -> int:
    """Remove what no environment points at any more, and none has pointed at within the retention of the target.

    Shows what goes and asks; without a terminal it needs --yes. What is interrupted goes on with the next clean.
    """
    from chronon.cli.tidying import find_sweep
    from chronon.cli.views.cleaned import leavings_plain, removed_text, sweep_plain
    from chronon.runners.cleaning import clean as carry_out
    from chronon.stores.state import open_state

    patience = patience_option(lock_timeout, as_json=as_json)
    chosen, now = config_of(repo).target(target), time.time()
    days = chosen.retention_days if keep is None else keep
    with closing(open_state(chosen.state)) as store:
        sweep = find_sweep(store, chosen, now - days * DAY_S)
    if not as_json:
        _show(sweep, days, now, is_result=dry_run or sweep.is_empty)
    is_done = False
    if not (dry_run or sweep.is_empty):
        if not (yes or is_meant("Remove this?", as_json=as_json)):
            return ExitCode.APPROVAL
        what = f"cleaned target {chosen.name}, {days} days kept: {removed_text(sweep)}"
        with deployment_of(repo, target) as deployment:
            again = partial(find_sweep, deployment.state, chosen, now - days * DAY_S)
            carry_out(deployment, sweep, again, what=what, holder=holder(), clock=time.time, patience=patience)
        is_done = True
    if as_json:
        found = {**sweep_plain(sweep), "never_recorded": leavings_plain(sweep.leavings)}
        said = {"target": chosen.name, "kept_days": days, **found, "removed": is_done}
        print(json.dumps(said, ensure_ascii=False))
    elif is_done:
        say(f"removed {removed_text(sweep)}")
    return ExitCode.DONE


def _show(sweep: Sweep, days: int, now: float, *, is_result: bool) -> None:
    """On standard output when showing it is all that is asked, else beside the question."""
    from chronon.cli.views.cleaned import sweep_lines
    from chronon.cli.views.status import moment
    from chronon.cli.views.words import plural

    stream = sys.stdout if is_result else sys.stderr
    kept = f"what environments point at, or did since {moment(now - days * DAY_S)} ({plural(days, 'day')})"
    stream.write("".join(f"{line}\n" for line in sweep_lines(sweep, kept, paint_for(stream))))
