"""What of a memory still stands when the platform itself has recorded and written since: an apply, a rollback, a clean-up, by anyone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace

import msgspec

from chronon.cli.observing import look_at_values
from chronon.cli.recalled import UNKNOWN, Body, World
from chronon.cli.worlds import Question, Since, lefts_of
from chronon.model.errors import ChrononError
from chronon.model.jobs import Digest
from chronon.model.live import Observed
from chronon.model.names import Kind, ObjectId, parse_reference
from chronon.model.plan import Drift
from chronon.model.state import State
from chronon.planners.drifting import FILES, TOPIC
from chronon.planners.settled import Made, concerned_by
from chronon.serving.publications import published_digests
from chronon.stores.kv import open_kv
from chronon.stores.state import StateStore
from chronon.stores.tables.losses import lost_days
from chronon.stores.tables.marks import moved
from chronon.stores.tables.sources import SourceTables
from chronon.stores.tables.watched import Stamp, is_certain
from chronon.validators.closures import Closures


def standing(body: Body, since: Since, closures: Closures, asked: Question) -> Body:
    """The memory without the objects of which something was recorded or written, and without all that read them."""
    if not since.is_moved:
        return body
    published = published_now(asked) if since.is_kv_moved else body.published
    again = closures.with_readers(_touched(body, since, closures, published))
    settled = {path: entry for path, entry in body.settled.items() if path not in again}
    others = {*body.others, *(entry.number for path, entry in body.settled.items() if path in again)}
    numbers = (others - since.state.gone) | since.state.came
    return msgspec.structs.replace(body, settled=settled, others=tuple(sorted(numbers)), published=dict(published))


def published_now(asked: Question) -> Mapping[str, bytes]:
    """Name → digest of what the environment publishes of the object; nothing where there is no looking."""
    try:
        with closing(open_kv(asked.target.kv_address, read_only=True)) as kv:
            return published_digests(kv, asked.environment)
    except ChrononError:
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What was looked at again. lefts: those that were, with stamps to remember."""

    observed: Observed
    lefts: Mapping[str, Stamp]


def look_again(store: StateStore, state: State, asked: Question, since: Since, world: World) -> Looked | None:
    """What is there of what the environment points at, as far as a state goes; None when only a look at everything can tell."""
    if not since.is_moved:
        return Looked(observed=Observed(), lefts={})
    deployed = state.environment(asked.environment).snapshots.values()
    lefts = {one.left for one in deployed if one.left is not None}
    moved_lefts = {left for left in lefts if left in since.lefts or left not in world.lefts}
    stamps = lefts_of(asked.target.warehouse, moved_lefts)
    lost = lost_days(store, state, asked.target.warehouse, moved_lefts, every_file=False)
    observed = look_at_values(store, state, asked.target, asked.environment, is_part=True)
    if observed.unseen or observed.emptied:
        return None
    stamps = stamps_to_remember(stamps, (left for left, _column in lost), since.tables.begun)
    return Looked(observed=replace(observed, lost=lost), lefts=stamps)


def stamps_to_remember(stamps: Mapping[str, Stamp], lost: Iterable[str], begun: int) -> dict[str, Stamp]:
    """Left → its stamp, where it can be relied on and nothing is lost; others are looked at the next time, too."""
    missing = set(lost)
    return {
        left: stamp if is_certain(stamp, begun) and left not in missing else UNKNOWN for left, stamp in stamps.items()
    }


def kv_to_remember(mark: str, drift: Iterable[Drift]) -> str:
    """The mark of the key-value store where it holds what is recorded; empty where the next plan has to look again."""
    return mark if all(each.code in {FILES, TOPIC} for each in drift) else ""


def marks_to_remember(store: StateStore, since: Since, world: World, root: SourceTables) -> dict[str, bytes] | None:
    """The stamps of all tables of which days have a mark; None when days of some are not those that were marked since, or may yet be others."""
    marks = store.marks(since.state.tables) if since.state.tables else {}
    found = moved(root, marks)
    stamps = {table: since.tables.stamp(table) for table, _column in marks}
    is_sure = all(stamps.values())
    return None if found.corrected or found.rewritten or not is_sure else {**world.marked, **stamps}


def _touched(body: Body, since: Since, closures: Closures, published: Mapping[str, bytes]) -> Iterator[str]:
    """The documents of settled objects of which something was recorded or written."""
    state = since.state
    yield from (path for path, entry in body.settled.items() if entry.number in state.gone)
    stored: dict[str, frozenset[Digest]] = {left: columns for left, columns in state.stored.items()}  # noqa: C416
    for left in since.lefts:
        stored[left] = stored.get(left, frozenset()) | {Digest(left)}
    yield from concerned_by(Made(stored, state.datasets), body.settled)
    for name in {*published, *body.published}:
        if published.get(name) != body.published.get(name):
            yield from _documents(name, closures)


def _documents(name: str, closures: Closures) -> Iterator[str]:
    """The documents of what may be published under a name."""
    if reference := parse_reference(name):
        for kind in (Kind.GROUP_BY, Kind.JOIN):
            path = closures.survey.paths.get(ObjectId(kind, reference[0], reference[1] or 1))
            if path is not None:
                yield path
