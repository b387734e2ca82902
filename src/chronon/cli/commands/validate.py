"""`chronon validate`: every mistake of the whole repository in one run."""

from __future__ import annotations

import sys
import time
from enum import StrEnum
from typing import Annotated

import typer

from chronon import __version__
from chronon.cli.context import HERE, PROD, Checked, EnvOption, JsonOption, RepoOption, TargetOption, check
from chronon.cli.exits import ExitCode
from chronon.cli.terminal import paint_for
from chronon.cli.views.annotations import github_lines
from chronon.cli.views.diagnostics import counts, diagnostic_lines, diagnostics_json
from chronon.cli.views.words import plural
from chronon.model.diagnostics import Severity


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
    checked = check(repo)
    if against is not None:
        from chronon.cli.against import compared

        checked = compared(checked, against, repo, target, environment)
    seconds = time.monotonic() - begun
    match Format.JSON if as_json else style:
        case Format.JSON:
            print(diagnostics_json(checked.found, definitions=_definitions(checked), seconds=round(seconds, 3)))
        case Format.SARIF:
            print(_sarif(checked, docs))
        case Format.GITHUB:
            print("".join(f"{line}\n" for line in github_lines(checked.found)), end="")
        case Format.TEXT:
            _show(checked, seconds)
    has_errors = any(one.severity is Severity.ERROR for one in checked.found)
    return ExitCode.FINDINGS if has_errors else ExitCode.DONE


def _sarif(checked: Checked, docs: str | None) -> str:
    from chronon.cli.landmarks import landmarks
    from chronon.cli.manual import pages
    from chronon.cli.views.sarif import sarif_json

    marks = landmarks(checked.root or HERE, checked.found)
    return sarif_json(checked.found, marks, pages(), version=__version__, docs=docs)


def _show(checked: Checked, seconds: float) -> None:
    paint = paint_for(sys.stdout)
    for line in diagnostic_lines(checked.found, paint):
        print(line)
    mark = paint.good if checked.catalog else paint.bad
    print(f"{plural(_definitions(checked), 'definition')} checked in {seconds:.2f} s: {mark(counts(checked.found))}")


def _definitions(checked: Checked) -> int:
    """How many definitions could be read."""
    repository = checked.repository
    if repository is None:
        return 0
    return len(repository.teams) + len(repository.sources) + len(repository.group_bys) + len(repository.joins)
