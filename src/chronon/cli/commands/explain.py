"""`chronon explain`: the page of a code, or what a plan would do for one object, and why."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer

from chronon.cli.commands.plan import AsOfOption
from chronon.cli.completing import objects_beginning_with
from chronon.cli.context import HERE, PROD, EnvOption, JsonOption, RepoOption, TargetOption
from chronon.cli.correcting import CorrectedOption
from chronon.cli.drafting import Asked, checked_or_told, day_option, objects_named, planned
from chronon.cli.exits import ExitCode
from chronon.cli.manual import CODE, page_of, pages
from chronon.cli.terminal import paint_for, printable
from chronon.cli.views.page import index_lines, page_lines


def explain(
    name: Annotated[
        str | None,
        typer.Argument(
            help="A code such as CHR-V014, or team.name, or team.name@version. Nothing: all codes.",
            show_default=False,
            autocompletion=objects_beginning_with,
        ),
    ] = None,
    *,
    as_of: AsOfOption = None,
    corrected: CorrectedOption = None,
    as_json: JsonOption = False,
    target: TargetOption = None,
    environment: EnvOption = PROD,
    repo: RepoOption = HERE,
) -> int:
    """Explain a code that chronon gives, with examples; or one object of a plan: why it changes, which steps it needs.

    Without a name every code is listed.
    """
    if name is None or CODE.fullmatch(name):
        print(_codes(as_json=as_json) if name is None else _code(name, as_json=as_json))
        return ExitCode.DONE
    asked = Asked(repo=repo, target=target, environment=environment, as_of=day_option(as_of), corrected=corrected or ())
    return _object(name, asked, as_json=as_json)


def _codes(*, as_json: bool) -> str:
    if as_json:
        return json.dumps({"codes": {code: page.title for code, page in pages().items()}}, ensure_ascii=False)
    return "\n".join(index_lines(tuple(pages().values()), paint_for(sys.stdout)))


def _code(code: str, *, as_json: bool) -> str:
    page = page_of(code)
    return (
        json.dumps(asdict(page), ensure_ascii=False) if as_json else "\n".join(page_lines(page, paint_for(sys.stdout)))
    )


def _object(name: str, asked: Asked, *, as_json: bool) -> ExitCode:
    """One object of a plan: why it changes, which steps work for it, what they wait for, what is missing."""
    from chronon.cli.views.sizes import step_size
    from chronon.planners import explain as explained

    checked = checked_or_told(asked.repo, as_json=as_json)
    if checked is None:
        return ExitCode.FINDINGS
    plan, state, _ = planned(checked, asked)
    _, catalog = checked
    deployed = state.environment(asked.environment).snapshots
    lines = [
        explained(plan, each, step_size)
        for each in objects_named(name, {*catalog.group_bys, *catalog.joins, *deployed})
    ]
    if as_json:
        print(json.dumps({"plan": plan.id, "lines": [line for each in lines for line in each]}, ensure_ascii=False))
    else:
        print("\n\n".join("\n".join(map(printable, each)) for each in lines))
    return ExitCode.DONE
