"""Which gates of a plan are still shut: changes that take away what is read, and that nobody has approved."""

from __future__ import annotations

from chronon.model.errors import ChrononError
from chronon.model.plan import Gate, Plan, gates_of
from chronon.stores.state.contract import StateStore


def missing_approvals(state: StateStore, plan: Plan) -> tuple[Gate, ...]:
    """The gates without an approval of this very plan. They follow from the changes, whatever the file says of them."""
    given = {approval.gate for approval in state.approvals(plan.id)}
    return tuple(gate for gate in gates_of(plan.changes) if gate.id not in given)


def check_approved(state: StateStore, plan: Plan) -> None:
    """Errors: CHR-R070 when an approval is missing, with every change that needs one.

    CHR-K011 or CHR-K012 comes first: nobody is asked to approve what cannot be applied.
    """
    state.check_base(plan.id, plan.base_serial)
    missing = missing_approvals(state, plan)
    if not missing:
        return
    lines = [f"{gate.reason} {gate.object.kind} {gate.object}: {gate.summary}" for gate in missing]
    number = "1 change" if len(missing) == 1 else f"{len(missing)} changes"
    message = "\n".join([f"{number} of plan {plan.id} must be approved before it is applied", *lines])
    save = "save the plan with `chronon plan --out plan.json`"
    if plan.origin:
        save = "save the plan: the same command with `--out plan.json`"
    hint = f'{save}, then `chronon approve plan.json --reason "…"`'
    raise ChrononError("CHR-R070", message, hint)
