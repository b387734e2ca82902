"""`chronon history`: which plans were applied, and who did what when."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from chronon.cli.context import HERE, JsonOption, RepoOption, TargetOption, config_of
from chronon.cli.exits import ExitCode
from chronon.cli.terminal import paint_for


def history(
    *,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many plans.")] = 20,
    log: Annotated[bool, typer.Option("--log", help="Who did what, instead of plans.")] = False,
    as_json: JsonOption = False,
    target: TargetOption = None,
    repo: RepoOption = HERE,
) -> int:
    """List the plans that were begun, the last one first."""
    from chronon.cli.views.status import log_line, moment, plan_line, plan_plain
    from chronon.stores.state import open_state

    state = open_state(f"sqlite:{config_of(repo).target(target).state}")
    try:
        entries = state.log(limit) if log else ()
        records = () if log else state.history(limit)
    finally:
        state.close()
    if as_json:
        lines = [{"at": moment(entry.at), "who": entry.who, "what": entry.what} for entry in entries]
        print(json.dumps(lines if log else [plan_plain(record) for record in records], ensure_ascii=False))
        return ExitCode.DONE
    paint = paint_for(sys.stdout)
    for line in (*map(log_line, entries), *(plan_line(record, paint) for record in records)):
        print(line)
    return ExitCode.DONE
