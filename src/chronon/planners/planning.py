"""The plan: what differs from what is deployed, and the steps that make it so."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from chronon.model.definitions import Catalog
from chronon.model.names import ObjectId
from chronon.model.plan import Change, Plan, PlanId
from chronon.model.specs import Repository
from chronon.model.state import Environment, Snapshot, State
from chronon.model.time import Day
from chronon.planners.changes import changes_between
from chronon.planners.days import Available, default_as_of
from chronon.planners.demand import demand_of
from chronon.planners.digests import Canonical, digest
from chronon.planners.fingerprints import digests_of
from chronon.planners.selection import needed, partly
from chronon.planners.snapshots import snapshots_from, snapshots_of
from chronon.planners.steps import Inputs, StepList, table_steps, upload_steps
from chronon.planners.streams import stream_steps
from chronon.schemas.wire import to_json

Declared = tuple[Repository, Catalog]
"""What a revision declares, and what it means."""


def make_plan(
    catalog: Catalog,
    repository: Repository,
    state: State,
    available: Available,
    *,
    environment: str,
    as_of: Day | None,
    held: Mapping[str, int] | None = None,
    selected: Collection[ObjectId] | None = None,
) -> Plan:
    """What `apply` has to do so that an environment serves and stores what the catalog says, up to a day.

    repository: what the catalog was resolved from: descriptions, owners, places in files.
    available:  table → days with a partition; None for a table without partitions.
    as_of:      the last day that is computed; None takes the last one that every events table has.
    held:       topic → bytes that it holds now; a stream that has folded fewer goes on. Topics not listed stand still.
    selected:   the objects that may change and for which work is done, with what is made for them; None for all.
    Laws: equal inputs give equal bytes, whatever their order; a plan that was applied leaves an empty plan.
    Errors: CHR-P001 … CHR-P006, CHR-P094.
    """
    digests = digests_of(catalog)
    deployed = state.environment(environment)
    snapshots = snapshots_from(catalog, repository, digests)
    changes = changes_between(deployed.snapshots, snapshots, repository)
    left_out: tuple[ObjectId, ...] = ()
    if selected is not None:
        wanted = {snapshot.id: snapshot for snapshot in snapshots}
        kept = partly(deployed.snapshots, wanted, catalog, selected)
        snapshots = tuple(kept[identity] for identity in sorted(kept))
        left_out = tuple(sorted(change.id for change in changes if change.id not in selected))
        changes = tuple(change for change in changes if change.id in selected)
        catalog = needed(catalog, selected)
    until = default_as_of(catalog, state, available) if as_of is None else as_of
    demand = demand_of(catalog, repository, digests, available, as_of=until)
    inputs = Inputs(catalog=catalog, digests=digests, demand=demand, state=state, as_of=until, held=held or {})
    steps = StepList()
    table_steps(inputs, steps)
    stream_steps(inputs, steps, upload_steps(inputs, steps))
    plan = Plan(
        id=PlanId(""),
        environment=environment,
        base_serial=state.serial,
        as_of=until,
        revision=catalog.revision,
        changes=changes,
        steps=tuple(steps.steps),
        gaps=demand.gaps,
        snapshots=snapshots,
        untouched=_untouched(snapshots, changes, steps),
        left_out=left_out,
    )
    return replace(plan, id=plan_id(plan, deployed))


def differences(old: Declared, new: Declared) -> tuple[Change, ...]:
    """What differs between two revisions of a repository, as `changes_between` tells it; places are those of the new one."""
    before = {snapshot.id: snapshot for snapshot in snapshots_of(old[1], old[0])}
    return changes_between(before, snapshots_of(new[1], new[0]), new[0])


def plan_id(plan: Plan, deployed: Environment) -> PlanId:
    """The id of a plan: a digest of what it starts from and of all that it says, except the id that it bears.

    deployed: the environment that the plan was made against.
    """
    base = [[str(key), deployed.snapshots[key].fingerprint] for key in sorted(deployed.snapshots)]
    said = to_json(replace(plan, id=PlanId(""), snapshots=()))
    return PlanId(f"p-{digest('plan', base, said, [_content(snapshot) for snapshot in plan.snapshots])[:16]}")


def _content(snapshot: Snapshot) -> Canonical:
    """All fields of a snapshot, without the cost of its JSON."""
    columns = sorted(snapshot.columns.items())
    digests = (snapshot.fingerprint, snapshot.left, snapshot.serving, snapshot.stream, snapshot.metadata)
    return [str(snapshot.id.kind), str(snapshot.id), columns, digests, snapshot.definition, snapshot.origin]


def _untouched(snapshots: Sequence[Snapshot], changes: Sequence[Change], steps: StepList) -> int:
    """How many objects neither differ nor have work."""
    touched = {change.id for change in changes} | {step.object for step in steps.steps}
    return sum(snapshot.id not in touched for snapshot in snapshots)
