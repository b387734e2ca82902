"""What a plan leaves to the next one: two files of the memory, a small one that is enough when nothing has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from chronon.model.definitions import Rows
from chronon.model.plan import Plan, PlanId
from chronon.model.specs import SourceKind
from chronon.model.time import Day
from chronon.stores.tables.watched import Seen, Stamp

if TYPE_CHECKING:
    from chronon.planners.settled import Settled

Read = tuple[str, str, str, int | None]
"""What decides up to which day a plan computes: kind, table, partition and end of rows."""

Held = tuple[int, int]
"""What a topic holds: bytes, and when the last of them were written (nanoseconds)."""


class World(msgspec.Struct, frozen=True, array_like=True):
    """What a plan was made of besides the documents.

    asked:  target, environment, day asked for, and the digest of chronon.yaml.
    state, kv: marks of the stores; that of kv is empty when what it publishes was not what is recorded.
    lefts:  folder of left rows → its stamp; UNKNOWN of one that is to be looked at again whatever it is.
    tables: as they were seen.  marked: tables of which days are known again → stamp.  topics: those that are read → what they held.
    until:  the last day that was computed.
    """

    asked: tuple[str, str, int | None, bytes]
    state: str
    kv: str
    lefts: dict[str, Stamp]
    tables: dict[str, Seen]
    marked: dict[str, bytes]
    topics: dict[str, Held | None]
    until: int


UNKNOWN: Stamp = (-1, -1, -1, -1)
"""The stamp that no folder has."""


class Told(msgspec.Struct, frozen=True, array_like=True):
    """What a plan said.

    base, start, goal: see `planning.id_of`.  said: its JSON without snapshots; empty when it has nothing to do.
    serial, untouched: of the plan.  is_whole: whether every object was settled.
    """

    id: str
    revision: str
    base: str
    start: str
    goal: str
    said: str
    serial: int
    untouched: int
    is_whole: bool


class Head(msgspec.Struct, frozen=True, array_like=True):
    """documents: digest of all documents.  mark: of the body that belongs to it."""

    documents: bytes
    world: World
    told: Told
    mark: bytes


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """A settled object: the number of its snapshot in the state, what it reads of tables, and the fields of `Settled`."""

    number: int
    reads: tuple[int, ...]
    content: str
    left: str | None
    columns: bytes
    serving: str | None
    stream: str | None


class Body(msgspec.Struct, frozen=True, array_like=True):
    """What was known of objects.

    keys: of every document.  settled: path → object.  others: numbers of what is deployed besides.  reads: those of all entries.
    published: name → digest of what the environment publishes of the object.
    """

    mark: bytes
    keys: dict[str, bytes]
    settled: dict[str, Entry]
    others: tuple[int, ...]
    reads: tuple[Read, ...]
    published: dict[str, bytes]


def entry_of(settled: Settled, number: int, reads: Iterable[int]) -> Entry:
    """A settled object as data."""
    return Entry(
        number, tuple(reads), settled.content, settled.left, settled.columns, settled.serving, settled.stream
    )  # fmt: skip


def read_of(rows: Rows) -> Read:
    """What counts of rows of a table."""
    return rows.kind.value, rows.table, rows.partition, rows.end


def rows_of(read: Read) -> Rows:
    """Rows of which only that is known."""
    kind, table, partition, end = read
    last = None if end is None else Day(end)
    return Rows(kind=SourceKind(kind), table=table, partition=partition, end=last, columns=(), selects=())


def mark_of(documents: bytes, world: World) -> bytes:
    """What a head and its body have in common, and no others."""
    return hashlib.blake2b(documents + msgspec.msgpack.encode(world), digest_size=16).digest()


def name_of(part: str, target: str, environment: str) -> str:
    """The name of a file in the memory: one of each part for each environment of each target."""
    told = hashlib.blake2b(f"{target}\0{environment}".encode(), digest_size=8).hexdigest()
    return f"{part}-{told}"


def nothing_to_do(environment: str, serial: int, as_of: Day, revision: str, untouched: int) -> Plan:
    """The plan that says nothing else, without its id and its snapshots."""
    return Plan(
        id=PlanId(""),
        environment=environment,
        base_serial=serial,
        as_of=as_of,
        revision=revision,
        changes=(),
        gates=(),
        steps=(),
        gaps=(),
        snapshots=(),
        untouched=untouched,
    )
