"""What an apply did, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chronon.cli.terminal import PLAIN, Paint
from chronon.cli.views.words import plural, seconds_text
from chronon.model.names import Kind
from chronon.model.plan import Plan

if TYPE_CHECKING:
    from chronon.runners.apply import Applied


def applied_text(plan: Plan, applied: Applied, *, paint: Paint = PLAIN) -> str:
    """The last lines of an apply: counts, and the commands that show the result."""
    earlier = f", {applied.skipped:,} done before" if applied.skipped else ""
    steps = f"{plural(applied.done, 'step')} in {seconds_text(applied.seconds)}{earlier}"
    lines = [f"{paint.good('applied')} {plan.id} to {plan.environment}: {steps}"]
    environment = "" if plan.environment == "prod" else f" --env {plan.environment}"
    joins = [str(snapshot.id) for snapshot in plan.snapshots if snapshot.id.kind is Kind.JOIN]
    if joins:
        lines.append(f"look at     chronon show {joins[0]} --rows{environment}")
    if applied.served:
        lines.append(f"serving     {', '.join(applied.served)}")
        first = next((join for join in joins if join in applied.served), applied.served[0])
        lines.append(f"fetch with  chronon fetch {first} --keys …{environment}")
    return "\n".join(lines) + "\n"
