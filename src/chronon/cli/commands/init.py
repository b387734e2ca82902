"""`chronon init`: an empty repository that validates."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from chronon.cli.context import JsonOption
from chronon.cli.exits import ExitCode
from chronon.model.errors import ChrononError
from chronon.model.names import IDENTIFIER

_FILES = {
    "chronon.yaml": """\
tables: data            # <tables>/<database>/<table>/ds=YYYY-MM-DD/*.parquet
streams: streams        # <streams>/<database>/<name>/*.jsonl
targets:
  local: {{engine: local, home: .chronon/local}}
""",
    "teams/{team}/team.yaml": """\
team: {team}
description: What the team {team} owns
owners: [{team}@example.com]
""",
}


def init(
    folder: Annotated[Path, typer.Argument(help="Where; made when it is not there.")] = Path(),
    *,
    team: Annotated[str, typer.Option("--team", help="Name of the first team.")] = "example",
    as_json: JsonOption = False,
) -> int:
    """Start a repository of definitions: chronon.yaml and one team.

    Overwrites nothing: a file that is there is an error.
    """
    if not IDENTIFIER.fullmatch(team):
        raise typer.BadParameter(f"{team!r} is no name: lower-case letters, digits and _, a letter first")
    files = {folder / path.format(team=team): text.format(team=team) for path, text in _FILES.items()}
    if found := [path for path in files if path.exists()]:
        raise ChrononError("CHR-S091", f"{found[0]} is there already", "choose another folder, or edit that file")
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    if as_json:
        print(json.dumps({"written": [str(path) for path in files]}, ensure_ascii=False))
        return ExitCode.DONE
    for path in files:
        print(f"written   {path}")
    print(f"next      add sources, group_bys and joins below {folder / 'teams' / team}, then run `chronon validate`")
    return ExitCode.DONE
