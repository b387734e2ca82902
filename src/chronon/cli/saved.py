"""Plans that were saved, as they were reviewed or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from chronon.cli.context import check, config_of
from chronon.cli.views.diagnostics import counts
from chronon.model.diagnostics import Severity
from chronon.model.errors import ChrononError

if TYPE_CHECKING:
    from chronon.model.definitions import Catalog
    from chronon.model.plan import Plan
    from chronon.model.specs import Repository
    from chronon.model.state import State


def saved_plan(file: Path) -> Plan:
    """The plan in a file that `chronon plan --out` wrote. Errors: CHR-S900, CHR-S901."""
    from chronon.cli.views.plan_json import read_plan

    try:
        return read_plan(file.read_text(encoding="utf-8", errors="replace"))
    except ChrononError as unread:
        hint = "save a plan anew with `chronon plan --out FILE`"
        raise ChrononError(unread.code, f"{file}: {unread.message}", hint) from unread


def refuse_moved(plan: Plan, repo: Path, revision: str | None = None) -> None:
    """A plan of definitions that mean something else by now is not what the repository says. Errors: CHR-R091.

    Where nothing is declared, as on a host that only applies, the plan stands for itself, and so does one that does not come
    from files: a promotion or a rollback.
    revision: whose definitions; None is the working tree.
    """
    from chronon.planners import moved_since

    if plan.origin:
        return
    again = "plan again" + (
        f", or add `--revision {plan.revision}`" if plan.revision and "+" not in plan.revision else ""
    )
    repository, catalog = _declared(plan, repo, revision, again)
    if not catalog.group_bys and not catalog.joins:
        return
    moved = moved_since(plan, catalog, repository)
    if moved:
        names = [f"{identity.kind} {identity}" for identity in moved]
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        verb = "means" if len(names) == 1 else "mean"
        message = f"{', '.join(names[:3])}{more} {verb} something else than when plan {plan.id} was made"
        raise ChrononError("CHR-R091", message, again)


def _declared(plan: Plan, repo: Path, revision: str | None, again: str) -> tuple[Repository, Catalog]:
    if revision is not None:
        from chronon.cli.against import declared_at

        return declared_at(config_of(repo).root, revision)
    checked = check(repo)
    if checked.repository is None or checked.catalog is None:
        mistakes = [found for found in checked.found if found.severity is Severity.ERROR]
        message = f"definitions have changed since plan {plan.id} was made, and {counts(mistakes)}: `chronon validate`"
        raise ChrononError("CHR-R091", message, again)
    return checked.repository, checked.catalog


def refuse_edited(plan: Plan, state: State) -> None:
    """A plan whose content is not what its id says was not what anybody reviewed. Errors: CHR-P090."""
    from chronon.planners import plan_id

    if state.serial == plan.base_serial and plan_id(plan, state) != plan.id:
        raise ChrononError(
            "CHR-P090",
            f"the file is not plan {plan.id} of this state: it was edited, or made for another target",
            "plan again",
        )
