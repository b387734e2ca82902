"""The tile writer: what Flink left in files becomes pages in the key-value store, in one write with the savepoint.

What the savepoint says is folded and what pages hold are never apart, at whatever moment the process ends: so nothing is
counted twice by who goes on from there, and nothing is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from chronon.aggregations import PageKey, TileRows, page_keys, pages, tiles_from_partials
from chronon.model.savepoints import Savepoint
from chronon.model.types import Scalar
from chronon.runners.flink.duck import read_json
from chronon.runners.flink.script import Reader, written_type
from chronon.stores.kv import KvStore
from chronon.stores.kv.layout import entity_keys, page_key, page_prefix
from chronon.stores.kv.savepoints import savepoint_entry

BATCH_TILES = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was written of one reader. events: those that its tiles hold."""

    tiles: int
    events: int


def write_tiles(
    reader: Reader, folder: Path, savepoint: Savepoint, kv: KvStore, batch_tiles: int = BATCH_TILES
) -> Written:
    """Put the staged tiles of a reader into its pages, and up to where they hold the topic now.

    savepoint: that of the pages once they are written.
    A reader that goes on adds them to the pages that are there; else they are all that there is afterwards.
    """
    tiles = events = 0
    changed: dict[bytes, bytes] = {}
    for batch in _batches(reader, folder, batch_tiles):
        entities, rows = _rows(reader, batch)
        keys = {at: page_key(reader.streamed.dataset, entities[at[0]], at[1]) for at in page_keys(rows)}
        old = _pages_before(reader, keys, changed, kv)
        made = pages(reader.program, rows, old, adding=reader.behind is not None)
        changed |= {keys[at]: page for at, page in made.items()}
        tiles += batch.num_rows
        events += pc.sum(batch["events"]).as_py()
    entries = [*changed.items(), savepoint_entry(reader.streamed.dataset, savepoint)]
    if reader.behind is None:
        kv.replace(page_prefix(reader.streamed.dataset), entries)
    else:
        kv.write(entries)
    return Written(tiles=tiles, events=events)


def _pages_before(
    reader: Reader, keys: Mapping[PageKey, bytes], changed: Mapping[bytes, bytes], kv: KvStore
) -> dict[PageKey, bytes]:
    """The pages to which tiles come: as batches before have left them, or as they are stored where the reader goes on."""
    found = {at: changed[key] for at, key in keys.items() if key in changed}
    if reader.behind is not None:
        asked = {at: key for at, key in keys.items() if at not in found}
        stored = zip(asked, kv.multi_get(list(asked.values())), strict=True)
        found |= {at: page for at, page in stored if page is not None}
    return found


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
