"""`chronon schema`: the shapes of documents, for editors and other tools. Its verbs stand in `verbs`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from chronon.cli.completing import objects_beginning_with
from chronon.cli.context import HERE, JsonOption, RepoOption, config_of
from chronon.cli.exits import ExitCode
from chronon.cli.terminal import paint_for
from chronon.schemas.documents import Draft, draft_schema

if TYPE_CHECKING:
    from chronon.model.diagnostics import Diagnostic

Name = Literal["chronon", "team", "source", "group_by", "join", "plan", "state_export"]
"""What has a schema: `schemas.documents.NAMES` and `WRITTEN`, as literals, because completion reads them."""

verbs = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)


@verbs.callback()
def schema() -> None:
    """Show or write the JSON Schemas of documents; pull the columns of tables into sources."""


@verbs.command()
def show(
    kind: Annotated[
        Name,
        typer.Argument(
            help="Which document: chronon is chronon.yaml, plan and state_export are what commands write, the others are the kinds."
        ),
    ],
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


@verbs.command()
def pull(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="Sources, or tables such as airlines.arrivals.  [default: every source]",
            show_default=False,
            autocompletion=objects_beginning_with,
        ),
    ] = None,
    *,
    write: Annotated[
        bool, typer.Option("--write", help="Write new columns and other types into the files of the sources.")
    ] = False,
    as_json: JsonOption = False,
    repo: RepoOption = HERE,
) -> int:
    """Hold what sources declare against the newest file of their tables.

    Shows what differs, and for a table that no source reads its columns, ready to be put into one. --write appends new columns and
    replaces types, and leaves every other character of a file as it is; a column that is gone is told, never taken out.
    Exit code 1 when something is left that differs.
    """
    from chronon.cli.pulled import pulled
    from chronon.cli.views.pulled import pulled_lines, pulled_plain
    from chronon.loaders import load

    config = config_of(repo)
    repository, found = load(config.root)
    if found:
        _tell(found, as_json=as_json)
    result = pulled(config, repository, names or (), write=write)
    if as_json:
        print(json.dumps(pulled_plain(result), ensure_ascii=False))
    else:
        print("\n".join(pulled_lines(result, paint_for(sys.stdout), write=write)))
    return ExitCode.DONE if all(each.is_settled for each in result.sources) else ExitCode.FINDINGS


def _tell(found: tuple[Diagnostic, ...], *, as_json: bool) -> None:
    """Findings of files that could not be read: sources that they may declare are not pulled."""
    from chronon.cli.views.diagnostics import diagnostic_lines, diagnostics_json

    lines = [diagnostics_json(found)] if as_json else diagnostic_lines(found, paint_for(sys.stderr))
    for line in lines:
        print(line, file=sys.stderr)
