"""A topic of awkward events, readers of it, and the pages that they must become, folded without Flink."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from chronon.aggregations import (
    EntityRows,
    EventBatch,
    Program,
    fold_changes,
    fold_tiles,
    operation_names,
    output_type,
    pages,
)
from chronon.expressions import analyse
from chronon.expressions.arrow import arrow_type
from chronon.model.definitions import Column, Feature, GroupBy, Rows
from chronon.model.errors import ChrononError
from chronon.model.jobs import Digest, StreamedGroupBy, StreamJob
from chronon.model.names import Kind, ObjectId, ObjectName
from chronon.model.specs import Accuracy, OperationCall, SourceKind
from chronon.model.time import DAY, Day, Millis, day_start
from chronon.model.types import DataType, Scalar
from chronon.stores.kv import KvStore
from chronon.stores.kv.layout import entity_keys, page_key, page_prefix, savepoint_key

SINCE = Day(15_763)
TOPIC = "file://flights.landed"
TYPES: Mapping[str, DataType] = {
    "carrier": Scalar.STRING,
    "flight": Scalar.LONG,
    "origin": Scalar.STRING,
    "at": Scalar.LONG,
    "delay": Scalar.LONG,
    "seats": Scalar.INT,
    "price": Scalar.DOUBLE,
    "weight": Scalar.FLOAT,
    "full": Scalar.BOOLEAN,
    "note": Scalar.STRING,
}
ARGUMENTS = {
    "last_k": (3,),
    "first_k": (2,),
    "approx_percentile": (0.5, 0.9),
    "approx_unique_count": (),
    "histogram": (),
    "approx_histogram_k": (3,),
    "bounded_unique_count": (3,),
    "unique_top_k": (2,),
    "top_k": (3,),
    "bottom_k": (2,),
}
LONGS = (0, 1, -1, 2**53 + 1, -(2**53) - 1, 2**63 - 1, -(2**63), 4_294_967_296, -4_294_967_297)
DOUBLES = (0.0, -0.0, 0.1, -2.5, 1e300, -1e300, 5e-324, 2.5e-310, 1e16, -1e16, 1 / 3, 1.7e38, 1.8e38, 2.0**-129)
TEXTS = ("", "a", "A", "é", "😀", "\uffee", 'say "hi"', "two\nlines", "back\\slash", "tab\t", "\u2028", "日本", "it's")


def random_events(rng: random.Random, count: int, days: int = 2) -> list[dict[str, Any]]:
    """Events around the first days from SINCE on, some of the day before, with repeated times and nulls everywhere."""
    start = day_start(SINCE)

    def maybe(value: Any) -> Any:
        return None if rng.random() < 0.1 else value

    return [
        {
            "carrier": maybe(rng.choice(["AA", "UA", "é😀", "it's", ""])),
            "flight": maybe(rng.choice([1, 2, -3, 2**63 - 1])),
            "origin": maybe(rng.choice(["JFK", "EWR", "😀"])),
            "at": maybe(start + rng.choice([-1, 0, 1, 299_999, 300_000, rng.randrange(-DAY // 4, days * DAY)])),
            "delay": maybe(rng.choice([*LONGS, rng.randrange(-50, 300), rng.randrange(-(2**63), 2**63)])),
            "seats": maybe(rng.choice([0, 7, -(2**31), 2**31 - 1, rng.randrange(300)])),
            "price": maybe(rng.choice([*DOUBLES, rng.random() * 10 ** rng.randrange(-300, 300)])),
            "weight": maybe(rng.choice([0.5, -1.25, float(np.float32(0.1)), float(np.float32(3.4e38)), 0.0])),
            "full": maybe(rng.random() < 0.5),
            "note": maybe(rng.choice(TEXTS)),
        }
        for _ in range(count)
    ]


def write_topic(streams: Path, events: list[dict[str, Any]], files: int = 3) -> Path:
    """The events over several files, later ones in earlier files, fields in any order, nulls partly left out."""
    folder = streams / TOPIC.removeprefix("file://")
    folder.mkdir(parents=True)
    for number in range(files):
        lines = [
            json.dumps({k: v for k, v in e.items() if v is not None or i % 2})
            for i, e in enumerate(events[number::files])
        ]
        (folder / f"part-{files - number}.jsonl").write_text("".join(line + "\n" for line in reversed(lines)))
    return folder


def a_reader(
    name: str,
    keys: dict[str, str],
    inputs: dict[str, str],
    *,
    wheres: tuple[str, ...] = (),
    time: str = "at",
    tile: int = 300_000,
    buckets: tuple[str, ...] = (),
    types: Mapping[str, DataType] = TYPES,
) -> StreamedGroupBy:
    """A group_by with every operation over every input, plain and, when there are buckets, by them."""
    named = keys | inputs | {bucket: bucket for bucket in buckets}
    selects = {column: analyse(text, types).named(column) for column, text in named.items()}
    features = [
        feature
        for column in inputs
        for operation in operation_names()
        for by in dict.fromkeys(((), buckets))
        for feature in some_feature(column, selects[column].type, operation, by)
    ]
    rows = Rows(
        kind=SourceKind.EVENTS,
        table="flights.landed",
        topic=TOPIC,
        columns=tuple(Column(name=column, type=kind) for column, kind in sorted(types.items())),
        selects=tuple(selects[column] for column in sorted(selects)),
        wheres=wheres,
        time=analyse(time, types).named("ts"),
    )
    group_by = GroupBy(
        id=ObjectId(Kind.GROUP_BY, ObjectName("flights", name)),
        rows=(rows,),
        keys=tuple(Column(name=key, type=selects[key].type) for key in keys),
        features=tuple(features),
        accuracy=Accuracy.TEMPORAL,
        online=True,
        tile=Millis(tile),
    )
    return StreamedGroupBy(dataset=Digest(f"dataset-{name}"), group_by=group_by)


def a_reader_of_changes(name: str, keys: dict[str, str], inputs: dict[str, str], **how: Any) -> StreamedGroupBy:
    """The same over entities whose own time is `at`, and whose changes are the lines of the topic. how: as of `a_reader`.

    Half of the operations have a window, so that some states keep the rows' own times and some do not.
    """
    types = TYPES | {"changed": Scalar.LONG, "gone": Scalar.BOOLEAN}
    streamed = a_reader(name, keys, inputs, types=types, **how)
    (of_topic,) = streamed.group_by.rows
    changed, reversal = (analyse(column, types).named(column) for column in ("changed", "gone"))
    images = replace(of_topic, kind=SourceKind.MUTATIONS, changed=changed, reversal=reversal)
    rows = replace(of_topic, kind=SourceKind.ENTITIES, topic=None, mutations=images)
    features = tuple(
        replace(feature, window=None) if at % 2 else feature for at, feature in enumerate(streamed.group_by.features)
    )
    return replace(streamed, group_by=replace(streamed.group_by, rows=(rows,), features=features))


def random_changes(rng: random.Random, count: int) -> list[dict[str, Any]]:
    """Images of changes: their own times are those of events, they happened around the first days from SINCE on."""
    start = day_start(SINCE)
    moments = [-1, 0, 1, 299_999, 300_000]
    return [
        row
        | {"changed": None if rng.random() < 0.05 else start + rng.choice([*moments, rng.randrange(2 * DAY)])}
        | {"gone": rng.choice([True, True, False, False, None])}
        for row in random_events(rng, count)
    ]


def counting(changes: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The images that count: those with both times, from the first day on."""
    for row in changes:
        if row["changed"] is not None and row["changed"] >= day_start(SINCE) and row["at"] is not None:
            yield row | {"ts": row["changed"], "own": row["at"], "sign": -1 if row["gone"] else 1}


def some_feature(column: str, kind: Any, operation: str, buckets: tuple[str, ...]) -> list[Feature]:
    """The feature, unless the operation does not take the type."""
    call = OperationCall(operation, ARGUMENTS.get(operation, ()))
    try:
        result = output_type(call, kind, buckets)
    except ChrononError:
        return []
    return [
        Feature(
            name=f"{column}_{operation}_{'_'.join(buckets)}",
            input=column,
            input_type=kind,
            operation=call,
            window=Millis(DAY),
            buckets=buckets,
            type=result,
        )
    ]


def a_job(*readers: StreamedGroupBy) -> StreamJob:
    return StreamJob(topic=TOPIC, readers=readers, since=SINCE)


def stored_pages(kv: KvStore, reader: StreamedGroupBy) -> dict[bytes, bytes]:
    """What is stored of a reader, without its savepoint."""
    found = dict(kv.scan(page_prefix(reader.dataset)))
    del found[savepoint_key(reader.dataset)]
    return found


def folded_pages(streamed: StreamedGroupBy, rows: Iterable[dict[str, Any]]) -> dict[bytes, bytes]:
    """The pages of rows that have `ts`, the keys and the inputs under their own names, and count.

    Images of changes have their own time and weight as `own` and `sign`; they happened at `ts`.
    """
    group_by, kept = streamed.group_by, list(rows)
    types = {select.name: select.type for select in group_by.rows[0].selects}
    arrays = {name: pa.array([row[name] for row in kept], arrow_type(kind)) for name, kind in types.items()}
    found = entity_keys([arrays[key.name] for key in group_by.keys], [key.type for key in group_by.keys])
    entities = sorted({key for key in found if key is not None})
    code = {key: at for at, key in enumerate(entities)}
    entity = np.array([-1 if key is None else code[key] for key in found], np.int64)
    ts = np.array([row["ts"] for row in kept], np.int64)
    program = Program.compile(group_by.features, group_by.accuracy, changes=group_by.changes)
    if group_by.changes:
        own, weight = (np.array([row[name] for row in kept], np.int64) for name in ("own", "sign"))
        images = EntityRows(entity=entity, day=None, since=ts, ts=own, weight=weight, inputs=arrays)
        tiles = fold_changes(program, images, group_by.tile)
    else:
        tiles = fold_tiles(program, EventBatch(entity=entity, ts=ts, inputs=arrays), group_by.tile)
    made = pages(program, tiles, {})
    return {page_key(streamed.dataset, entities[at], day): page for (at, day), page in made.items()}
