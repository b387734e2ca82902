"""By what the day of a source table is known again, and which days are other ones than they were.

Names, sizes and times of writing tell at once that nothing was written. Where they differ, footers tell for certain that something
else was; files with equal footers may have been copied, and nothing is claimed of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any

from chronon.model.corrections import Correction, Mark, Marks
from chronon.model.dayset import DaySet
from chronon.model.errors import ChrononError
from chronon.model.time import DAY, Day
from chronon.stores.tables.sources import SourceTables, unreadable

_TAIL = 8
"""The last bytes of a Parquet file: the length of its footer and a magic word."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


ABSENT = Mark(files="", footers="", rows=0, bytes=0)
"""The mark of a day that was read about and not there: a hole. When it comes, it is another one than it was.

Where the earliest day with a mark has this one, none before it was there either.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Days that were written again since they were read.

    corrected: what is certainly other than it was.  rewritten: table → days whose footers are those of before.
    """

    corrected: tuple[Correction, ...]
    rewritten: Mapping[str, DaySet]


def mark_of(files: Sequence[Path], day: Day) -> Mark:
    """The mark of the files of a day. Errors: CHR-K022 of a file that cannot be read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows, within = 0, None
    for file in files:
        try:
            footer = pq.read_metadata(file)
        except (OSError, pa.ArrowInvalid) as cause:
            raise unreadable(file, cause) from cause
        rows += footer.num_rows
        if footer.num_rows:
            found = _times_within(footer, day)
            within = found if within is None else within & found
    return Mark(
        files=_files_digest(files),
        footers=_footers_digest(files),
        rows=rows,
        bytes=sum(file.stat().st_size for file in files),
        within=tuple(sorted(within or ())),
    )


def moved(tables: SourceTables, marks: Marks) -> Moved:
    """The days that have a mark and are other ones now. Days that are gone are not: what was computed of them stays.

    Nor are days with a file that cannot be read: nothing can be computed of them before it is written again.
    """
    corrected: list[Correction] = []
    rewritten: dict[str, DaySet] = {}
    for (table, column), known in sorted(marks.items()):
        own = tables.partitioned([(table, column)])
        suspects = dict(_written_again(own, table, known))
        same = {day for day, files in suspects.items() if day in known and _footers_digest(files) == known[day].footers}
        if same:
            rewritten[table] = rewritten.get(table, DaySet()) | DaySet.days(same)
        now = {day: mark for day in sorted(suspects.keys() - same) if (mark := _readable(suspects[day], day))}
        if now:
            within = _within(mark for day in now for mark in (known.get(day, ABSENT), now[day]))
            corrected.append(Correction(table=table, days=DaySet.days(now), within=within, found=True))
    return Moved(corrected=tuple(corrected), rewritten=rewritten)


def within_of(tables: SourceTables, table: str, days: DaySet, marks: Marks) -> tuple[str, ...]:
    """The columns of times that lie in their day on all of some days, before and now; none where a day was never marked."""
    found: list[Mark] = []
    for (name, column), known in marks.items():
        if name != table or days - DaySet.days(known):
            continue
        own = tables.partitioned([(table, column)])
        now = _marked(own, table, days) if own.exists(table) else ()
        found += [*(known[day] for day in days), *(mark for _, mark in now)]
    return _within(found)


def _within(marks: Iterable[Mark]) -> tuple[str, ...]:
    """The columns that every mark has, of the days that were there."""
    sets = [set(mark.within) for mark in marks if mark != ABSENT]
    return tuple(sorted(set.intersection(*sets))) if sets else ()


def marks_of(tables: SourceTables, wanted: Mapping[tuple[str, str], DaySet]) -> Marks:
    """The marks of days as they are now; none of a day with a file that cannot be read: whoever reads it says so."""
    return {
        (table, column): dict(_marked(tables.partitioned([(table, column)]), table, days))
        for (table, column), days in wanted.items()
    }


def _marked(tables: SourceTables, table: str, days: DaySet) -> Iterator[tuple[Day, Mark]]:
    for day in days:
        files = tables.files(table, DaySet.days([day]))
        mark = _readable(files, day) if files else ABSENT
        if mark is not None:
            yield day, mark


def _readable(files: Sequence[Path], day: Day) -> Mark | None:
    try:
        return mark_of(files, day)
    except ChrononError:
        return None


def _written_again(
    tables: SourceTables, table: str, known: Mapping[Day, Mark]
) -> Iterator[tuple[Day, tuple[Path, ...]]]:
    if not tables.exists(table):
        return
    earlier = dict.fromkeys(before_the_first(tables, table, known), ABSENT)
    for day, mark in {**earlier, **known}.items():
        files = tables.files(table, DaySet.days([day]))
        if files and _files_digest(files) != mark.files:
            yield day, files


def before_the_first(tables: SourceTables, table: str, known: Mapping[Day, Mark]) -> DaySet:
    """The days that are there now and lie before all that were, when these were read to their beginning."""
    first = min(known, default=None)
    if first is None or known[first] != ABSENT or not tables.exists(table):
        return DaySet()
    days = tables.days(table)
    return days & DaySet.span(days.first, Day(first - 1)) if days and days.first < first else DaySet()


def _files_digest(files: Iterable[Path]) -> str:
    stats = ((file.name, file.stat()) for file in files)
    return _digest(f"{name} {stat.st_size} {stat.st_mtime_ns}".encode() for name, stat in stats)


def _footers_digest(files: Iterable[Path]) -> str:
    """Of the footers alone, whatever the files are called."""
    return _digest(sorted(map(_footer, files)))


def _footer(file: Path) -> bytes:
    with file.open("rb") as opened:
        size = opened.seek(0, 2)
        opened.seek(max(0, size - _TAIL))
        length = int.from_bytes(opened.read(4), "little")
        opened.seek(max(0, size - _TAIL - length))
        return blake2b(opened.read(length), digest_size=16).digest()


def _digest(parts: Iterable[bytes]) -> str:
    whole = blake2b(digest_size=16)
    for part in parts:
        whole.update(len(part).to_bytes(8, "little") + part)
    return whole.hexdigest()


def _times_within(footer: Any, day: Day) -> set[str]:
    """The columns of 64 bits of which every value, as a time, lies in a day: footers tell the least and the greatest."""
    names = [
        (place, column.name)
        for place in range(footer.num_columns)
        if (column := footer.schema.column(place)).physical_type == "INT64" and column.path == column.name
    ]
    groups = [footer.row_group(number) for number in range(footer.num_row_groups)]
    return {name for place, name in names if all(_lies_in(group.column(place).statistics, day) for group in groups)}


def _lies_in(statistics: Any, day: Day) -> bool:
    if statistics is None or not statistics.has_min_max:
        return False
    return all(_day_of(bound) == day for bound in (statistics.min, statistics.max))


def _day_of(bound: object) -> int | None:
    match bound:
        case int():
            return bound // DAY
        case datetime():
            return (bound.replace(tzinfo=bound.tzinfo or UTC) - _EPOCH) // timedelta(days=1)
    return None
