"""`chronon init`: an empty repository that validates, and in which editors know every field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from chronon.cli.context import JsonOption
from chronon.cli.exits import ExitCode
from chronon.model.errors import ChrononError
from chronon.model.names import IDENTIFIER

SCHEMAS = "schemas"
"""The folder of the schemas. They are copies: a path of this installation would lead nowhere on another machine."""

_SETTINGS = Path(".vscode", "settings.json")
_FILES = {
    "chronon.yaml": """\
# yaml-language-server: $schema=schemas/chronon.schema.json
tables: data            # <tables>/<database>/<table>/ds=YYYY-MM-DD/*.parquet
streams: streams        # <streams>/<database>/<name>/*.jsonl
targets:
  local: {{engine: local, home: .chronon/local}}
""",
    "teams/{team}/team.yaml": """\
# yaml-language-server: $schema=../../schemas/team.schema.json
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
    """Start a repository of definitions: chronon.yaml, one team, and what editors need.

    Overwrites nothing: a file that is there is an error. Settings of VS Code that are there are added to.
    """
    from chronon.cli.editors import schema_texts, write_schemas
    from chronon.schemas.documents import Draft

    if not IDENTIFIER.fullmatch(team):
        raise typer.BadParameter(f"{team!r} is no name: lower-case letters, digits and _, a letter first")
    files = {folder / path.format(team=team): text.format(team=team) for path, text in _FILES.items()}
    if found := [path for path in files if path.exists()]:
        raise ChrononError("CHR-S091", f"{found[0]} is there already", "choose another folder, or edit that file")
    written = [*files, *write_schemas(schema_texts(folder / SCHEMAS, Draft.D07))]
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    settings = folder / _SETTINGS
    missing = _set_up(settings)
    if not missing:
        written.append(settings)
    _tell(folder / "teams" / team, written, settings, missing, as_json=as_json)
    return ExitCode.DONE


def _set_up(settings: Path) -> dict[str, str]:
    """Write what leads editors to the schemas; what could not be added to settings that are there."""
    from chronon.cli.editors import settings_for, settings_text

    wanted = settings_for(SCHEMAS)
    try:
        # In bytes, since the lines of a file that is there must end as they did.
        present = settings.read_bytes().decode("utf-8") if settings.exists() else None
    except UnicodeDecodeError:
        return wanted
    text = settings_text(present, wanted)
    if text is None:
        return wanted
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_bytes(text.encode("utf-8"))
    return {}


def _tell(team: Path, written: list[Path], settings: Path, missing: dict[str, str], *, as_json: bool) -> None:
    from chronon.cli.editors import SETTING

    if as_json:
        left = {"left": {str(settings): {SETTING: missing}}} if missing else {}
        print(json.dumps({"written": [str(path) for path in written], **left}, ensure_ascii=False))
        return
    for path in written:
        print(f"written   {path}")
    if missing:
        print(f"left      {settings}, which cannot be added to safely; it needs")
        print(f"          {json.dumps(SETTING)}: {json.dumps(missing)}")
    print(f"next      add sources, group_bys and joins below {team}, then run `chronon validate`")
