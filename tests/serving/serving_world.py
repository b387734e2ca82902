"""A small served world: flights, three group_bys, one join, on a real store filled through the aggregation core."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa

from chronon.aggregations import (
    EventBatch,
    Program,
    QueryBatch,
    batch_values,
    encode_row,
    entity_codes,
    fold_tiles,
    page_keys,
    pages,
    point_in_time,
)
from chronon.model.definitions import Column, Feature, GroupBy, Join, Part, Rows, Selected, feature_name
from chronon.model.jobs import Digest
from chronon.model.names import Kind, ObjectId, ObjectName
from chronon.model.serving import Generation, ServedGroupBy, ServedJoin
from chronon.model.specs import Accuracy, OperationCall, SourceKind
from chronon.model.time import DAY, HOUR, MINUTE, Day, Millis, day_of, parse_instant
from chronon.model.types import DataType, ListOf, Scalar
from chronon.serving.records import encode_record, record_key
from chronon.stores.kv.contract import KvStore
from chronon.stores.kv.layout import batch_key, entity_keys, page_key

ENVIRONMENT = "prod"
ARROW = {Scalar.STRING: pa.string(), Scalar.LONG: pa.int64(), Scalar.DOUBLE: pa.float64()}

Row = dict[str, Any]


def moment(text: str) -> Millis:
    """Epoch milliseconds of an ISO time."""
    parsed = parse_instant(text)
    assert parsed is not None
    return parsed


def day(text: str) -> Day:
    """The day of an ISO date."""
    return day_of(moment(f"{text}T00:00:00Z"))


def identity(name: str, kind: Kind = Kind.GROUP_BY, version: int = 1) -> ObjectId:
    """The id of `team.name`."""
    parsed = ObjectName.parse(name)
    assert parsed is not None
    return ObjectId(kind, parsed, version)


def feature(
    operation: str, window: Millis | None, type_: DataType, *, input_: str = "delay", of: Scalar = Scalar.DOUBLE
) -> Feature:
    """A feature over one input."""
    head, _, argument = operation.partition(":")
    call = OperationCall(head, (int(argument),) if argument else ())
    return Feature(
        name=feature_name(input_, call, window, ()),
        input=input_,
        input_type=of,
        operation=call,
        window=window,
        type=type_,
    )


def rows(columns: Sequence[tuple[str, Scalar]], kind: SourceKind = SourceKind.EVENTS) -> Rows:
    """Rows whose selects are plain columns."""
    return Rows(
        kind=kind,
        table="flights.arrivals",
        columns=tuple(Column(name=name, type=of) for name, of in sorted(columns)),
        selects=tuple(Selected(name=name, expression=name, type=of, reads=(name,)) for name, of in sorted(columns)),
        time=Selected(name="ts", expression="ts", type=Scalar.LONG, reads=("ts",)),
    )


def group_by(
    name: str, keys: Sequence[str], features: Sequence[Feature], accuracy: Accuracy = Accuracy.TEMPORAL
) -> GroupBy:
    """A group_by over string keys."""
    inputs = {(each.input, each.input_type) for each in features}
    return GroupBy(
        id=identity(name),
        rows=(rows([*((key, Scalar.STRING) for key in keys), *inputs]),),
        keys=tuple(Column(name=key, type=Scalar.STRING) for key in keys),
        features=tuple(features),
        accuracy=accuracy,
        online=True,
        tile=Millis(5 * MINUTE),
    )


CARRIER = group_by(
    "airlines.carrier",
    ["carrier"],
    [
        feature("count", Millis(3 * HOUR), Scalar.LONG),
        feature("average", Millis(DAY), Scalar.DOUBLE),
        feature("sum", Millis(7 * DAY), Scalar.DOUBLE),
        feature("last", None, Scalar.DOUBLE),
        feature("last_k:3", Millis(7 * DAY), ListOf(Scalar.DOUBLE)),
        feature("max", Millis(30 * DAY), Scalar.DOUBLE),
    ],
)
ROUTE = group_by(
    "airports.route",
    ["origin", "dest"],
    [feature("count", Millis(DAY), Scalar.LONG), feature("min", None, Scalar.DOUBLE)],
)
PLANE = replace(
    group_by("airlines.plane", ["tailnum"], [], Accuracy.SNAPSHOT),
    features=(
        Feature(name="seats", input="seats", input_type=Scalar.LONG, operation=None, type=Scalar.LONG),
        Feature(name="engine", input="engine", input_type=Scalar.STRING, operation=None, type=Scalar.STRING),
    ),
)
LEFT = [
    ("arrival_delay", Scalar.LONG),
    ("carrier", Scalar.STRING),
    ("dest", Scalar.STRING),
    ("distance", Scalar.LONG),
    ("origin", Scalar.STRING),
    ("tailnum", Scalar.STRING),
]


def derived(name: str, expression: str, reads: Sequence[str], type_: Scalar = Scalar.DOUBLE) -> Selected:
    """A derived column."""
    return Selected(name=name, expression=expression, type=type_, reads=tuple(sorted(reads)))


DERIVATIONS = (
    derived(
        "delay_per_mile", "airlines_carrier_delay_sum_7d / distance", ["airlines_carrier_delay_sum_7d", "distance"]
    ),
    derived(
        "is_busy",
        "COALESCE(airports_route_delay_count_1d, 0) > 2",
        ["airports_route_delay_count_1d"],
        Scalar.BOOLEAN,
    ),
    derived(
        "error",
        "arrival_delay - airlines_carrier_delay_average_1d",
        ["airlines_carrier_delay_average_1d", "arrival_delay"],
    ),
    derived("hour", "(ts % 86400000) / 3600000", ["ts"]),
)


def join(
    parts: Sequence[tuple[GroupBy, dict[str, str]]],
    derivations: Sequence[Selected] = DERIVATIONS,
    name: str = "delays.departure",
    version: int = 1,
) -> Join:
    """A join with everything kept."""
    resolved = tuple(Part(group_by=each.id, keys=keys, prefix=each.id.name.prefix) for each, keys in parts)
    outputs = [
        *(Column(name=column, type=of) for column, of in LEFT),
        *(
            Column(name=part.column(one.name), type=one.type)
            for part, (each, _keys) in zip(resolved, parts, strict=True)
            for one in each.features
        ),
        *(Column(name=one.name, type=one.type) for one in derivations),
    ]
    return Join(
        id=identity(name, Kind.JOIN, version),
        left=rows(LEFT),
        parts=resolved,
        derivations=tuple(derivations),
        outputs=tuple(outputs),
        online=True,
        start=None,
    )


DEPARTURE = join(
    [
        (CARRIER, {"carrier": "carrier"}),
        (ROUTE, {"dest": "dest", "origin": "origin"}),
        (PLANE, {"tailnum": "tailnum"}),
    ]
)


@dataclass(slots=True)
class World:
    """Fills a store as uploads, streams and publishing do."""

    kv: KvStore
    served: dict[ObjectId, ServedGroupBy] = field(default_factory=dict)

    def declare(self, *group_bys: GroupBy, streams: bool = True) -> None:
        """Serve group_bys without any batch values yet."""
        for each in group_bys:
            name = each.id.name.prefix
            tiles = Digest(f"{name}-tiles") if streams and each.accuracy is Accuracy.TEMPORAL else None
            self.served[each.id] = ServedGroupBy(
                group_by=each, values=Digest(f"{name}-values"), tiles=tiles, generations=()
            )
        self.publish(*(each.id for each in group_bys))

    def publish(self, *ids: ObjectId) -> None:
        """Write the records of group_bys."""
        records = [self.served[each] for each in ids or self.served]
        self.kv.write([(record_key(ENVIRONMENT, each.group_by.id), encode_record(each)) for each in records])

    def publish_join(self, definition: Join) -> None:
        """Write the record of a join."""
        self.kv.write([(record_key(ENVIRONMENT, definition.id), encode_record(ServedJoin(join=definition)))])

    def upload(self, definition: GroupBy, events: Iterable[Row], on: Day, *, publish: bool = True) -> Generation:
        """Batch values of everything up to the end of a day, as a new generation."""
        served = self.served[definition.id]
        generation = Generation(name=f"g{on}-{len(served.generations)}", day=on)
        self.kv.write(
            sorted(
                (batch_key(served.values, generation.name, entity), value)
                for entity, value in batch_of(definition, list(events), generation.batch_end)
            )
        )
        self.served[definition.id] = replace(served, generations=(generation, *served.generations)[:2])
        if publish:
            self.publish(definition.id)
        return generation

    def stream(self, definition: GroupBy, events: Iterable[Row]) -> None:
        """Tiles of the events, merged into the pages that are there."""
        write_tiles(self.kv, self.served[definition.id], list(events))


def program_of(definition: GroupBy) -> Program:
    """The group_by's program."""
    return Program.compile(definition.features, definition.accuracy)


def columns_of(definition: GroupBy, events: Sequence[Row]) -> tuple[list[pa.Array], EventBatch, int]:
    """Key columns, events with codes, number of entities."""
    keys = [pa.array([row[key.name] for row in events], ARROW[Scalar(key.type)]) for key in definition.keys]
    codes, _none, count = entity_codes(keys, [key.slice(0, 0) for key in keys])
    inputs = {
        each.input: pa.array([row.get(each.input) for row in events], ARROW[Scalar(each.input_type)])
        for each in definition.features
    }
    ts = np.array([row["ts"] for row in events], dtype=np.int64)
    return keys, EventBatch(entity=codes, ts=ts, inputs=inputs), count


def entities_of(definition: GroupBy, keys: Sequence[pa.Array], codes: np.ndarray) -> list[bytes]:
    """Entity keys by code."""
    known, first = np.unique(codes, return_index=True)
    taken = [key.take(pa.array(first[known >= 0])) for key in keys]
    found = entity_keys(taken, [key.type for key in definition.keys])
    return [entity for entity in found if entity is not None]


def batch_of(definition: GroupBy, events: Sequence[Row], batch_end: Millis) -> list[tuple[bytes, bytes]]:
    """(entity, batch value) of every entity with events before the batch end."""
    counted = [row for row in events if row["ts"] < batch_end]
    if not counted:
        return []
    if definition.accuracy is Accuracy.SNAPSHOT:
        return snapshot_of(definition, counted)
    keys, batch, count = columns_of(definition, counted)
    values = batch_values(program_of(definition), batch, count, batch_end)
    return list(zip(entities_of(definition, keys, batch.entity), values, strict=True))


def write_tiles(kv: KvStore, served: ServedGroupBy, events: Sequence[Row]) -> None:
    """Tiles of some events, merged into the pages that are stored."""
    definition = served.group_by
    assert served.tiles is not None
    keys, batch, _count = columns_of(definition, events)
    rows = fold_tiles(program_of(definition), batch, definition.tile)
    entities = dict(
        zip(sorted(set(batch.entity.tolist()) - {-1}), entities_of(definition, keys, batch.entity), strict=True)
    )
    wanted = {key: page_key(served.tiles, entities[key[0]], key[1]) for key in page_keys(rows)}
    stored = dict(zip(wanted, kv.multi_get(list(wanted.values())), strict=True))
    old = {key: page for key, page in stored.items() if page is not None}
    kv.write([(wanted[key], page) for key, page in pages(program_of(definition), rows, old).items()])


def snapshot_of(definition: GroupBy, events: Sequence[Row]) -> list[tuple[bytes, bytes]]:
    """(entity, finished row): the last row of every entity wins."""
    last = {tuple(row[key.name] for key in definition.keys): row for row in sorted(events, key=lambda row: row["ts"])}
    types = [key.type for key in definition.keys]
    return [
        (entity, encode_row([row[each.input] for each in definition.features]))
        for key, row in last.items()
        for entity in entity_keys([pa.array([part]) for part in key], types)
        if entity is not None
    ]


def trained(definition: GroupBy, events: Sequence[Row], keys: Row, at: Millis) -> list[Any]:
    """The features that training computes for an entity and a moment, by the offline kernel."""
    asked = [pa.array([keys[key.name]], ARROW[Scalar(key.type)]) for key in definition.keys]
    known = [pa.array([row[key.name] for row in events], ARROW[Scalar(key.type)]) for key in definition.keys]
    codes, query, _count = entity_codes(known, asked)
    _keys, batch, _n = columns_of(definition, events)
    answers = point_in_time(
        program_of(definition),
        replace(batch, entity=codes),
        QueryBatch(entity=query, ts=np.array([at], dtype=np.int64)),
    )
    return [column.to_pylist()[0] for column in answers]
