"""`chronon state export` and `chronon state import`: everything that is recorded, as a file."""

from __future__ import annotations

import json
import sys
import time
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chronon.cli.context import HERE, JsonOption, RepoOption, TargetOption, config_of
from chronon.cli.exits import ExitCode
from chronon.cli.identity import holder
from chronon.cli.terminal import say
from chronon.cli.waiting import NOT_AT_ALL, LockTimeoutOption, patience_option
from chronon.cli.writing import write_whole

if TYPE_CHECKING:
    from chronon.loaders import Target
    from chronon.stores.state.dump import Dump


class Action(StrEnum):
    """What `chronon state` can do."""

    EXPORT = "export"
    IMPORT = "import"


FileArgument = Annotated[
    Path | None, typer.Argument(metavar="[FILE]", help="Where to write, or what to read.  [default: standard output]")
]


def state(
    action: Annotated[Action, typer.Argument(help="`export` writes, `import` records.")],
    file: FileArgument = None,
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="Import over what is recorded now, which is lost.")
    ] = False,
    lock_timeout: LockTimeoutOption = NOT_AT_ALL,
    as_json: JsonOption = False,
    target: TargetOption = None,
    repo: RepoOption = HERE,
) -> int:
    """Write everything that is recorded to a file, or record what such a file holds.

    An export can be imported into any backend. An import takes the lock, as an apply does, and needs an empty state.
    """
    chosen = config_of(repo).target(target)
    if action is Action.EXPORT:
        if replace:
            raise typer.BadParameter("--replace goes with import")
        return _export(chosen, file, as_json=as_json)
    if file is None:
        raise typer.BadParameter("import needs a file: chronon state import FILE")
    return _import(chosen, file, replace=replace, lock_timeout=lock_timeout, as_json=as_json)


def _export(target: Target, file: Path | None, *, as_json: bool) -> int:
    from chronon.stores.state import open_state
    from chronon.stores.state.export import export_text

    with closing(open_state(target.state)) as store:
        dump = store.dump()
    text = export_text(dump)
    if file is None:
        sys.stdout.write(text)
        return ExitCode.DONE
    write_whole(file, text)
    _tell("exported", dump, file, as_json=as_json)
    return ExitCode.DONE


def _import(target: Target, file: Path, *, replace: bool, lock_timeout: str, as_json: bool) -> int:
    from chronon.runners.lock import locked
    from chronon.stores.state import open_state
    from chronon.stores.state.export import read_export

    patience = patience_option(lock_timeout, as_json=as_json)
    dump = read_export(file.read_bytes())
    target.home.mkdir(parents=True, exist_ok=True)
    with (
        closing(open_state(target.state)) as store,
        locked(store, target.home, holder=holder(), clock=time.time, patience=patience) as lease,
    ):
        store.load(lease, dump, replace=replace)
    _tell("imported", dump, file, as_json=as_json)
    return ExitCode.DONE


def _tell(verb: str, dump: Dump, file: Path, *, as_json: bool) -> None:
    counts = {name: len(rows) for name, rows in dump.tables.items() if rows and name != "chain"}
    if as_json:
        print(json.dumps({verb: str(file), "serial": dump.serial, "rows": counts}, ensure_ascii=False))
        return
    shown = ", ".join(f"{name} {count:,}" for name, count in counts.items()) or "nothing recorded"
    say(f"{verb} {file}: serial {dump.serial}; {shown}")
