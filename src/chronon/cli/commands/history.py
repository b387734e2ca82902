"""`chronon history`: which plans were applied, and who did what when."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from chronon.cli.context import HERE, JsonOption, RepoOption, TargetOption, config_of
from chronon.cli.exits import ExitCode
from chronon.cli.terminal import paint_for
from chronon.model.errors import ChrononError


def history(
    *,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many plans, or lines of the log.")] = 20,
    log: Annotated[bool, typer.Option("--log", help="Who did what, instead of plans; every line is checked.")] = False,
    as_json: JsonOption = False,
    target: TargetOption = None,
    repo: RepoOption = HERE,
) -> int:
    """List the plans that were begun, the last one first; with --log, who did what, and whether the log is whole."""
    from chronon.cli.views.sizes import against_plain, foretold_by
    from chronon.cli.views.status import log_line, log_plain, plan_line, plan_plain, took_lines
    from chronon.stores.state import open_state

    state = open_state(config_of(repo).target(target).state)
    try:
        entries = state.log(limit) if log else ()
        records = () if log else state.history(limit)
        took = {record.id: (state.plan_json(record.id), state.runs_of(record.id)) for record in records}
        broken = state.verify_log() if log else None
    finally:
        state.close()
    if as_json:
        plans = [
            plan_plain(each) | {"took": against_plain(foretold_by(took[each.id][0]), took[each.id][1])}
            for each in records
        ]
        plain = [*map(log_plain, entries), *plans]
        print(json.dumps(plain, ensure_ascii=False))
    else:
        paint = paint_for(sys.stdout)
        for entry in entries:
            print(log_line(entry))
        for record in records:
            print("\n".join([plan_line(record, paint), *took_lines(*took[record.id])]))
    if broken is not None:
        message = f"the audit log was changed: line {broken.line} {broken.why}"
        raise ChrononError("CHR-K120", message, "find out who can write to the database; see docs/state.md")
    return ExitCode.DONE
