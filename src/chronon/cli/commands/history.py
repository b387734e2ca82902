"""`chronon history`: which plans were applied, and who did what when."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from chronon.cli.context import HERE, JsonOption, RepoOption, TargetOption, config_of
from chronon.cli.exits import ExitCode
from chronon.cli.terminal import paint_for
from chronon.model.errors import ChrononError


def history(
    *,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many plans, or lines of the log.")] = 20,
    environment: Annotated[
        str | None, typer.Option("--env", help="The serials of this environment, and which can be restored.")
    ] = None,
    log: Annotated[bool, typer.Option("--log", help="Who did what, instead of plans; every line is checked.")] = False,
    as_json: JsonOption = False,
    target: TargetOption = None,
    repo: RepoOption = HERE,
) -> int:
    """List the plans that were begun, the last one first; with --env, its serials; with --log, who did what.

    With --log every line is held against the chain of hashes, and exit code 1 tells that one was changed.
    """
    if environment is not None:
        if log:
            raise typer.BadParameter("--env and --log exclude each other")
        return _moves(repo, target, environment, limit, as_json=as_json)
    from chronon.cli.views.sizes import against_plain, foretold_by
    from chronon.cli.views.status import log_line, log_plain, plan_line, plan_plain, took_lines
    from chronon.stores.state import open_state

    with closing(open_state(config_of(repo).target(target).state)) as state:
        entries = state.log(limit) if log else ()
        records = () if log else state.history(limit)
        took = {record.id: (state.plan_json(record.id), state.runs_of(record.id)) for record in records}
        broken = state.verify_log() if log else None
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


def _moves(repo: Path, target: str | None, environment: str, limit: int, *, as_json: bool) -> int:
    """The serials of an environment. Errors: CHR-P160 when there never was one of that name."""
    from chronon.cli.moving import no_environment
    from chronon.cli.views.environments import kept_text, move_lines, move_plain, restorable_until
    from chronon.cli.views.status import moment
    from chronon.stores.state import open_state

    chosen = config_of(repo).target(target)
    with closing(open_state(chosen.state)) as store:
        moves = store.moves(environment, limit)
        if not moves:
            raise no_environment(environment, store.read())
    if as_json:
        over = [move for move in moves if move.until is not None and move.cleaned is None]
        until = {move.serial: moment(restorable_until(move, chosen.retention_days)) for move in over}
        print(json.dumps([move_plain(move, until) for move in moves], ensure_ascii=False))
        return ExitCode.DONE
    kept = {move.serial: kept_text(move, chosen.retention_days) for move in moves}
    for line in move_lines(moves, kept, paint_for(sys.stdout)):
        print(line)
    return ExitCode.DONE
