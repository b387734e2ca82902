"""By what a day of a table is known again: what was written, what only looks written, and which times lie in the day."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chronon.model.corrections import Correction, Marks
from chronon.model.dayset import DaySet
from chronon.model.time import DAY as MS
from chronon.model.time import Day, day_text
from chronon.stores.tables.marks import ABSENT, mark_of, marks_of, moved, within_of
from chronon.stores.tables.sources import SourceTables

DAY = Day(15_700)
KEY = ("air.arrivals", "ds")


def write(root: Path, day: int, name: str = "a.parquet", **columns: object) -> Path:
    folder = root / "air/arrivals" / f"ds={day_text(Day(day))}"
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns or {"v": [1, 2], "at": [day * MS, (day + 1) * MS - 1]}), folder / name)
    return folder / name


@pytest.fixture
def marked(tmp_path: Path) -> tuple[SourceTables, Marks]:
    """Two days that were read."""
    for day in (DAY, DAY + 1):
        write(tmp_path, day)
    tables = SourceTables(tmp_path)
    return tables, marks_of(tables, {KEY: DaySet.span(DAY, DAY + 1)})


def test_mark_counts_rows_and_bytes_over_the_files_of_the_days_that_are_there(
    marked: tuple[SourceTables, Marks], tmp_path: Path
) -> None:
    file = tmp_path / "air/arrivals" / f"ds={day_text(DAY)}" / "a.parquet"

    mark = marked[1][KEY][DAY]
    assert (mark.rows, mark.bytes, mark.within) == (2, file.stat().st_size, ("at",))


def test_nothing_moved_where_nothing_was_written(marked: tuple[SourceTables, Marks]) -> None:
    found = moved(*marked)

    assert (found.corrected, found.rewritten) == ((), {})


def other_values(root: Path) -> None:
    write(root, DAY, v=[1, 3], at=[DAY * MS, DAY * MS])


def one_more_file(root: Path) -> None:
    write(root, DAY, "b.parquet", v=[1], at=[DAY * MS])


def one_file_of_two_gone(root: Path) -> None:
    write(root, DAY, "b.parquet", v=[1, 2], at=[DAY * MS, DAY * MS])
    (root / "air/arrivals" / f"ds={day_text(DAY)}" / "a.parquet").unlink()


def in_place_with_the_same_size(root: Path) -> None:
    write(root, DAY, v=[1, 9], at=[DAY * MS, (DAY + 1) * MS - 1])


@pytest.mark.parametrize(
    "correct", [other_values, one_more_file, one_file_of_two_gone, in_place_with_the_same_size], ids=lambda one: one.__name__
)  # fmt: skip
def test_day_that_has_other_footers_is_corrected(correct, marked: tuple[SourceTables, Marks], tmp_path: Path) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    correct(tmp_path)

    expected = Correction(table="air.arrivals", days=DaySet.days([DAY]), within=("at",), found=True)
    assert moved(*marked).corrected == (expected,)


def copied(file: Path) -> None:
    shutil.copy(file, file.with_name("c.parquet"))
    file.unlink()


def touched(file: Path) -> None:
    os.utime(file, (1, 1))


@pytest.mark.parametrize("again", [copied, touched], ids=lambda one: one.__name__)
def test_day_that_was_written_again_as_it_was_is_told_and_not_corrected(  # type: ignore[no-untyped-def]
    again,  # noqa: ANN001
    marked: tuple[SourceTables, Marks],
    tmp_path: Path,
) -> None:
    again(tmp_path / "air/arrivals" / f"ds={day_text(DAY)}" / "a.parquet")

    found = moved(*marked)

    assert (found.corrected, found.rewritten) == ((), {"air.arrivals": DaySet.days([DAY])})


def test_day_that_is_gone_or_cannot_be_read_is_no_correction(
    marked: tuple[SourceTables, Marks], tmp_path: Path
) -> None:
    shutil.rmtree(tmp_path / "air/arrivals" / f"ds={day_text(DAY)}")
    (tmp_path / "air/arrivals" / f"ds={day_text(Day(DAY + 1))}" / "a.parquet").write_bytes(b"PAR1 no PAR1")

    found = moved(*marked)

    assert (found.corrected, found.rewritten) == ((), {})


def test_day_that_was_a_hole_is_corrected_once_it_is_there(tmp_path: Path) -> None:
    write(tmp_path, DAY)
    tables = SourceTables(tmp_path)
    marks = marks_of(tables, {KEY: DaySet.span(DAY, DAY + 2)})
    assert marks[KEY][Day(DAY + 1)] == ABSENT
    assert moved(tables, marks).corrected == ()

    write(tmp_path, DAY + 1)

    expected = Correction(table="air.arrivals", days=DaySet.days([DAY + 1]), within=("at",), found=True)
    assert moved(tables, marks).corrected == (expected,)


def test_history_that_comes_later_is_corrected_where_the_table_was_read_to_its_beginning(tmp_path: Path) -> None:
    #      DAY-9 … DAY-1 | DAY      read: from the day before the first, and from the first
    write(tmp_path, DAY)
    tables = SourceTables(tmp_path)
    to_its_beginning = marks_of(tables, {KEY: DaySet.span(DAY - 1, DAY)})
    a_part = marks_of(tables, {KEY: DaySet.days([DAY])})

    for day in (DAY - 9, DAY - 1):
        write(tmp_path, day)

    days = DaySet.days([Day(DAY - 9), Day(DAY - 1)])
    expected = Correction(table="air.arrivals", days=days, within=("at",), found=True)
    assert (moved(tables, to_its_beginning).corrected, moved(tables, a_part).corrected) == ((expected,), ())


def test_table_that_is_gone_is_no_correction(marked: tuple[SourceTables, Marks], tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "air")

    assert moved(*marked).corrected == ()


NOON = datetime(2012, 12, 26, 12, tzinfo=UTC)


def times() -> Iterator[tuple[str, pa.Array, bool]]:
    """Columns of one day, and whether every value lies in it: 15700 days after 1970 is 2012-12-26."""
    yield "ms", pa.array([DAY * MS, (DAY + 1) * MS - 1]), True
    yield "a null among them", pa.array([DAY * MS, None]), True
    yield "the next midnight", pa.array([DAY * MS, (DAY + 1) * MS]), False
    yield "the moment before", pa.array([DAY * MS - 1, DAY * MS]), False
    yield "seconds", pa.array([DAY * 86_400, DAY * 86_400 + 1]), False
    yield "ints", pa.array([1, 2], pa.int32()), False
    yield "texts", pa.array(["2012-12-26", "2012-12-26"]), False
    yield "nulls alone", pa.array([None, None], pa.int64()), False
    for unit in ("ms", "us"):
        for zone in (None, "UTC", "America/New_York"):
            noon = [NOON if zone else NOON.replace(tzinfo=None)] * 2
            late = [moment + timedelta(hours=12) for moment in noon]
            yield f"{unit} {zone}", pa.array(noon, pa.timestamp(unit, zone)), True
            yield f"{unit} {zone}, midnight", pa.array(late, pa.timestamp(unit, zone)), False


@pytest.mark.parametrize(("values", "lies_in_the_day"), [pytest.param(*case, id=name) for name, *case in times()])
def test_times_lie_in_the_day_where_the_bounds_in_the_footer_do(
    values: pa.Array, lies_in_the_day: bool, tmp_path: Path
) -> None:
    file = write(tmp_path, DAY, at=values)

    assert (mark_of([file], DAY).within == ("at",)) == lies_in_the_day


def test_times_lie_in_the_day_only_where_those_of_every_file_with_rows_do(tmp_path: Path) -> None:
    files = [write(tmp_path, DAY, "a.parquet", at=[DAY * MS], other=[DAY * MS])]
    files += [write(tmp_path, DAY, "b.parquet", at=[DAY * MS], other=[0])]
    files += [write(tmp_path, DAY, "c.parquet", at=pa.array([], pa.int64()))]

    assert mark_of(files, DAY).within == ("at",)


def test_columns_that_lie_in_the_day_before_and_after_a_correction_do(
    marked: tuple[SourceTables, Marks], tmp_path: Path
) -> None:
    tables, marks = marked
    one, both = DaySet.days([DAY]), DaySet.span(DAY, DAY + 1)
    assert within_of(tables, "air.arrivals", both, marks) == ("at",)
    assert within_of(tables, "air.arrivals", DaySet.span(DAY, DAY + 2), marks) == (), "a day without a mark"

    write(tmp_path, DAY + 1, v=[1], at=[DAY * MS])

    assert within_of(tables, "air.arrivals", both, marks) == ()
    assert within_of(tables, "air.arrivals", one, marks) == ("at",)
