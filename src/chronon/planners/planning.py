"""The plan: what differs from what is deployed, and the steps that make it so."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import assert_never

from chronon.model.dayset import DaySet
from chronon.model.definitions import Catalog
from chronon.model.jobs import DerivationJob, Digest, FeatureJob, Job, LeftJob, StreamJob, UploadJob
from chronon.model.live import Observed
from chronon.model.names import ObjectId
from chronon.model.plan import Change, Drift, Plan, PlanId, gates_of
from chronon.model.savepoints import Savepoints
from chronon.model.specs import Repository
from chronon.model.state import Environment, Snapshot, State
from chronon.model.time import Day
from chronon.planners.changes import changes_between
from chronon.planners.corrected import findings_of, rewritten_of
from chronon.planners.corrections import (
    Meaning,
    Outdated,
    as_once_made,
    outdated_by,
    recorded,
    with_outdated,
    without_outdated,
)
from chronon.planners.days import Available, default_as_of
from chronon.planners.demand import demand_of
from chronon.planners.digests import Canonical, digest
from chronon.planners.drifting import as_it_is, as_planned, drift_of
from chronon.planners.excluding import excluded_with, staying, without
from chronon.planners.fingerprints import Digests, digests_of
from chronon.planners.overtaken import Lacking, lacking_of, overtaken_by
from chronon.planners.selection import needed, partly
from chronon.planners.settled import NO_REST, Rest
from chronon.planners.snapshots import Definitions, content_of, owners_of, snapshots_from, snapshots_of
from chronon.planners.steps import Inputs, StepList, table_steps, upload_steps
from chronon.planners.streams import stream_steps
from chronon.planners.upstream import upstream_of
from chronon.planners.verdicts import Streams, stream_changes
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
    observed: Observed | None = None,
    meaning: Meant | None = None,
    rest: Rest = NO_REST,
) -> Plan:
    """What `apply` has to do so that an environment serves and stores what the catalog says, up to a day.

    repository: what the catalog was resolved from: descriptions, owners, places in files.
    available:  table → days with a partition; None for a table without partitions.
    as_of:      the last day that is computed; None takes the last one that every events table has.
    held:       topic → bytes that it holds now; a stream that has folded fewer goes on. Topics not listed stand still.
    selected:   the objects that may change and for which work is done, with what is made for them; None for all.
    observed:   what there is besides; None when nobody has looked.  meaning: of the catalog, where known.  rest: what is settled.
    What cannot be computed of the tables as they are stays as it is deployed; what is recorded and gone is made again.
    Laws: equal inputs give equal bytes; a plan that was applied leaves an empty one. Errors: CHR-P001, CHR-P094.
    """
    seen, deployed = observed or Observed(), state.environment(environment)
    meant, holds = meaning or meaning_of(catalog, repository), held or {}
    upstream = upstream_of(catalog, repository, seen.tables, available)
    excluded = _blocked(catalog, deployed.snapshots, meant.snapshots, upstream)
    scope = _narrowed(_whole((repository, catalog), meant, deployed), deployed.snapshots, selected, excluded)
    until = last_day_of(scope.catalog, catalog, state, available) if as_of is None else as_of
    demand = demand_of(scope.catalog, repository, meant.digests, available, as_of=until)
    there = as_once_made(as_it_is(state, seen))
    lacking = lacking_of((scope.catalog, meant.digests), demand, there, deployed.snapshots)
    corrected = outdated_by(seen.corrected, (catalog, meant.digests), there)
    places = seen.savepoints
    steps, outdated = work_of(lacking, corrected, until, holds, places)
    streams = Streams.of(deployed.snapshots, scope.snapshots, there, steps.steps, scope.definitions, savepoints=places)
    plan = Plan(
        id=PlanId(""),
        environment=environment,
        base_serial=state.serial,
        as_of=until,
        revision=catalog.revision,
        changes=scope.changes,
        gates=gates_of(scope.changes, partial(owners_of, repository)),
        steps=tuple(steps.steps),
        gaps=demand.gaps,
        snapshots=scope.snapshots,
        untouched=untouched(scope.snapshots, scope.changes, steps) + len(rest.contents),
        left_out=scope.left_out,
        upstream=(*upstream, *_moved_tables(seen, (catalog, meant.digests), repository, there)),
        drift=as_planned(drift_of(catalog, state, environment, seen, holds), scope.catalog),
        excluded=tuple(sorted(excluded)),
        streams=stream_changes(scope.changes, streams),
        corrected=tuple(each for each in seen.corrected if each.found or corrected),
        stale=outdated.listed(),
        stale_uploads=tuple(sorted(outdated.uploads)),
    )
    return replace(plan, id=plan_id(plan, state, rest))


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """What a catalog means: the digests of its objects, and the snapshots that it asks for, by id."""

    digests: Digests
    snapshots: tuple[Snapshot, ...]


def meaning_of(catalog: Catalog, repository: Repository) -> Meant:
    """The meaning of a catalog. repository: what it was resolved from."""
    digests = digests_of(catalog)
    return Meant(digests=digests, snapshots=snapshots_from(catalog, repository, digests))


@dataclass(frozen=True, slots=True)
class _Scope:
    """What a plan may touch: all that is declared, or the part that is selected and can be computed.

    left_out: objects that differ and are not selected.  definitions: of snapshots, those that were read.
    """

    catalog: Catalog
    snapshots: tuple[Snapshot, ...]
    changes: tuple[Change, ...]
    definitions: Definitions
    left_out: tuple[ObjectId, ...] = ()


def _moved_tables(seen: Observed, meaning: Meaning, repository: Repository, there: State) -> Iterator[Drift]:
    """What is told of days that are other ones than they were, or only look so."""
    yield from findings_of(seen.corrected, meaning, repository, there)
    yield from rewritten_of(seen.rewritten)


def work_of(
    lacking: Lacking, corrected: Outdated, until: Day, held: Mapping[str, int], savepoints: Savepoints
) -> tuple[StepList, Outdated]:
    """The steps, and all that turns out to be outdated now: by corrections, and by days that come only now."""
    lacking.overtake()
    outdated = corrected | overtaken_by(lacking)
    there = lacking.state
    again = recorded(there) | outdated
    inputs = Inputs(
        catalog=lacking.catalog,
        digests=lacking.digests,
        demand=lacking.demand,
        state=without_outdated(there, again),
        days=with_outdated(lacking.days, lacking.demand, there, again),
        as_of=until,
        held=held,
        again=again.columns,
        uploaded=there.uploads,
        savepoints=savepoints,
    )
    return steps_for(inputs), outdated


def steps_for(inputs: Inputs) -> StepList:
    """The work: tables, then uploads, then streams."""
    steps = StepList()
    table_steps(inputs, steps)
    stream_steps(inputs, steps, upload_steps(inputs, steps))
    return steps


def _whole(declared: Declared, meant: Meant, deployed: Environment) -> _Scope:
    """All that is declared."""
    definitions = Definitions()
    changes = changes_between(deployed.snapshots, meant.snapshots, declared[0], definitions)
    return _Scope(catalog=declared[1], snapshots=meant.snapshots, changes=changes, definitions=definitions)


def _narrowed(
    scope: _Scope,
    deployed: Mapping[ObjectId, Snapshot],
    selected: Collection[ObjectId] | None,
    excluded: Collection[ObjectId],
) -> _Scope:
    """The part that is selected and can be computed. Errors: CHR-P094."""
    if selected is not None:
        scope = _selected(scope, deployed, selected)
    return _without(scope, deployed, excluded) if excluded else scope


def _selected(scope: _Scope, deployed: Mapping[ObjectId, Snapshot], selected: Collection[ObjectId]) -> _Scope:
    """The selected objects, with what is made for them. Errors: CHR-P094."""
    wanted = {snapshot.id: snapshot for snapshot in scope.snapshots}
    kept = partly(deployed, wanted, scope.catalog, selected)
    return _Scope(
        catalog=needed(scope.catalog, selected),
        snapshots=tuple(kept[identity] for identity in sorted(kept)),
        changes=tuple(change for change in scope.changes if change.id in selected),
        definitions=scope.definitions,
        left_out=tuple(sorted(change.id for change in scope.changes if change.id not in selected)),
    )


def _without(scope: _Scope, deployed: Mapping[ObjectId, Snapshot], excluded: Collection[ObjectId]) -> _Scope:
    """What can be computed; the rest stays as it is deployed."""
    return _Scope(
        catalog=without(scope.catalog, excluded),
        snapshots=staying(deployed, scope.snapshots, excluded),
        changes=tuple(change for change in scope.changes if change.id not in excluded),
        definitions=scope.definitions,
        left_out=scope.left_out,
    )


def _blocked(
    catalog: Catalog, deployed: Mapping[ObjectId, Snapshot], desired: Sequence[Snapshot], upstream: Sequence[Drift]
) -> frozenset[ObjectId]:
    """What cannot be computed of the tables as they are, and what stays with it."""
    blocked = {reader.id for each in upstream if each.blocks for reader in each.readers}
    return excluded_with(catalog, deployed, desired, blocked) if blocked else frozenset()


def last_day_of(catalog: Catalog, whole: Catalog, state: State, available: Available) -> Day:
    """The last day that everything which is planned can be computed for; of all that is declared when nothing is."""
    return default_as_of(catalog if catalog.group_bys or catalog.joins else whole, state, available)


def differences(old: Declared, new: Declared) -> tuple[Change, ...]:
    """What differs between two revisions of a repository, as `changes_between` tells it; places are those of the new one."""
    before = {snapshot.id: snapshot for snapshot in snapshots_of(old[1], old[0])}
    return changes_between(before, snapshots_of(new[1], new[0]), new[0])


def plan_id(plan: Plan, state: State, rest: Rest = NO_REST) -> PlanId:
    """The id of a plan: a digest of what it starts from and of all that it says, except the id that it bears.

    state: what the plan was made against. What it starts from is what the environment points at, and what is recorded of
    the data that the steps go on with: two states with as many serials behind them give two ids.
    rest:  what the plan counts and does not hold.
    """
    base = rest.base or base_of(fingerprints_of(state.environment(plan.environment)))
    return id_of(plan, start_of(plan, base, state), goal_of([*map(content_of, plan.snapshots), *rest.contents]))


def id_of(plan: Plan, start: Digest, goal: Digest) -> PlanId:
    """The id of a plan from digests of what it starts from (`start_of`) and of what it leads to (`goal_of`)."""
    said = to_json(replace(plan, id=PlanId(""), snapshots=()))
    return PlanId(f"p-{digest('plan', start, said, goal)[:16]}")


def base_of(fingerprints: Mapping[ObjectId, Digest]) -> Digest:
    """A digest of what an environment points at. fingerprints: of its snapshots."""
    return digest("base", sorted(f"{key.kind}/{key} {found}" for key, found in fingerprints.items()))


def fingerprints_of(deployed: Environment) -> Mapping[ObjectId, Digest]:
    """The fingerprints of what an environment points at."""
    return {identity: one.fingerprint for identity, one in deployed.snapshots.items()}


def start_of(plan: Plan, base: Digest, state: State) -> Digest:
    """A digest of what a plan starts from. base: of what the environment points at."""
    return digest("start", base, [_recorded(step.job, state) for step in plan.steps])


def goal_of(contents: Iterable[Digest]) -> Digest:
    """A digest of what an environment points at once a plan is applied: of the digests of its snapshots, in any order."""
    return digest("goal", sorted(contents))


def _recorded(job: Job, state: State) -> Canonical:
    """What is there already of what a job makes."""
    match job:
        case LeftJob():
            return _days(state, job.left, job.left)
        case FeatureJob() | DerivationJob():
            return [_days(state, job.left, column) for column, _name in job.columns]
        case UploadJob():
            return state.uploads.get(job.dataset, "none")
        case StreamJob():
            return [state.positions.get(reader.dataset, "none") for reader in job.readers]
        case _:
            assert_never(job)


def _days(state: State, left: Digest, column: Digest) -> Canonical:
    return [list(days) for days in state.computed.get((left, column), DaySet()).ranges]


def untouched(snapshots: Sequence[Snapshot], changes: Sequence[Change], steps: StepList) -> int:
    """How many objects neither differ nor have work."""
    touched = {change.id for change in changes} | {step.object for step in steps.steps}
    return sum(snapshot.id not in touched for snapshot in snapshots)
