"""Looks up from where streams go on: savepoints in the key-value store, held against what their topics hold now."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from chronon.model.errors import ChrononError
from chronon.model.savepoints import Savepoint, Savepoints

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from chronon.loaders.config import Target
    from chronon.model.jobs import Digest
    from chronon.model.state import State


def savepoints_for(state: State, target: Target, streams: Path) -> Savepoints:
    """Those of the streams of a state whose topic holds more than was folded. What was folded is read once more.

    A key-value store that cannot be read has none: what is wrong with it is told by `observing.look`.
    """
    from chronon.stores.topics import broken_by, topic_sizes

    known = stored_savepoints(target, state.positions)
    held = topic_sizes({one.topic for one in known.values()}, streams)
    grown = {dataset: one for dataset, one in known.items() if held.get(one.topic, 0) > state.positions[dataset]}
    why = {one: broken_by(one, streams) for one in set(grown.values())}
    return Savepoints(
        found={dataset: one for dataset, one in grown.items() if not why[one]},
        broken={dataset: why[one] for dataset, one in grown.items() if why[one]},
    )


def stored_savepoints(target: Target, datasets: Collection[Digest]) -> Mapping[Digest, Savepoint]:
    """Dataset of tiles → up to where it holds its topic; nothing where the store cannot be read."""
    from chronon.stores.kv import open_kv
    from chronon.stores.kv.savepoints import savepoints_in

    if not datasets:
        return {}
    try:
        with closing(open_kv(target.kv_address, read_only=True)) as kv:
            return savepoints_in(kv, datasets)
    except ChrononError:
        return {}
