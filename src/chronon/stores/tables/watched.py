"""Source tables of which an earlier look is remembered: what has not changed since is not read again.

Law: the answers are those of `SourceTables`, whatever is remembered (tests/stores/test_watched.py).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from chronon.model.dayset import DaySet
from chronon.model.definitions import Rows
from chronon.model.live import LiveTable
from chronon.model.time import Day
from chronon.model.types import parse_type
from chronon.stores.tables.sizes import Columns, column_sizes
from chronon.stores.tables.sources import SourceTables

UNCERTAIN = 2_000_000_000
"""Nanoseconds: what was changed that shortly before it was looked at may be changed once more under the same stamp."""

ABSENT = b"absent"
"""The stamp of a table that is not there."""

Stamp = tuple[int, int, int, int]
"""When something was written and changed (nanoseconds), its size, its inode; zeros when it is not there."""


class Footer(msgspec.Struct, frozen=True, array_like=True):
    """What the newest file of a table up to a day has.

    stamp: None when it cannot be relied on.  columns: name → text of the type.  others, problem: see LiveTable.
    sizes: column → bytes, see `sizes.column_sizes`; empty when the file cannot be read.
    """

    file: str
    stamp: Stamp | None
    columns: dict[str, str]
    others: dict[str, str]
    problem: str
    sizes: dict[str, int]

    @property
    def table(self) -> LiveTable:
        """The columns as a value."""
        types = {name: parse_type(text) for name, text in self.columns.items()}
        known = {name: type_ for name, type_ in types.items() if type_ is not None}
        return LiveTable(columns=known, others=self.others, problem=self.problem)


class Seen(msgspec.Struct, frozen=True, array_like=True):
    """A table as it was seen.

    partitions: the columns that its folders of days are called by.
    stamp:  of its folder and of everything in it; empty when there is no relying on it.
    exists: whether it is there.  days: ranges; None without partitions.
    is_looked_into: whether somebody has looked for its newest file.  until: the last day that this may be of.
    footer: of that file; None when there is none.
    """

    partitions: tuple[str, ...]
    stamp: bytes
    exists: bool
    days: tuple[tuple[int, int], ...] | None
    is_looked_into: bool = False
    until: int | None = None
    footer: Footer | None = None

    @property
    def available(self) -> DaySet | None:
        """The days as a value."""
        return None if self.days is None else DaySet.of(self.days)

    def is_still(self, other: Seen) -> bool:
        """Whether nothing in it has been touched since it was seen as the other."""
        return bool(self.stamp) and (self.stamp, self.partitions) == (other.stamp, other.partitions)


@dataclass(slots=True, kw_only=True)
class WatchedTables:
    """The tables of a folder beside what is remembered of them.

    known: table → as it was seen before.  begun: nanoseconds since the epoch, before anything was looked at.
    seen:  what has been looked at by now.
    """

    tables: SourceTables
    partitions: Mapping[str, tuple[str, ...]]
    known: Mapping[str, Seen]
    begun: int
    seen: dict[str, Seen] = field(default_factory=dict)

    def with_rows(self, rows: Iterable[Rows]) -> WatchedTables | None:
        """The tables of these rows, those that were looked at as they were found; None when one is called otherwise by them."""
        rows = tuple(rows)
        made = watched(self.tables.root, rows, self.seen, self.begun)
        names = {each.table for each in rows}
        shared = {name: seen for name, seen in self.seen.items() if name in names}
        if any(made.partitions.get(name, ()) != seen.partitions for name, seen in shared.items()):
            return None
        made.seen = shared
        return made

    def availability(self, names: Iterable[str]) -> Mapping[str, DaySet | None]:
        """See SourceTables."""
        looked = {name: self._days(name) for name in dict.fromkeys(names)}
        return {name: found.available for name, found in looked.items() if found.exists}

    def live(self, tables: Mapping[str, Day | None]) -> Mapping[str, LiveTable]:
        """See SourceTables."""
        footers = {name: self._footer(name, until) for name, until in tables.items()}
        return {name: found.table for name, found in footers.items() if found is not None}

    def column_sizes(self, file: Path) -> Columns:
        """The bytes of each column of a file. Errors: CHR-K022."""
        path = str(file)
        footers = (seen.footer for seen in self.seen.values() if seen.footer and seen.footer.file == path)
        known = next(footers, None)
        if known and known.sizes and known.stamp == stamp_of(path):
            return known.sizes
        return column_sizes(file)[1]

    def stamp(self, name: str) -> bytes:
        """What tells that nothing of a table was touched; empty when there is no relying on it."""
        if name in self.seen:
            return self.seen[name].stamp
        if not self.tables.exists(name):
            return ABSENT
        return _stamp_of_table(self.tables.folder(name), self.begun)

    def _days(self, name: str) -> Seen:
        if name in self.seen:
            return self.seen[name]
        partitions, known = self.partitions.get(name, ()), self.known.get(name)
        stamp = self.stamp(name)
        if known and stamp and (known.stamp, known.partitions) == (stamp, partitions):
            days, exists = known.days, known.exists
        else:
            found = self.tables.availability([name])
            exists, available = name in found, found.get(name)
            days = None if available is None else tuple((int(start), int(end)) for start, end in available.ranges)
        self.seen[name] = Seen(partitions, stamp, exists, days)
        return self.seen[name]

    def _footer(self, name: str, until: Day | None) -> Footer | None:
        seen, known = self._days(name), self.known.get(name)
        if seen.is_looked_into and seen.until == until:
            return seen.footer
        if not seen.exists:
            self.seen[name] = msgspec.structs.replace(seen, is_looked_into=True, until=until)
            return None
        footer = known.footer if known else None
        is_same = known is not None and seen.is_still(known) and known.is_looked_into and known.until == until
        file = (Path(footer.file) if footer else None) if is_same else self.tables.newest(name, until)
        made = None if file is None else self._read(name, file, until, footer)
        self.seen[name] = msgspec.structs.replace(seen, is_looked_into=True, until=until, footer=made)
        return made

    def _read(self, name: str, file: Path, until: Day | None, known: Footer | None) -> Footer | None:
        stamp = stamp_of(str(file))
        if known and known.stamp == stamp and known.file == str(file):
            return known
        live = self.tables.live({name: until}).get(name)
        if live is None:
            return None
        columns = {column: str(type_) for column, type_ in live.columns.items()}
        certain = stamp if is_certain(stamp, self.begun) else None
        sizes = {} if live.problem else dict(column_sizes(file)[1])
        return Footer(str(file), certain, columns, dict(live.others), live.problem, sizes)


def watched(root: Path, rows: Iterable[Rows], known: Mapping[str, Seen], begun: int) -> WatchedTables:
    """The tables under a folder, with folders of days as these rows say."""
    columns: dict[str, set[str]] = {}
    pairs = {(each.table, each.partition) for each in rows}
    for table, partition in pairs:
        if table and partition:
            columns.setdefault(table, set()).add(partition)
    partitions = {table: tuple(sorted(names)) for table, names in columns.items()}
    return WatchedTables(tables=SourceTables(root).partitioned(pairs), partitions=partitions, known=known, begun=begun)


def watched_again(root: Path, known: Mapping[str, Seen], begun: int) -> WatchedTables:
    """The tables that are remembered, looked at again as they were looked at before."""
    partitions = {name: seen.partitions for name, seen in known.items()}
    pairs = [(name, partition) for name, several in partitions.items() for partition in several]
    made = WatchedTables(tables=SourceTables(root).partitioned(pairs), partitions=partitions, known=known, begun=begun)
    made.availability(known)
    looked = {name: one.until for name, one in known.items() if one.is_looked_into}
    made.live({name: None if last is None else Day(last) for name, last in looked.items()})
    return made


def stamp_of(path: str) -> Stamp:
    """The stamp of a file or folder, links followed."""
    try:
        found = os.stat(path)  # noqa: PTH116 - thousands of them; a Path each costs as much again
    except (FileNotFoundError, NotADirectoryError):
        return (0, 0, 0, 0)
    return _stamp(found)


def is_certain(stamp: Stamp, begun: int) -> bool:
    """Whether something else under this stamp is out of the question."""
    return max(stamp[0], stamp[1]) < begun - UNCERTAIN


def _stamp(found: os.stat_result) -> Stamp:
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino


def _stamp_of_table(folder: Path, begun: int) -> bytes:
    """A digest of the stamps of a folder, of the folders and files in it, and of the files in these; empty when one is not certain."""
    found = hashlib.blake2b(digest_size=16)
    newest = 0
    try:
        for path, status in _touched(str(folder)):
            newest = max(newest, status.st_mtime_ns, status.st_ctime_ns)
            found.update(f"{path}\0{_stamp(status)}\n".encode(errors="surrogateescape"))
    except FileNotFoundError:
        return b""  # somebody is at work in it
    return found.digest() if newest < begun - UNCERTAIN else b""


def _touched(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    """A folder and what lies in it, two levels deep, in an order of its own."""
    yield folder, os.stat(folder)  # noqa: PTH116 - thousands of them; a Path each costs as much again
    for entry in _entries(folder):
        yield entry.path, entry.stat()
        if entry.is_dir():
            for file in _entries(entry.path):
                yield file.path, file.stat()


def _entries(folder: str) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return sorted(entries, key=lambda entry: entry.name)
