"""`chronon schema`: the shapes of documents, for editors and other tools. Its verbs stand in `verbs`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from chronon.cli.context import JsonOption
from chronon.cli.exits import ExitCode
from chronon.schemas.documents import Draft, draft_schema

Name = Literal["chronon", "team", "source", "group_by", "join"]
"""What has a schema: those of `schemas.documents.NAMES`, as literals because completion reads them."""

verbs = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)


@verbs.callback()
def schema() -> None:
    """Show the JSON Schemas of documents, or write them into a folder for editors."""


@verbs.command()
def show(
    kind: Annotated[Name, typer.Argument(help="Which document: chronon is chronon.yaml, the others are the kinds.")],
    *,
    draft: Annotated[Draft, typer.Option("--draft", help="Dialect of JSON Schema.")] = Draft.D2020_12,
    as_json: JsonOption = False,
) -> int:
    """Show the schema of one kind of document.

    It is JSON with and without --json. Both dialects accept and refuse the same documents.
    """
    print(json.dumps(draft_schema(kind, draft), ensure_ascii=False, indent=None if as_json else 2))
    return ExitCode.DONE


@verbs.command()
def write(
    folder: Annotated[Path, typer.Argument(help="Where; made when it is not there.")],
    *,
    draft: Annotated[
        Draft, typer.Option("--draft", help="Dialect of JSON Schema; every editor reads draft-07.")
    ] = Draft.D07,
    as_json: JsonOption = False,
) -> int:
    """Write the schemas of all kinds into a folder.

    The files are called <kind>.schema.json. What an earlier version wrote is replaced; another file of such a name is an error, and nothing is written.
    """
    from chronon.cli.editors import schema_texts, write_schemas

    texts = schema_texts(folder, draft)
    changed = write_schemas(texts)
    if as_json:
        files = {str(path): "written" if path in changed else "unchanged" for path in texts}
        print(json.dumps({"draft": draft.value, "files": files}, ensure_ascii=False))
        return ExitCode.DONE
    for path in texts:
        print(f"{'written' if path in changed else 'unchanged':9} {path}")
    return ExitCode.DONE
