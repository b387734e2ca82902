"""Whether definitions still mean what a saved plan was made from."""

from __future__ import annotations

from chronon.model.definitions import Catalog
from chronon.model.names import ObjectId
from chronon.model.plan import Plan
from chronon.model.specs import Repository
from chronon.planners.snapshots import snapshots_of


def moved_since(plan: Plan, catalog: Catalog, repository: Repository) -> tuple[ObjectId, ...]:
    """The objects that a plan brings or keeps, and that mean something else now, are gone, or came after it.

    What the plan left out, or could not plan, may differ. Descriptions and owners may, too: no value depends on them.
    """
    planned = {snapshot.id: snapshot.fingerprint for snapshot in plan.snapshots}
    declared = {snapshot.id: snapshot.fingerprint for snapshot in snapshots_of(catalog, repository)}
    open_ended = {*plan.left_out, *plan.excluded}
    return tuple(
        identity
        for identity in sorted(planned.keys() | declared.keys())
        if identity not in open_ended and planned.get(identity) != declared.get(identity)
    )
