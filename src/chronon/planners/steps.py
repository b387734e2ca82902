"""The steps that make what is wanted out of what is there: jobs, in an order in which they can run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from chronon.model.dayset import DaySet
from chronon.model.definitions import SLACK_DAYS, Catalog, Column, Feature, Filled, GroupBy, Join, Rows, Selected
from chronon.model.jobs import ChainedInput, DerivationJob, Digest, FeatureJob, Job, LeftJob, UploadJob
from chronon.model.names import ObjectId
from chronon.model.plan import Step, StepId
from chronon.model.savepoints import Savepoints
from chronon.model.specs import Accuracy
from chronon.model.state import State
from chronon.model.time import Day, day_text
from chronon.model.types import DataType, Scalar
from chronon.planners.days import Joined, joined_to, source_days
from chronon.planners.demand import Demand, Stored, parent_of
from chronon.planners.derived import Derived
from chronon.planners.digests import digest
from chronon.planners.fingerprints import Digests, in_stored_order, select_names
from chronon.planners.row_meanings import columns_read
from chronon.schemas.wire import to_json

Named = tuple[str, Digest]
"""A column of a join by its name in the join and its digest; the left rows have no name."""


@dataclass(slots=True)
class StepList:
    """Steps while they are collected, and who makes what on which days."""

    steps: list[Step] = field(default_factory=list)
    makers: dict[Stored, list[tuple[DaySet, StepId]]] = field(default_factory=dict)

    def add(self, identity: ObjectId, job: Job, needs: Iterable[StepId], reason: str) -> StepId:
        """Append a step for a job."""
        step = StepId(digest("step", to_json(job, Job)))
        self.steps.append(Step(id=step, object=identity, job=job, needs=tuple(sorted(set(needs))), reason=reason))
        return step

    def makes(self, step: StepId, left: Digest, columns: Iterable[Digest], days: DaySet) -> None:
        """Remember what a step leaves behind."""
        for column in columns:
            self.makers.setdefault((left, column), []).append((days, step))

    def makers_of(self, left: Digest, columns: Iterable[Digest], days: DaySet) -> list[StepId]:
        """The steps that make some of the columns on some of the days."""
        return [step for column in columns for made, step in self.makers.get((left, column), ()) if made & days]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What steps are made from.

    state:  without what is to be made again.
    days:   (left, column) → the days that are made: those that are missing, and those that are outdated.
    held:   topic → bytes that it holds.
    again:  (left, column) → days that are outdated: computed of other rows than there are now.
    uploaded: dataset → last day of its newest upload, also where that is to be made again.
    savepoints: of the streams whose topic has grown.
    """

    catalog: Catalog
    digests: Digests
    demand: Demand
    state: State
    days: Mapping[Stored, DaySet]
    as_of: Day
    held: Mapping[str, int]
    again: Mapping[Stored, DaySet]
    uploaded: Mapping[Digest, Day]
    savepoints: Savepoints

    def upload_day(self, dataset: Digest) -> Day:
        """The last day that the next upload of a dataset counts: never one before that of the newest."""
        return max(self.as_of, self.uploaded.get(dataset, self.as_of))

    def lack(self, left: Digest, columns: Iterable[Digest], days: DaySet) -> str:
        """Why some days of columns are made: `3 days missing`, `2 days outdated`, or both."""
        outdated = DaySet.of(
            pair for column in columns for pair in (self.again.get((left, column), DaySet()) & days).ranges
        )
        counted = [(len(days - outdated), "missing"), (len(outdated), "outdated")]
        return ", ".join(f"{n} {'day' if n == 1 else 'days'} {what}" for n, what in counted if n)


def table_steps(inputs: Inputs, steps: StepList) -> None:
    """Append left, feature and derivation jobs for every wanted column that lacks days."""
    makes: dict[ObjectId, dict[Named, DaySet]] = {}
    for stored, days in inputs.days.items():
        wanted = inputs.demand.columns[stored]
        makes.setdefault(wanted.join, {})[wanted.name, stored[1]] = days
    for identity in inputs.digests.order:
        if lacks := makes.get(identity):
            join = inputs.catalog.joins[identity]
            _left_step(inputs, steps, join, lacks)
            for joined in joined_to(join, inputs.catalog.group_bys):
                _feature_steps(inputs, steps, join, joined, lacks)
            for made in inputs.digests.joins[identity].rounds:
                _derivation_steps(inputs, steps, join, made, lacks)


def upload_steps(inputs: Inputs, steps: StepList) -> Mapping[Digest, StepId]:
    """Append an upload for every dataset that has none of the day; returns dataset → step."""
    made: dict[Digest, StepId] = {}
    for identity in inputs.demand.uploads:
        found = inputs.digests.group_bys[identity]
        group_by, dataset = in_stored_order(inputs.catalog.group_bys[identity], found), found.serving
        if dataset is None or dataset in made:
            continue
        newest = inputs.state.uploads.get(dataset)
        if newest is not None and newest >= inputs.as_of:
            continue
        chained = _chained_input(inputs, group_by)
        day = inputs.upload_day(dataset)
        job = UploadJob(dataset=dataset, group_by=group_by.at_midnight(), day=day, chained=chained)
        asked = DaySet.span(day + 1, day + 1)
        needs = _parent_steps(steps, group_by, chained, Accuracy.SNAPSHOT, asked)
        reason = _upload_reason(inputs, dataset)
        made[dataset] = steps.add(identity, job, needs, reason)
    return made


def _upload_reason(inputs: Inputs, dataset: Digest) -> str:
    newest = inputs.uploaded.get(dataset)
    if newest is None:
        return "first batch values"
    if newest == inputs.upload_day(dataset):
        return f"batch values until {day_text(newest)} count other rows than there are now"
    return f"batch values end with {day_text(newest)}"


def _left_step(inputs: Inputs, steps: StepList, join: Join, lacks: Mapping[Named, DaySet]) -> None:
    left, days = next(((column, days) for (name, column), days in lacks.items() if not name), (None, None))
    if left is None or days is None:
        return
    rows = replace(join.left, start=None, end=None, topic=None)
    step = steps.add(
        join.id, LeftJob(left=left, rows=rows, days=days), (), f"left rows: {inputs.lack(left, [left], days)}"
    )
    steps.makes(step, left, [left], days)


def _feature_steps(inputs: Inputs, steps: StepList, join: Join, joined: Joined, lacks: Mapping[Named, DaySet]) -> None:
    """One job per set of days that some columns of a part, or of a table that is looked up, lack together."""
    found, part = inputs.digests.joins[join.id], joined.part
    groups: dict[DaySet, list[Feature]] = {}
    for feature in joined.group_by.features:
        name = part.column(feature.name)
        if days := lacks.get((name, found.features.get(name, found.left))):
            groups.setdefault(days, []).append(feature)
    for days, features in groups.items():
        job = _feature_job(inputs, join, joined, features, days)
        needs = steps.makers_of(job.left, [job.left], days)
        needs += _parent_steps(steps, job.group_by, job.chained, joined.accuracy, days.shift(joined.later))
        lack = inputs.lack(job.left, [column for column, _ in job.columns], days)
        reason = f"{_columns([name for _, name in job.columns])}: {lack}"
        step = steps.add(join.id, job, needs, reason)
        steps.makes(step, job.left, [column for column, _ in job.columns], days)


def _feature_job(inputs: Inputs, join: Join, joined: Joined, features: Sequence[Feature], days: DaySet) -> FeatureJob:
    found, part = inputs.digests.joins[join.id], joined.part
    reduced = reduced_to(joined.group_by, features)
    names = [part.column(feature.name) for feature in features]
    keys = set(part.keys.values())
    return FeatureJob(
        left=found.left,
        left_columns=tuple(Column(name=s.name, type=s.type) for s in join.left.selects if s.name in keys),
        group_by=reduced,
        part=part,
        columns=tuple((found.features[name], name) for name in names),
        days=days,
        chained=_chained_input(inputs, reduced),
        at_end=joined.at_end,
    )


def _derivation_steps(
    inputs: Inputs, steps: StepList, join: Join, made: Sequence[Derived], lacks: Mapping[Named, DaySet]
) -> None:
    """One job per set of days that some columns of a round lack together."""
    groups: dict[DaySet, list[Derived]] = {}
    for derived in made:
        if days := lacks.get((derived.name, derived.digest)):
            groups.setdefault(days, []).append(derived)
    for days, several in groups.items():
        job = _derivation_job(inputs, join, several, days)
        needs = steps.makers_of(job.left, job.inputs.values(), days) + steps.makers_of(job.left, [job.left], days)
        columns = [column for column, _ in job.columns]
        reason = f"{_columns([name for _, name in job.columns])}: {inputs.lack(job.left, columns, days)}"
        steps.makes(steps.add(join.id, job, needs, reason), job.left, columns, days)


def _derivation_job(inputs: Inputs, join: Join, several: Sequence[Derived], days: DaySet) -> DerivationJob:
    types = _input_types(inputs.catalog, join)
    read = {name: digest for derived in several for name, digest in derived.inputs.items()}
    return DerivationJob(
        left=inputs.digests.joins[join.id].left,
        derivations=tuple(one.made for one in several if isinstance(one.made, Selected)),
        filled=tuple(one.made for one in several if isinstance(one.made, Filled)),
        columns=tuple((one.digest, one.name) for one in several),
        inputs={name: read[name] for name in sorted(read)},
        input_types=tuple(Column(name=name, type=types[name]) for name in sorted(read)),
        days=days,
    )


def _input_types(catalog: Catalog, join: Join) -> dict[str, DataType]:
    """The type of everything that is read of the rows of a join by what is made of it."""
    types: dict[str, DataType] = {"ts": Scalar.LONG}
    types |= {select.name: select.type for select in join.left.selects}
    for joined in joined_to(join, catalog.group_bys):
        types |= {joined.part.column(feature.name): feature.type for feature in joined.group_by.features}
    return types | {one.name: one.type for one in join.filled}


def reduced_to(group_by: GroupBy, features: Sequence[Feature]) -> GroupBy:
    """The group_by with some of its features, and of its rows only what these need."""
    names = select_names(group_by, features)
    return replace(group_by, features=tuple(features), rows=tuple(_reduced_rows(rows, names) for rows in group_by.rows))


def _reduced_rows(rows: Rows, names: frozenset[str]) -> Rows:
    read = columns_read(rows, names)
    return replace(
        rows,
        mutations=_reduced_rows(rows.mutations, names) if rows.mutations else None,
        selects=tuple(select for select in rows.selects if select.name in names),
        columns=tuple(column for column in rows.columns if column.name in read),
    )


def _chained_input(inputs: Inputs, group_by: GroupBy) -> ChainedInput | None:
    """The parent's columns that the rows of a group_by name."""
    parent = parent_of(group_by)
    if parent is None:
        return None
    found = inputs.digests.joins[parent]
    read = sorted({column.name for rows in group_by.rows if rows.join for column in rows.columns})
    return ChainedInput(left=found.left, columns={name: found.outputs[name] for name in read})


def _parent_steps(
    steps: StepList, group_by: GroupBy, chained: ChainedInput | None, accuracy: Accuracy, asked: DaySet
) -> list[StepId]:
    """The steps that make what a chained group_by reads on the days that its answers look back to."""
    if chained is None:
        return []
    read = DaySet()
    for rows in group_by.rows:
        if rows.join:
            read |= source_days(rows, group_by.features, accuracy, asked)
    days = read.widen(before=SLACK_DAYS, after=SLACK_DAYS)
    return steps.makers_of(chained.left, (chained.left, *chained.columns.values()), days)


def _columns(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{len(names)} columns"
