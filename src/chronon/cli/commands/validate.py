"""`chronon validate`: every mistake of the whole repository in one run."""

from __future__ import annotations

import time
from enum import StrEnum
from typing import Annotated

import typer

from chronon import __version__
from chronon.cli.context import (
    HERE,
    PROD,
    Checked,
    EnvOption,
    JsonOption,
    RepoOption,
    Reviewed,
    TargetOption,
    check,
    reviewed,
)
from chronon.cli.exits import ExitCode
from chronon.cli.telling import has_errors, tell_review
from chronon.cli.views.annotations import github_lines


class Format(StrEnum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


def validate(
    *,
    as_json: JsonOption = False,
    against: Annotated[
        str | None,
        typer.Option("--against", metavar="REVISION", help="Compare schemas with a git revision, or with `deployed`."),
    ] = None,
    style: Annotated[
        Format, typer.Option("--format", help="sarif: for code scanning. github: annotations of a workflow.")
    ] = Format.TEXT,
    docs: Annotated[
        str | None, typer.Option(help="Address of docs/checks.md, to which rules in SARIF link.", show_default=False)
    ] = None,
    target: TargetOption = None,
    environment: EnvOption = PROD,
    repo: RepoOption = HERE,
) -> int:
    """Check every definition: all mistakes in one run, each with its place, code and hint.

    With --against, every change of a schema that breaks the `compatibility` of its object is one too (docs/evolution.md).
    Exit code 1 when there are errors; warnings alone give 0.
    """
    begun = time.monotonic()
    if against is None:
        checked = reviewed(repo)
    else:
        from chronon.cli.against import compared

        checked = _counted(compared(check(repo), against, repo, target, environment))
    seconds = time.monotonic() - begun
    match Format.JSON if as_json else style:
        case Format.SARIF:
            print(_sarif(checked, docs))
        case Format.GITHUB:
            print("".join(f"{line}\n" for line in github_lines(checked.found)), end="")
        case Format.JSON | Format.TEXT as asked:
            tell_review(checked, seconds, as_json=asked is Format.JSON)
    return ExitCode.FINDINGS if has_errors(checked.found) else ExitCode.DONE


def _sarif(checked: Reviewed, docs: str | None) -> str:
    from chronon.cli.landmarks import landmarks
    from chronon.cli.manual import pages
    from chronon.cli.views.sarif import sarif_json

    marks = landmarks(checked.root or HERE, checked.found)
    return sarif_json(checked.found, marks, pages(), version=__version__, docs=docs)


def _counted(checked: Checked) -> Reviewed:
    """The findings, and how many definitions could be read."""
    repository = checked.repository
    n_definitions = 0
    if repository is not None:
        n_definitions += len(repository.teams) + len(repository.sources)
        n_definitions += len(repository.group_bys) + len(repository.joins)
    return Reviewed(root=checked.root, definitions=n_definitions, found=checked.found)
