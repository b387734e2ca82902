"""The tile writer: what Flink left in files becomes pages in the key-value store, batch by batch.

A tile replaces the one of the same entity and start, so doing a job again, wholly or from the middle, changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from chronon.aggregations import TileRows, page_keys, pages, tiles_from_partials
from chronon.model.types import Scalar
from chronon.runners.flink.duck import read_json
from chronon.runners.flink.script import Reader, written_type
from chronon.stores.kv import KvStore
from chronon.stores.kv.layout import entity_keys, page_key

BATCH_TILES = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was written of one reader. events: those that its tiles hold."""

    tiles: int
    events: int


def write_tiles(reader: Reader, folder: Path, kv: KvStore, batch_tiles: int = BATCH_TILES) -> Written:
    """Put the staged tiles of a reader into its pages: each batch reads the pages it meets and writes them at once."""
    tiles = events = 0
    for batch in _batches(reader, folder, batch_tiles):
        kv_entities, rows = _rows(reader, batch)
        keys = {at: page_key(reader.streamed.dataset, kv_entities[at[0]], at[1]) for at in page_keys(rows)}
        stored = zip(keys, kv.multi_get(list(keys.values())), strict=True)
        changed = pages(reader.program, rows, {at: page for at, page in stored if page is not None})
        kv.write((keys[at], page) for at, page in changed.items())
        tiles += batch.num_rows
        events += pc.sum(batch["events"]).as_py()
    return Written(tiles=tiles, events=events)


def events_in(folder: Path) -> int:
    """How many events the staged tiles of a reader hold."""
    if not (files := _files(folder)):
        return 0
    ((found,),) = read_json(files, {"events": Scalar.LONG}, "SELECT CAST(sum(events) AS BIGINT) FROM lines").fetchall()
    return int(found)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("part-*") if path.stat().st_size)


def _batches(reader: Reader, folder: Path, size: int) -> Iterator[Any]:
    """Staged tiles as Arrow tables, those of an entity side by side."""
    if not (files := _files(folder)):
        return
    keys = {f"k{at}": written_type(key.type) for at, key in enumerate(reader.group_by.keys)}
    partials = {f"p{at}": found.kind for at, found in enumerate(reader.aggregates)}
    columns = keys | {"last_ts": Scalar.LONG, "events": Scalar.LONG} | partials
    order = ", ".join([*keys, "last_ts"])
    for batch in read_json(files, columns, f"SELECT * FROM lines ORDER BY {order}").to_arrow_reader(size):
        yield pa.table(batch)


def _rows(reader: Reader, batch: Any) -> tuple[list[bytes], TileRows]:
    """The entities of a batch, by code, and its tiles."""
    parts = [batch[f"k{at}"].combine_chunks() for at in range(len(reader.group_by.keys))]
    found = pa.array(entity_keys(parts, [key.type for key in reader.group_by.keys]), pa.binary()).dictionary_encode()
    last = batch["last_ts"].to_numpy()
    columns = {partial.name: batch[f"p{at}"] for at, partial in enumerate(reader.partials)}
    table = pa.table(
        {
            "entity": found.indices.cast(pa.int64()),
            "tile_start": pa.array(last - last % np.int64(reader.group_by.tile)),
            "last_ts": batch["last_ts"],
            **columns,
        }
    )
    return found.dictionary.to_pylist(), tiles_from_partials(reader.program, table)
