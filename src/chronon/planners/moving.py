"""Plans that move an environment to snapshots that are recorded: promotions and rollbacks.

Whatever they point at has been made once, so as long as nothing of it is gone and no newer days are asked for, there is
nothing to compute, and the plan only moves pointers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from chronon.model.live import Observed
from chronon.model.names import ObjectId
from chronon.model.plan import Change, Drift, Plan, PlanId, gates_of
from chronon.model.savepoints import NO_SAVEPOINTS
from chronon.model.state import Environment, Snapshot, State
from chronon.model.time import Day, Millis, instant_text
from chronon.planners.changes import changes_between
from chronon.planners.corrected import findings_of
from chronon.planners.corrections import Outdated, as_once_made, outdated_by
from chronon.planners.days import Available
from chronon.planners.demand import demand_of
from chronon.planners.drifting import PUBLICATION, as_it_is, as_planned, drift_of
from chronon.planners.overtaken import Lacking, lacking_of
from chronon.planners.planning import last_day_of, plan_id, steps_for, untouched, work_of
from chronon.planners.recorded import catalog_of, checked_digests, repository_of
from chronon.planners.selection import needed, partly
from chronon.planners.steps import Inputs, StepList
from chronon.planners.verdicts import Streams, stream_changes

CLEANED = "CHR-P162"

Snapshots = Mapping[ObjectId, Snapshot]


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where an environment is moved to.

    environment: the one that is moved.  origin: where the snapshots were taken from, as people read it.
    revision:    the commit that they were made from, where it is known.
    as_of:       the last day that must be there; None takes the last one that every events table has.
    goes_on:     whether what has come since is taken in: streams go on to the end of their topics, and what was computed of days
                 that were corrected is made again. Else it is enough that it was made.
    cleaned:     when something that only these snapshots needed was removed; None when nothing was.
    selected:    the objects that may change and for which work is done, with what is made for them; None for all.
    left_out:    objects that would change too, and are not selected.
    """

    environment: str
    snapshots: tuple[Snapshot, ...]
    origin: str
    revision: str = ""
    as_of: Day | None = None
    goes_on: bool = True
    cleaned: float | None = None
    selected: frozenset[ObjectId] | None = None
    left_out: tuple[ObjectId, ...] = ()


def narrowed(destination: Destination, deployed: Snapshots, selected: Collection[ObjectId]) -> Destination:
    """The same move for some objects only: the others stay at the snapshots that the environment points at now.

    Errors: CHR-P094 when a selected object that changes reads, or is read by, one that changes and is not selected.
    """
    wanted = {snapshot.id: snapshot for snapshot in destination.snapshots}
    kept = partly(deployed, wanted, catalog_of(destination.snapshots), selected)
    changes = changes_of_move(deployed, destination.snapshots)
    return replace(
        destination,
        snapshots=tuple(kept[identity] for identity in sorted(kept)),
        selected=frozenset(selected),
        left_out=tuple(sorted(change.id for change in changes if change.id not in selected)),
    )


def move_plan(
    destination: Destination, state: State, available: Available, *, held: Mapping[str, int], observed: Observed
) -> Plan:
    """What `apply` has to do so that an environment points at these snapshots.

    available, held, observed: as for `make_plan`; what was seen of the environment as if it pointed there already.
    Law: 0 steps when all of it is there.
    Errors: CHR-P001; CHR-P163 and CHR-S900 when another version of chronon has recorded the snapshots.
    """
    environment, snapshots = destination.environment, destination.snapshots
    deployed = state.environment(environment)
    catalog, repository = catalog_of(snapshots, destination.revision), repository_of(snapshots)
    digests = checked_digests(snapshots, catalog)
    changes = changes_of_move(deployed.snapshots, snapshots)
    scope = catalog if destination.selected is None else needed(catalog, destination.selected)
    until = last_day_of(scope, catalog, state, available) if destination.as_of is None else destination.as_of
    demand = demand_of(scope, repository, digests, available, as_of=until)
    moved = as_if_moved(state, environment, snapshots)
    lacking = lacking_of((scope, digests), demand, as_once_made(as_it_is(moved, observed)), deployed.snapshots)
    corrections = observed.corrected if destination.goes_on else ()
    corrected = outdated_by(corrections, (catalog, digests), lacking.state)
    if destination.goes_on:
        steps, outdated = work_of(lacking, corrected, until, held, observed.savepoints)
    else:
        steps, outdated = _missing_alone(lacking, until), Outdated()
    found = drift_of(catalog, moved, environment, observed, held)
    lost = as_planned(_still(found, deployed.snapshots, snapshots), scope)
    plan = Plan(
        id=PlanId(""),
        environment=environment,
        base_serial=state.serial,
        as_of=until,
        revision=destination.revision,
        changes=changes,
        gates=gates_of(changes),
        steps=tuple(steps.steps),
        gaps=demand.gaps,
        snapshots=snapshots,
        untouched=untouched(snapshots, changes, steps),
        left_out=destination.left_out,
        upstream=findings_of(corrections, (catalog, digests), repository, lacking.state),
        drift=(*_cleaned(destination, steps), *lost),
        streams=stream_changes(
            changes,
            Streams.of(deployed.snapshots, snapshots, lacking.state, steps.steps, savepoints=observed.savepoints),
        ),
        corrected=tuple(each for each in corrections if each.found or corrected),
        stale=outdated.listed(),
        stale_uploads=tuple(sorted(outdated.uploads)),
        origin=destination.origin,
    )
    return replace(plan, id=plan_id(plan, state))


def _missing_alone(lacking: Lacking, until: Day) -> StepList:
    """The steps that leave nothing missing: what is outdated stays so, and streams that have begun stand still."""
    inputs = Inputs(
        catalog=lacking.catalog,
        digests=lacking.digests,
        demand=lacking.demand,
        state=lacking.state,
        days=lacking.days,
        as_of=until,
        held={},
        again={},
        uploaded=lacking.state.uploads,
        savepoints=NO_SAVEPOINTS,
    )
    return steps_for(inputs)


def changes_of_move(deployed: Snapshots, snapshots: Sequence[Snapshot]) -> tuple[Change, ...]:
    """What changes for an environment that is moved to snapshots. No advice: nobody edits a file now."""
    found = changes_between(deployed, snapshots, repository_of(snapshots))
    return tuple(replace(change, hint="") for change in found)


def as_if_moved(state: State, environment: str, snapshots: Sequence[Snapshot]) -> State:
    """The state with an environment that points at other snapshots: what has to be looked at before it is moved."""
    pointed = Environment(
        name=environment,
        serial=state.environment(environment).serial,
        snapshots={snapshot.id: snapshot for snapshot in snapshots},
    )
    return replace(state, environments={**state.environments, environment: pointed})


def overwritten(source: Snapshots, target: Snapshots, base: Snapshots) -> tuple[ObjectId, ...]:
    """Objects of a target that a promotion would take back: changed there after the source was made, and not by it.

    base: what the target pointed at when the source was made. Descriptions count, as a promotion takes these too.
    """
    return tuple(
        sorted(
            identity
            for identity in base.keys() | target.keys()
            if target.get(identity) != base.get(identity) and source.get(identity) != target.get(identity)
        )
    )


def _still(found: Iterable[Drift], deployed: Snapshots, snapshots: Sequence[Snapshot]) -> tuple[Drift, ...]:
    """The findings without those that only say that the environment has not moved yet."""
    staying = {snapshot.id for snapshot in snapshots if deployed.get(snapshot.id) == snapshot}
    return tuple(
        each for each in found if each.code not in PUBLICATION or all(reader.id in staying for reader in each.readers)
    )


def _cleaned(destination: Destination, steps: StepList) -> tuple[Drift, ...]:
    if destination.cleaned is None or not steps.steps:
        return ()
    when = instant_text(Millis(int(destination.cleaned) * 1000))
    return (
        Drift(
            code=CLEANED,
            subject=f"environment {destination.environment}",
            found=f"pointed then at data that `chronon clean` removed at {when}",
            follows="it is made again, of the source tables as they are now",
        ),
    )
