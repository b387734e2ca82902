"""What a plan is made of besides documents, as it is now: stores, tables, topics, folders, told by marks and stamps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chronon.cli.recalled import Head, Held, name_of
from chronon.loaders.summaries import config_digest
from chronon.model.errors import ChrononError
from chronon.model.plan import PlanId
from chronon.model.state import Touched
from chronon.model.time import Day
from chronon.stores.tables.watched import Stamp, WatchedTables, stamp_of, watched_again
from chronon.stores.topics import topic_files, topic_folder, topic_sizes

if TYPE_CHECKING:
    from chronon.loaders import Config, Target
    from chronon.stores.state import StateStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which plan. whole: see `Replanning.plan`."""

    config: Config
    target: Target
    environment: str
    as_of: Day | None
    whole: bool

    @property
    def told(self) -> tuple[str, str, int | None, bytes]:
        """It as data, for `World.asked`."""
        return self.target.name, self.environment, self.as_of, config_digest(self.config.root)

    def name(self, part: str) -> str:
        """The name of a part of what is remembered for it."""
        return name_of(part, self.target.name, self.environment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """How a world differs from the one that a plan was made in: by what the platform itself has recorded and written.

    tables: as they are, and were.  kv: mark of that store now.  is_kv_moved: whether it is another one.
    state:  what was recorded.  lefts: those whose folders are other ones → their stamps now.
    """

    tables: WatchedTables
    state: Touched
    kv: str
    is_kv_moved: bool
    lefts: Mapping[str, Stamp]
    is_moved: bool


def since(head: Head, store: StateStore, asked: Question, begun: int) -> Since | None:
    """How the world of today differs from an earlier one; None when it does by more: another question, tables, topics, another state."""
    world, told = head.world, head.told
    if world.asked != asked.told or topics_of(world.topics, asked.config.streams) != world.topics:
        return None
    state, kv = store.mark(), kv_mark(asked.target)
    touched = (
        Touched(mark=state)
        if world.state == state
        else store.touched(world.state, asked.environment, {PlanId(told.id): told.said})
    )
    if touched is None:
        return None
    tables = watched_again(asked.config.tables, world.tables, begun)
    is_still = all(tables.seen[name].is_still(one) for name, one in world.tables.items())
    if not is_still or any(tables.stamp(name) != stamp for name, stamp in world.marked.items()):
        return None
    now = lefts_of(asked.target.warehouse, world.lefts)
    lefts = {left: stamp for left, stamp in now.items() if stamp != world.lefts[left]}
    return Since(
        tables=tables,
        state=touched,
        kv=kv,
        is_kv_moved=kv != world.kv,
        lefts=lefts,
        is_moved=(touched.mark, kv, now) != (world.state, world.kv, world.lefts),
    )


def kv_mark(target: Target) -> str:
    """The mark of the key-value store of a target; what is wrong with it when it has none."""
    from chronon.stores.kv import open_kv

    try:
        store = open_kv(target.kv_address, read_only=True)
    except ChrononError as error:
        return error.code
    with closing(store) as kv:
        return kv.mark()


def lefts_of(warehouse: Path, lefts: Iterable[str]) -> dict[str, Stamp]:
    """Left → stamp of the folder of its rows."""
    return {left: stamp_of(f"{warehouse}/left/{left}") for left in lefts}


def topics_of(topics: Iterable[str], streams: Path) -> dict[str, Held | None]:
    """Topic → what it holds; None of one that cannot be looked at."""
    names = sorted(topics)
    sizes: Mapping[str, int] = topic_sizes(names, streams)
    return {name: (sizes[name], _written(name, streams)) if name in sizes else None for name in names}


def _written(topic: str, streams: Path) -> int:
    """When a file of a topic was written last, in nanoseconds."""
    files = topic_files(topic_folder(topic, streams))
    return max((stamp_of(str(file))[0] for file in files), default=0)
