"""`chronon drift`: what is there beside what is declared and recorded."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from chronon.cli.context import HERE, PROD, EnvOption, JsonOption, RepoOption, TargetOption
from chronon.cli.drafting import Asked, checked_or_told, planned
from chronon.cli.exits import ExitCode
from chronon.cli.terminal import paint_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chronon.model.plan import Drift


def drift(
    *,
    as_json: JsonOption = False,
    target: TargetOption = None,
    environment: EnvOption = PROD,
    repo: RepoOption = HERE,
) -> int:
    """Hold tables, computed files, served values and topics against what is declared and recorded.

    Looks for every file and value that is recorded, and changes nothing. Exit code 1 when something is not as it should be;
    columns that no source declares are told and are no drift.
    """
    checked = checked_or_told(repo, as_json=as_json)
    if checked is None:
        return ExitCode.FINDINGS
    repository, catalog = checked
    plan, _, tables = planned(checked, Asked(repo=repo, target=target, environment=environment, thorough=True))
    from chronon.planners import undeclared_of

    notes = undeclared_of(
        catalog, repository, tables.of(catalog.table_rows).live(dict.fromkeys(sorted(tables.names())))
    )
    _show(plan.upstream, plan.drift, notes, as_json=as_json)
    return ExitCode.FINDINGS if plan.upstream or plan.drift else ExitCode.DONE


def _show(upstream: Sequence[Drift], made: Sequence[Drift], notes: Sequence[Drift], *, as_json: bool) -> None:
    from chronon.cli.views.plan_drift import DRIFT, UPSTREAM, drift_lines
    from chronon.schemas.wire import to_plain

    if as_json:
        found = {"upstream": upstream, "drift": made, "undeclared": notes}
        print(
            json.dumps(
                {name: [to_plain(each) for each in all_of] for name, all_of in found.items()}, ensure_ascii=False
            )
        )
        return
    paint = paint_for(sys.stdout)
    lines = drift_lines(UPSTREAM, upstream, paint, verbose=True) + drift_lines(DRIFT, made, paint, verbose=True)
    lines += drift_lines("NOT DECLARED: columns that nobody can read", notes, paint, verbose=True)
    verdict = "" if upstream or made else "everything is as it is declared and recorded"
    print("\n".join([*lines, *(["", verdict] if lines and verdict else [verdict] if verdict else [])]).lstrip("\n"))
