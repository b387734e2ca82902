"""What an apply did, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from chronon.cli.terminal import PLAIN, Paint
from chronon.cli.views.sizes import against, foretold_of
from chronon.cli.views.words import folded, plural, seconds_text
from chronon.model.definitions import Join
from chronon.model.names import Kind
from chronon.model.plan import Plan, StepId
from chronon.model.sizes import Run
from chronon.model.state import Snapshot
from chronon.schemas.wire import from_json

if TYPE_CHECKING:
    from chronon.runners.apply import Applied

MAX_NAMES = 8
"""Served objects that are told one by one."""


def applied_text(plan: Plan, applied: Applied, runs: Mapping[StepId, Run], *, paint: Paint = PLAIN) -> str:
    """The last lines of an apply: counts, what it took, and the commands that show the result."""
    earlier = f", {applied.skipped:,} done before" if applied.skipped else ""
    steps = f"{plural(applied.done, 'step')} in {seconds_text(applied.seconds)}{earlier}"
    lines = [f"{paint.good('applied')} {plan.id} to {plan.environment}: {steps}"]
    lines += [f"            {line}" for line in against(foretold_of(plan), runs)]
    environment = "" if plan.environment == "prod" else f" --env {plan.environment}"
    joins = [snapshot for snapshot in plan.snapshots if snapshot.id.kind is Kind.JOIN]
    if joins:
        lines.append(f"look at     chronon show {joins[0].id} --rows{environment}")
    if applied.served:
        lines.append(f"serving     {folded(applied.served, MAX_NAMES)}")
        if served := [join for join in joins if str(join.id) in applied.served]:
            keys = ",".join(f"{key}=…" for key in _keys(served[0]))
            lines.append(f"fetch with  chronon fetch {served[0].id} --keys {keys}{environment}")
    return "\n".join(lines) + "\n"


def _keys(join: Snapshot) -> list[str]:
    """The columns that a request has to bring."""
    parts = from_json(join.definition, Join).parts
    return sorted({column for part in parts for column in part.keys.values()})
