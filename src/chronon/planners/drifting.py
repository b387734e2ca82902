"""What is recorded of an environment beside what is there: files, published metadata, values, topics.

What is gone counts as never made, so that the plan makes it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from chronon.model.dayset import DaySet
from chronon.model.definitions import Catalog
from chronon.model.diagnostics import Span
from chronon.model.jobs import Digest
from chronon.model.live import Observed, Publication
from chronon.model.names import Kind, ObjectId
from chronon.model.plan import Drift, Reader
from chronon.model.state import Snapshot, State
from chronon.model.time import day_text
from chronon.stores.topics import SCHEME

FILES = "CHR-P150"
UNPUBLISHED = "CHR-P151"
GENERATION = "CHR-P152"
VALUES = "CHR-P153"
TOPIC = "CHR-P154"
UNSEEN = "CHR-P155"
PUBLICATION = frozenset({UNPUBLISHED, GENERATION})
"""What is put right by publishing, whatever else a plan does."""

_AGAIN = "the next apply computes them again"
_PUBLISHED = "the next apply publishes it again"
_NOT_NOW = "nothing is done about it as long as the object is not planned"


def drift_of(
    catalog: Catalog, state: State, environment: str, observed: Observed, held: Mapping[str, int]
) -> tuple[Drift, ...]:
    """What is not as recorded, in the order of the ids of objects.

    held: topic → bytes that it holds now; topics of files that are not listed are not there, of others nothing is known.
    """
    deployed = state.environment(environment).snapshots
    found: list[Drift] = []
    for identity in sorted(deployed):
        found += _files(deployed[identity], observed)
        found += _published(deployed[identity], state, observed)
    found += _topics(catalog, deployed, state, held)
    if observed.unseen:
        told = f"could not be looked at: {observed.unseen}"
        found.append(Drift(code=UNSEEN, subject="the key-value store", found=told, follows="nothing is said about it"))
    return tuple(found)


def as_planned(found: Iterable[Drift], planned: Catalog) -> tuple[Drift, ...]:
    """The findings as they are when only some objects are planned: what is gone of others is not made again."""
    known = {*planned.group_bys, *planned.joins}
    return tuple(
        replace(each, repairs=False, follows=_NOT_NOW)
        if each.code in {FILES, VALUES} and not any(reader.id in known for reader in each.readers)
        else each
        for each in found
    )


def as_it_is(state: State, observed: Observed) -> State:
    """The state without what is gone: its days, its uploads, the streams whose tiles went with the values."""
    if not observed.lost and not observed.emptied:
        return state
    computed = {
        stored: days - observed.lost[stored] if stored in observed.lost else days
        for stored, days in state.computed.items()
    }
    emptied = observed.emptied
    gone = {
        snapshot.stream
        for environment in state.environments.values()
        for snapshot in environment.snapshots.values()
        if snapshot.stream is not None and snapshot.serving in emptied
    }
    return replace(
        state,
        computed=computed,
        uploads={dataset: day for dataset, day in state.uploads.items() if dataset not in emptied},
        streams={dataset: day for dataset, day in state.streams.items() if dataset not in gone},
        positions={dataset: size for dataset, size in state.positions.items() if dataset not in gone},
    )


def _files(snapshot: Snapshot, observed: Observed) -> Iterator[Drift]:
    """Days whose files are gone, with the columns that lack the same days together."""
    if snapshot.left is None:
        return
    columns = {"": snapshot.left} | {
        name: digest for name, digest in snapshot.columns.items() if digest != snapshot.left
    }
    lost: dict[DaySet, list[str]] = {}
    for name, digest in columns.items():
        if days := observed.lost.get((snapshot.left, digest)):
            lost.setdefault(days, []).append(name)
    for days, names in lost.items():
        made = [name for name in names if name]
        parts = ["left rows"] if "" in names else []
        parts += [f"{len(made)} {'column' if len(made) == 1 else 'columns'}"] if made else []
        yield Drift(
            code=FILES,
            subject=_named(snapshot),
            found=f"files of {days} are gone from the warehouse: {' and '.join(parts)}",
            follows=_AGAIN,
            readers=(_reader(snapshot, tuple(made)),),
            repairs=True,
        )


def _published(snapshot: Snapshot, state: State, observed: Observed) -> Iterator[Drift]:
    if observed.served is None or snapshot.serving is None or not _is_uploaded(snapshot, state):
        return
    found = observed.served.get(str(snapshot.id))
    if found is None or found.problem:
        told = f"metadata that cannot be read: {found.problem}" if found else "metadata is not in the key-value store"
        yield _repaired(UNPUBLISHED, snapshot, told, _PUBLISHED)
    elif snapshot.id.kind is Kind.GROUP_BY and (told := _other(snapshot, state, observed, found)):
        yield _repaired(GENERATION, snapshot, told, _PUBLISHED)
    if snapshot.id.kind is Kind.GROUP_BY and snapshot.serving in observed.emptied:
        told = f"batch values until {day_text(state.uploads[snapshot.serving])} are gone from the key-value store"
        follows = "the next apply uploads them again" + (", and the stream begins anew" if snapshot.stream else "")
        yield _repaired(VALUES, snapshot, told, follows)


def _is_uploaded(snapshot: Snapshot, state: State) -> bool:
    return snapshot.id.kind is Kind.JOIN or snapshot.serving in state.uploads


def _other(snapshot: Snapshot, state: State, observed: Observed, found: Publication) -> str:
    """How published metadata differ from what is recorded; empty when they do not."""
    if (found.values, found.tiles) != (snapshot.serving, snapshot.stream):
        return f"metadata leads to dataset {found.values or '-'}, recorded is {snapshot.serving}"
    if snapshot.serving is None:
        return ""
    day, newest = state.uploads[snapshot.serving], found.generations[:1]
    if not newest or newest[0][1] != day:
        shown = day_text(newest[0][1]) if newest else "no day"
        return f"metadata leads to values until {shown}, recorded are values until {day_text(day)}"
    name = observed.generations.get(snapshot.serving, newest[0][0])
    return "" if name == newest[0][0] else f"metadata leads to generation {newest[0][0]}, recorded is {name}"


def _topics(
    catalog: Catalog, deployed: Mapping[ObjectId, Snapshot], state: State, held: Mapping[str, int]
) -> Iterator[Drift]:
    """Topics that hold less than was read of them: a stream that goes on would miss what is written next."""
    for identity in sorted(deployed):
        stream, group_by = deployed[identity].stream, catalog.group_bys.get(identity)
        position = state.positions.get(stream or Digest(""), 0)
        for topic in group_by.topics if group_by and position else ():
            if position > held.get(topic, 0) and (topic in held or topic.startswith(SCHEME)):
                holds = f"holds {held[topic]:,} bytes" if topic in held else "is not there"
                yield Drift(
                    code=TOPIC,
                    subject=f"topic {topic}",
                    found=f"{holds}, and {position:,} bytes of it were folded",
                    follows="tiles that are there stay; bring the topic back, or give it another name",
                    readers=(_reader(deployed[identity], ()),),
                )


def _repaired(code: str, snapshot: Snapshot, found: str, follows: str) -> Drift:
    return Drift(
        code=code,
        subject=_named(snapshot),
        found=found,
        follows=follows,
        readers=(_reader(snapshot, ()),),
        repairs=True,
    )


def _reader(snapshot: Snapshot, columns: tuple[str, ...]) -> Reader:
    return Reader(id=snapshot.id, columns=columns, span=Span(snapshot.origin))


def _named(snapshot: Snapshot) -> str:
    return f"{snapshot.id.kind} {snapshot.id}"
