"""The stream of a fetch: rows of a table from a day on, folded into tiles by the core and put into their pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa

from agreement.world import World, day_of_text
from chronon.aggregations import EventBatch, Program, entity_codes, fold_tiles, page_keys, pages
from chronon.model.dayset import DaySet
from chronon.model.definitions import GroupBy
from chronon.model.jobs import Digest
from chronon.model.names import ObjectId
from chronon.model.plan import Plan
from chronon.model.time import Day
from chronon.runners.compute import event_columns
from chronon.runners.engine import Partition
from chronon.runners.local.scan import scan
from chronon.schemas.wire import from_json
from chronon.stores.kv.layout import entity_keys, page_key


def stream(world: World, plan: Plan, identity: ObjectId, since: str) -> None:
    """Fold the rows of a group_by's tables with `ds` >= since into the tiles of its dataset."""
    snapshot = next(snapshot for snapshot in plan.snapshots if snapshot.id == identity)
    stored, dataset = from_json(snapshot.definition, GroupBy), snapshot.stream
    group_by = replace(world.catalog.group_bys[identity], features=stored.features)
    if dataset is None:
        raise ValueError(f"{identity} has no stream")
    for rows in group_by.rows:
        days = [day for day in world.deployment.tables.days(rows.table) if day >= day_of_text(since)]
        found = scan(rows, [_partition(world, rows.table, day) for day in days], event_columns(group_by))
        _write(world, group_by, dataset, {name: found[name].combine_chunks() for name in found.column_names})


def _partition(world: World, table: str, day: Day) -> Partition:
    files = world.deployment.tables.files(table, DaySet.days([day]))
    return Partition(day=day, files=tuple(map(str, files)))


def _write(world: World, group_by: GroupBy, dataset: Digest, columns: Mapping[str, pa.Array]) -> None:
    program = Program.compile(group_by.features, group_by.accuracy)
    keys = [columns[key.name] for key in group_by.keys]
    codes, _none, _count = entity_codes(keys, [key.slice(0, 0) for key in keys])
    known = np.flatnonzero(codes >= 0)
    events = EventBatch(
        entity=codes[known],
        ts=columns["ts"].to_numpy()[known],
        inputs={name: columns[name].take(known) for name in _inputs(group_by)},
    )
    tiles = fold_tiles(program, events, group_by.tile)
    named = entity_keys([key.take(known) for key in keys], [key.type for key in group_by.keys])
    entities = dict(zip(codes[known].tolist(), named, strict=True))
    wanted = {at: page_key(dataset, entities[at[0]], at[1]) for at in page_keys(tiles)}
    stored = zip(wanted, world.deployment.kv.multi_get(list(wanted.values())), strict=True)
    changed = pages(program, tiles, {at: page for at, page in stored if page is not None})
    world.deployment.kv.write([(wanted[at], page) for at, page in changed.items()])


def _inputs(group_by: GroupBy) -> set[str]:
    return {name for feature in group_by.features for name in (feature.input, *feature.buckets)}
