"""Small catalogs, repositories and states, and applying a plan in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from chronon.model.corrections import Correction
from chronon.model.dayset import DaySet
from chronon.model.definitions import (
    Catalog,
    Column,
    Feature,
    Filled,
    GroupBy,
    Join,
    Lookup,
    Part,
    Rows,
    Selected,
    feature_name,
    given_name,
)
from chronon.model.diagnostics import Span
from chronon.model.jobs import DerivationJob, Digest, FeatureJob, LeftJob, StreamJob, UploadJob
from chronon.model.live import Observed
from chronon.model.names import Kind, ObjectId, ObjectName
from chronon.model.plan import Plan
from chronon.model.savepoints import Savepoints
from chronon.model.specs import (
    Accuracy,
    AggregationSpec,
    BootstrapSpec,
    GroupBySpec,
    Header,
    JoinSpec,
    OperationCall,
    PartSpec,
    QuerySpec,
    Repository,
    SourceKind,
    TeamSpec,
)
from chronon.model.state import Environment, State
from chronon.model.time import MINUTE, Day, Millis, parse_day, parse_duration
from chronon.model.types import DataType, MapOf, Scalar
from chronon.planners import make_plan

PHYSICAL: Mapping[str, DataType] = {
    "amount": Scalar.LONG,
    "card": Scalar.STRING,
    "city": Scalar.STRING,
    "happened": Scalar.LONG,
    "user": Scalar.STRING,
}


def day(text: str) -> Day:
    found = parse_day(text)
    assert found is not None
    return found


def days(first: str, last: str) -> DaySet:
    return DaySet.span(day(first), day(last))


def length(text: str | None) -> Millis | None:
    return None if text is None else parse_duration(text)


def group_by_id(name: str, version: int = 1) -> ObjectId:
    return ObjectId(Kind.GROUP_BY, ObjectName("shop", name), version)


def join_id(name: str, version: int = 1) -> ObjectId:
    return ObjectId(Kind.JOIN, ObjectName("shop", name), version)


def a_select(
    name: str, expression: str | None = None, of: DataType | None = None, reads: Sequence[str] | None = None
) -> Selected:
    text = expression or name
    read = tuple(sorted(word for word in PHYSICAL if word in text)) if reads is None else tuple(reads)
    return Selected(name=name, expression=text, type=of or PHYSICAL.get(name, Scalar.LONG), reads=read)


def some_rows(
    *selects: Selected,
    table: str = "shop.orders",
    topic: str | None = None,
    wheres: tuple[str, ...] = (),
    kind: SourceKind = SourceKind.EVENTS,
    time: str = "happened",
    start: str | None = None,
    end: str | None = None,
) -> Rows:
    when = a_select("ts", time, Scalar.LONG) if kind is SourceKind.EVENTS else None
    text = " ".join([*(s.expression for s in selects), *wheres, time if when else ""])
    return Rows(
        kind=kind,
        table=table,
        topic=topic,
        columns=tuple(Column(name=name, type=of) for name, of in PHYSICAL.items() if name in text),
        selects=tuple(sorted(selects, key=lambda s: s.name)),
        wheres=tuple(sorted(wheres)),
        time=when,
        start=day(start) if start else None,
        end=day(end) if end else None,
    )


def a_feature(
    operation: str = "sum",
    window: str | None = "7d",
    source: str = "amount",
    buckets: tuple[str, ...] = (),
    alias: str = "",
) -> Feature:
    call = OperationCall(operation)
    return Feature(
        name=feature_name(alias or source, call, length(window), buckets),
        input=source,
        input_type=Scalar.LONG,
        operation=call,
        window=length(window),
        buckets=buckets,
        type=MapOf(Scalar.LONG) if buckets else Scalar.LONG,
    )


def a_group_by(
    name: str = "spend",
    *,
    windows: Sequence[str | None] = ("1d", "7d"),
    operations: Sequence[str] = ("sum",),
    features: Sequence[Feature] | None = None,
    rows: Sequence[Rows] | None = None,
    keys: Sequence[str] = ("user",),
    accuracy: Accuracy = Accuracy.TEMPORAL,
    online: bool = False,
    topic: str | None = None,
    wheres: tuple[str, ...] = (),
    version: int = 1,
) -> GroupBy:
    asked = features or [a_feature(operation, window) for operation in operations for window in windows]
    named = sorted({*keys, *(f.input for f in asked), *(bucket for f in asked for bucket in f.buckets)})
    return GroupBy(
        id=group_by_id(name, version),
        rows=tuple(rows) if rows else (some_rows(*map(a_select, named), topic=topic, wheres=wheres),),
        keys=tuple(Column(name=key, type=Scalar.STRING) for key in keys),
        features=tuple(asked),
        accuracy=accuracy,
        online=online,
        tile=Millis(5 * MINUTE),
    )


def changing_entities(
    changes: str = "shop.user_changes",
    reversal: str = "amount < 0",
    *,
    features: Sequence[Feature] | None = None,
    topic: str | None = None,
) -> GroupBy:
    """Temporal features over snapshots of users, and what changes in them during a day; online where a topic tells."""
    selects = (a_select("user"), a_select("amount"))
    mutations = replace(
        some_rows(*selects, table=changes, kind=SourceKind.MUTATIONS, topic=topic),
        changed=a_select("ts", "happened", Scalar.LONG),
        reversal=a_select("reversal", reversal, Scalar.BOOLEAN),
    )
    users = replace(some_rows(*selects, table="shop.users", kind=SourceKind.ENTITIES), mutations=mutations)
    return a_group_by("balance", rows=[users], windows=(None,), features=features, online=topic is not None)


def a_part(group_by: GroupBy, prefix: str | None = None, keys: Mapping[str, str] | None = None) -> Part:
    return Part(
        group_by=group_by.id,
        keys=keys or {key.name: key.name for key in group_by.keys},
        prefix=prefix or group_by.id.name.prefix,
    )


def a_join(
    name: str = "training",
    *group_bys: GroupBy,
    parts: Sequence[Part] | None = None,
    left: Rows | None = None,
    start: str | None = None,
    derivations: Sequence[Selected] = (),
    hide: Iterable[str] = (),
    online: bool = False,
) -> Join:
    rows = left or some_rows(a_select("user"), a_select("card"), table="shop.checkouts")
    chosen = tuple(parts) if parts is not None else tuple(map(a_part, group_bys))
    by_id = {group_by.id: group_by for group_by in group_bys}
    hidden = set(hide)
    outputs = [Column(name=s.name, type=s.type) for s in rows.selects]
    outputs += [Column(name=part.column(f.name), type=f.type) for part in chosen for f in by_id[part.group_by].features]
    outputs += [Column(name=d.name, type=d.type) for d in derivations]
    return Join(
        id=join_id(name),
        left=rows,
        parts=chosen,
        derivations=tuple(derivations),
        outputs=tuple(column for column in outputs if column.name not in hidden),
        online=online,
        start=day(start) if start else None,
    )


def a_lookup(place: int = 1, table: str = "shop.old", expression: str = "amount", **edit: Any) -> Lookup:
    """A table that gives one column of type long, by `user`. edit: fields of its rows."""
    selects = (a_select("user"), a_select("given", expression, Scalar.LONG))
    rows = replace(some_rows(*selects, table=table, kind=SourceKind.ENTITIES), **edit)
    source = ObjectId(Kind.SOURCE, ObjectName("shop", table.rpartition(".")[2]))
    column = Feature(
        name=given_name(GIVEN, place), input="given", input_type=Scalar.LONG, operation=None, type=Scalar.LONG
    )
    group_by = a_group_by(rows=[rows], features=[column], accuracy=Accuracy.SNAPSHOT)
    return Lookup(part=Part(group_by=source, keys={"user": "user"}, prefix=""), group_by=replace(group_by, id=source))


GIVEN = "shop_spend_amount_sum_1d"
"""What the tables of `bootstrapped` give: a feature of `a_group_by()`."""


def bootstrapped(join: Join, *lookups: Lookup) -> Join:
    """A join to which tables give a feature, in their order."""
    placed = [
        replace(each, group_by=replace(each.group_by, features=(replace(feature, name=given_name(GIVEN, place)),)))
        for place, each in enumerate(lookups, start=1)
        for feature in each.group_by.features
    ]
    reads = tuple(given_name(GIVEN, place) for place in range(1, len(placed) + 1))
    filled = (Filled(name=GIVEN, type=Scalar.LONG, reads=(*reads, GIVEN)),) if placed else ()
    return replace(join, lookups=tuple(placed), filled=filled)


def chained_rows(parent: Join, *selects: Selected) -> Rows:
    types = {column.name: column.type for column in parent.outputs} | {"ts": Scalar.LONG}
    read = sorted({"ts", *(name for select in selects for name in select.reads)})
    return Rows(
        kind=SourceKind.EVENTS,
        join=parent.id,
        columns=tuple(Column(name=name, type=types[name]) for name in read),
        selects=tuple(sorted(selects, key=lambda s: s.name)),
        time=Selected(name="ts", expression="ts", type=Scalar.LONG, reads=("ts",)),
    )


def a_catalog(*objects: GroupBy | Join) -> Catalog:
    return Catalog(
        group_bys={each.id: each for each in objects if isinstance(each, GroupBy)},
        joins={each.id: each for each in objects if isinstance(each, Join)},
        revision="abc1234",
    )


def a_repository(
    catalog: Catalog,
    *,
    descriptions: Mapping[str, str] | None = None,
    owners: tuple[str, ...] = ("@shop",),
    team_start: str | None = None,
) -> Repository:
    """The specs that such a catalog could come from. Every value that can be edited has a span of its own."""
    told = descriptions or {}
    team = TeamSpec(
        header=Header(id=ObjectId(Kind.TEAM, ObjectName("shop", "shop")), owners=owners),
        start=day(team_start) if team_start else None,
    )
    return Repository(
        teams={"shop": team},
        sources={},
        group_bys={
            each.id: GroupBySpec(
                header=_header(each.id, told, _group_by_places(each)),
                queries=tuple(QuerySpec(source=rows.table) for rows in each.rows),
                keys=tuple(key.name for key in each.keys),
                aggregations=_aggregations(each),
            )
            for each in catalog.group_bys.values()
        },
        joins={
            each.id: JoinSpec(
                header=_header(each.id, told, ["join", "left", "start", "parts", "derivations", "online", "bootstrap"]),
                left=QuerySpec(source=each.left.table),
                parts=tuple(PartSpec(group_by=str(part.group_by)) for part in each.parts),
                bootstrap=tuple(
                    BootstrapSpec(query=QuerySpec(source=str(one.part.group_by)), keys=tuple(one.part.keys))
                    for one in each.lookups
                ),
            )
            for each in catalog.joins.values()
        },
        revision=catalog.revision,
    )


def _aggregations(group_by: GroupBy) -> tuple[AggregationSpec, ...]:
    """One aggregation per feature, so that each has its place."""
    return tuple(
        AggregationSpec(input=f.input, operations=(f.operation,), windows=(f.window,))
        for f in group_by.features
        if f.operation
    )


def _group_by_places(group_by: GroupBy) -> list[str | tuple[str | int, ...]]:
    windows = [("aggregations", index, "windows", 0) for index in range(len(group_by.features))]
    return ["group_by", "source", "select", "where", "time", "keys", "accuracy", "online", "tile", *windows]


def _header(identity: ObjectId, told: Mapping[str, str], places: Sequence[str | tuple[str | int, ...]]) -> Header:
    path = f"teams/shop/{identity.kind}s/{identity.name.name}.yaml"
    paths = [place if isinstance(place, tuple) else (place,) for place in places]
    return Header(
        id=identity,
        description=told.get(identity.name.name, ""),
        path=path,
        spans={(): Span(path)} | {each: Span(path, line + 2) for line, each in enumerate(paths)},
    )


def line_of(repository: Repository, identity: ObjectId, *path: str | int) -> int:
    headers = {**repository.group_bys, **repository.joins}
    return headers[identity].header.spans[path].line


FULL: Mapping[str, DaySet | None] = {
    "shop.orders": days("2024-01-01", "2024-03-10"),
    "shop.checkouts": days("2024-02-01", "2024-03-10"),
}


@dataclass
class World:
    """A deployment in memory: plans, and applies plans by believing them."""

    available: Mapping[str, DaySet | None] = field(default_factory=lambda: dict(FULL))
    state: State = field(default_factory=State)
    environment: str = "prod"
    held: Mapping[str, int] = field(default_factory=dict)
    corrected: tuple[Correction, ...] = ()
    savepoints: Savepoints = field(default_factory=Savepoints)

    def plan(self, *objects: GroupBy | Join, as_of: str | None = None, **cosmetic: object) -> Plan:
        catalog = a_catalog(*objects)
        repository = a_repository(catalog, **cosmetic)  # type: ignore[arg-type]
        return self.plan_of(catalog, repository, as_of=as_of)

    def plan_of(self, catalog: Catalog, repository: Repository, *, as_of: str | None = None) -> Plan:
        until = day(as_of) if as_of else None
        return make_plan(
            catalog,
            repository,
            self.state,
            self.available,
            environment=self.environment,
            as_of=until,
            held=self.held,
            observed=Observed(corrected=self.corrected, savepoints=self.savepoints),
        )

    def state_of(self, inside: Collection[ObjectId]) -> State:
        """The state as far as some objects go."""
        environment = self.state.environment(self.environment)
        kept = {identity: one for identity, one in environment.snapshots.items() if identity in inside}
        return replace(self.state, environments={self.environment: replace(environment, snapshots=kept)})

    def apply(self, plan: Plan, steps: int | None = None) -> Plan:
        """steps: how many are done before the apply is killed; None for all."""
        self.state = applied(self.state, plan, steps)
        self.corrected = ()
        return plan


def applied(state: State, plan: Plan, steps: int | None = None) -> State:
    """The state after a plan, if every step does what it says."""
    computed = dict(state.computed)
    uploads = dict(state.uploads)
    streams = dict(state.streams)
    stale = dict(state.stale)
    stale_uploads = {*state.stale_uploads, *plan.stale_uploads}
    for each in plan.stale:
        for column in each.columns:
            stale[each.left, column] = stale.get((each.left, column), DaySet()) | each.days
    done: set[str] = set()
    for step in plan.steps[:steps]:
        assert done.issuperset(step.needs), "a step runs before one that it needs"
        done.add(step.id)
        match step.job:
            case LeftJob() as job:
                for left, column in list(computed):
                    if left == job.left != column:  # rows of a day that is made again have other numbers
                        computed[left, column] -= job.days
                _publish(computed, stale, job.left, [job.left], job.days)
            case FeatureJob() | DerivationJob() as job:
                _publish(computed, stale, job.left, [column for column, _ in job.columns], job.days)
            case UploadJob() as job:
                uploads[job.dataset] = job.day
                stale_uploads.discard(job.dataset)
            case StreamJob() as job:
                streams |= {reader.dataset: job.since for reader in job.readers}
    environment = Environment(
        name=plan.environment,
        serial=state.environment(plan.environment).serial + 1,
        snapshots={snapshot.id: snapshot for snapshot in plan.snapshots},
    )
    return replace(
        state,
        serial=state.serial + 1,
        environments=state.environments if steps is not None else {**state.environments, plan.environment: environment},
        computed=computed,
        uploads=uploads,
        streams=streams,
        stale=stale,
        stale_uploads=frozenset(stale_uploads),
    )


def _publish(
    computed: dict[tuple[Digest, Digest], DaySet],
    stale: dict[tuple[Digest, Digest], DaySet],
    left: Digest,
    columns: Iterable[Digest],
    made: DaySet,
) -> None:
    for column in columns:
        computed[left, column] = computed.get((left, column), DaySet()) | made
        stale[left, column] = stale.get((left, column), DaySet()) - made


def stored_by(plan: Plan) -> Iterator[tuple[Digest, Digest, DaySet]]:
    """Left, column and days of everything that the steps of a plan store in tables."""
    for step in plan.steps:
        match step.job:
            case LeftJob() as job:
                yield job.left, job.left, job.days
            case FeatureJob() | DerivationJob() as job:
                yield from ((job.left, column, job.days) for column, _ in job.columns)
