"""`chronon approve`: somebody's word that dangerous changes of a saved plan may be applied."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chronon.cli.context import HERE, JsonOption, RepoOption, TargetOption, config_of
from chronon.cli.exits import ExitCode
from chronon.cli.identity import person
from chronon.cli.saved import refuse_edited, saved_plan
from chronon.cli.terminal import printable
from chronon.model.errors import ChrononError

if TYPE_CHECKING:
    from chronon.model.plan import Gate, Plan

PlanArgument = Annotated[Path, typer.Argument(metavar="PLAN", help="A plan that `chronon plan --out` wrote.")]
ChangesArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="[CHANGE]...", help="Objects whose changes are approved.  [default: all that are not yet]"),
]


def approve(
    file: PlanArgument,
    changes: ChangesArgument = None,
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why this may be done; stands in the log.")],
    as_json: JsonOption = False,
    target: TargetOption = None,
    repo: RepoOption = HERE,
) -> int:
    """Approve changes of a saved plan that take away what is read today: removals and serving breaks.

    An approval is of this very plan: it is recorded with who, when and why, and no other plan can use it.
    """
    from chronon.runners.approvals import missing_approvals
    from chronon.stores.state import open_state

    if not reason.strip():
        raise typer.BadParameter("--reason is empty: say why this may be done")
    plan = saved_plan(file)
    named = _named(plan, changes) if changes else None
    with closing(open_state(config_of(repo).target(target).state)) as state:
        refuse_edited(plan, state.read())
        chosen = missing_approvals(state, plan) if named is None else named
        ids = [gate.id for gate in chosen]
        state.approve(plan.id, plan.base_serial, ids, who=person(), reason=reason.strip(), now=time.time())
        missing = missing_approvals(state, plan)
    _tell(plan, file, chosen, missing, as_json=as_json)
    return ExitCode.DONE


def _named(plan: Plan, names: Sequence[str]) -> tuple[Gate, ...]:
    """The gates of these objects. Errors: CHR-R071 when a name has none."""
    from chronon.loaders.nearest import suggestion

    known = {text for gate in plan.gates for text in (str(gate.object), str(gate.object.name))}
    for name in names:
        if name not in known:
            message = f"plan {plan.id} has no change of {name} that needs an approval"
            raise ChrononError("CHR-R071", message, suggestion(name, sorted(known)))
    return tuple(gate for gate in plan.gates if {str(gate.object), str(gate.object.name)} & set(names))


def _tell(plan: Plan, file: Path, chosen: Sequence[Gate], missing: Sequence[Gate], *, as_json: bool) -> None:
    if as_json:
        said = {"plan": plan.id, "approved": [gate.id for gate in chosen], "missing": [gate.id for gate in missing]}
        print(json.dumps(said, ensure_ascii=False))
        return
    lines = [f"approved: {gate.object.kind} {gate.object}: {gate.summary}" for gate in chosen]
    lines += [f"still to be approved: {gate.object.kind} {gate.object}: {gate.summary}" for gate in missing]
    lines += [] if missing else [f"{'' if chosen else 'nothing has to be approved; '}apply with   chronon apply {file}"]
    sys.stdout.write("".join(f"{printable(line)}\n" for line in lines))
