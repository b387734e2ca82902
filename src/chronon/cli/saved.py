"""Plans that were saved, as they were reviewed or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from chronon.model.errors import ChrononError

if TYPE_CHECKING:
    from chronon.model.plan import Plan
    from chronon.model.state import State


def saved_plan(file: Path) -> Plan:
    """The plan in a file that `chronon plan --out` wrote. Errors: CHR-S900, CHR-S901."""
    from chronon.cli.views.plan_json import read_plan

    try:
        return read_plan(file.read_text(encoding="utf-8", errors="replace"))
    except ChrononError as unread:
        hint = "save a plan anew with `chronon plan --out FILE`"
        raise ChrononError(unread.code, f"{file}: {unread.message}", hint) from unread


def refuse_edited(plan: Plan, state: State) -> None:
    """A plan whose content is not what its id says was not what anybody reviewed. Errors: CHR-P090."""
    from chronon.planners import plan_id

    if state.serial == plan.base_serial and plan_id(plan, state.environment(plan.environment)) != plan.id:
        raise ChrononError("CHR-P090", f"the file is not plan {plan.id}: its content was edited", "plan again")
