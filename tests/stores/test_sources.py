"""Tables found by name, their days by folders, and what is said when they are not there."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chronon.model.dayset import DaySet
from chronon.model.definitions import Rows
from chronon.model.errors import ChrononError
from chronon.model.live import LiveTable
from chronon.model.specs import SourceKind
from chronon.model.time import Day, day_text
from chronon.model.types import Decimal, ListOf, MapOf, Scalar, StructOf
from chronon.stores.tables.sources import SourceTables

DAY = Day(15_700)


def a_file(
    root: Path,
    table: str,
    day: int | None = None,
    name: str = "part-0.parquet",
    column: str = "ds",
    **columns: list[object],
) -> Path:
    folder = root.joinpath(*table.split("."), *([] if day is None else [f"{column}={day_text(Day(day))}"]))
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns or {"x": [1]}), folder / name)
    return folder / name


def test_days_are_those_that_have_a_file(tmp_path: Path) -> None:
    for day in (DAY, DAY + 1, DAY + 4):
        a_file(tmp_path, "air.arrivals", day)
    (tmp_path / "air/arrivals" / f"ds={day_text(Day(DAY + 2))}").mkdir()
    a_file(tmp_path, "air.arrivals", DAY + 3, name="_tmp.parquet")
    for stray in ("_SUCCESS", "ds=yesterday", "ds=2013-02-31"):
        (tmp_path / "air/arrivals" / stray).mkdir()

    assert SourceTables(tmp_path).days("air.arrivals") == DaySet.days([DAY, DAY + 1, DAY + 4])


def test_files_are_those_of_the_days_in_order(tmp_path: Path) -> None:
    late, early = a_file(tmp_path, "air.a", DAY + 1), a_file(tmp_path, "air.a", DAY, name="b.parquet")
    first = a_file(tmp_path, "air.a", DAY, name="a.parquet")
    a_file(tmp_path, "air.a", DAY, name=".hidden.parquet")
    tables = SourceTables(tmp_path)

    assert tables.files("air.a") == (first, early, late)
    assert tables.files("air.a", DaySet.days([DAY, DAY + 9])) == (first, early)


def test_table_without_partitions_has_files_and_no_days(tmp_path: Path) -> None:
    file = a_file(tmp_path, "air.planes")
    tables = SourceTables(tmp_path)

    assert tables.files("air.planes") == (file,)
    assert tables.days("air.planes") == DaySet()


def test_availability_tells_partitioned_unpartitioned_and_missing_apart(tmp_path: Path) -> None:
    a_file(tmp_path, "air.arrivals", DAY)
    a_file(tmp_path, "air.planes")
    (tmp_path / "air" / "empty").mkdir()

    found = SourceTables(tmp_path).availability(["air.planes", "air.arrivals", "air.empty", "air.gone", "air.planes"])

    assert found == {"air.planes": None, "air.arrivals": DaySet.days([DAY]), "air.empty": DaySet()}


def some_rows(table: str, partition: str) -> Rows:
    return Rows(kind=SourceKind.EVENTS, table=table, partition=partition, columns=(), selects=())


def test_days_are_those_of_the_column_that_the_source_names(tmp_path: Path) -> None:
    by_day = a_file(tmp_path, "air.a", DAY, column="day")
    by_ds = a_file(tmp_path, "air.a", DAY + 1)
    tables = SourceTables(tmp_path)
    named = tables.of([some_rows("air.a", "day"), some_rows("air.other", "hour")])
    both = tables.of([some_rows("air.a", "day"), some_rows("air.a", "ds"), some_rows("air.a", "")])

    assert (tables.days("air.a"), tables.files("air.a")) == (DaySet.days([DAY + 1]), (by_ds,))
    assert (named.days("air.a"), named.files("air.a")) == (DaySet.days([DAY]), (by_day,))
    assert named.files("air.a", DaySet.span(DAY, Day(DAY + 1))) == (by_day,)
    assert (both.days("air.a"), both.files("air.a")) == (DaySet.span(DAY, Day(DAY + 1)), (by_day, by_ds))


@pytest.mark.parametrize("question", ["days", "files"])
def test_missing_table_names_the_nearest_and_the_place(tmp_path: Path, question: str) -> None:
    a_file(tmp_path, "air.arrivals", DAY)
    tables = SourceTables(tmp_path)

    with pytest.raises(ChrononError, match=rf"CHR-K021.*{tmp_path}/air/arivals.*did you mean air.arrivals\?"):
        getattr(tables, question)("air.arivals")

    assert not tables.exists("air.arivals")
    assert tables.exists("air.arrivals")


@pytest.mark.parametrize("name", ["air", "", "."])
def test_name_without_a_table_is_no_table(tmp_path: Path, name: str) -> None:
    a_file(tmp_path, "air.arrivals", DAY)

    assert not SourceTables(tmp_path).exists(name)


def test_schema_is_that_of_the_newest_file(tmp_path: Path) -> None:
    a_file(tmp_path, "air.a", DAY, x=["old"])
    path = a_file(tmp_path, "air.a", DAY + 1)
    kinds = {
        "b": (pa.bool_(), Scalar.BOOLEAN),
        "i8": (pa.int8(), Scalar.INT),
        "u16": (pa.uint16(), Scalar.INT),
        "i32": (pa.int32(), Scalar.INT),
        "u32": (pa.uint32(), Scalar.LONG),
        "i64": (pa.int64(), Scalar.LONG),
        "f": (pa.float32(), Scalar.FLOAT),
        "d": (pa.float64(), Scalar.DOUBLE),
        "s": (pa.string(), Scalar.STRING),
        "c": (pa.dictionary(pa.int32(), pa.string()), Scalar.STRING),
        "raw": (pa.binary(), Scalar.BINARY),
        "day": (pa.date32(), Scalar.DATE),
        "at": (pa.timestamp("us", tz="UTC"), Scalar.TIMESTAMP),
        "l": (pa.list_(pa.float64()), ListOf(Scalar.DOUBLE)),
        "m": (pa.map_(pa.string(), pa.int64()), MapOf(Scalar.LONG)),
        "u64": (pa.uint64(), None),
        "dec": (pa.decimal128(9, 2), Decimal(9, 2)),
        "st": (pa.struct([("a", pa.int32())]), StructOf((("a", Scalar.INT),))),
        "naive": (pa.timestamp("ms"), Scalar.TIMESTAMP),
        "wide": (pa.decimal128(19, 2), None),
        "st2": (pa.struct([("a", pa.uint64())]), None),
        "twice": (pa.struct([("a", pa.int32()), ("a", pa.int64())]), None),
        "m2": (pa.map_(pa.int32(), pa.int64()), None),
    }
    pq.write_table(pa.schema([(name, arrow) for name, (arrow, _ours) in kinds.items()]).empty_table(), path)

    found = SourceTables(tmp_path).live({"air.a": None})["air.a"]

    assert found.columns == {name: ours for name, (_arrow, ours) in kinds.items() if ours is not None}
    assert set(found.others) == {name for name, (_arrow, ours) in kinds.items() if ours is None}


def test_live_of_a_table_without_files_then_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / "air" / "empty").mkdir(parents=True)

    assert SourceTables(tmp_path).live({"air.empty": None}) == {}


def test_unreadable_file_is_named(tmp_path: Path) -> None:
    path = a_file(tmp_path, "air.a", DAY)
    path.write_bytes(b"PAR1 but not really")

    problem = SourceTables(tmp_path).live({"air.a": None})["air.a"].problem

    assert problem.startswith(f"CHR-K022 {path} cannot be read as Parquet")


def test_live_when_days_are_many_then_is_the_last_file_of_the_newest_day_that_has_one(tmp_path: Path) -> None:
    a_file(tmp_path, "air.a", DAY, x=["old"])
    a_file(tmp_path, "air.a", DAY + 1, name="a.parquet", y=[1])
    newest = a_file(tmp_path, "air.a", DAY + 1, name="b.parquet", x=[1], y=[2.0])
    a_file(tmp_path, "air.a", DAY + 2, name="_unfinished.parquet")
    tables = SourceTables(tmp_path)

    assert tables.newest("air.a") == newest
    assert tables.newest("air.a", DAY) != newest
    assert tables.live({"air.a": None}) == {"air.a": LiveTable(columns={"x": Scalar.LONG, "y": Scalar.DOUBLE})}


def test_live_when_types_have_no_name_of_ours_then_tells_theirs(tmp_path: Path) -> None:
    path = a_file(tmp_path, "air.a")
    schema = pa.schema([("n", pa.uint64()), ("m", pa.map_(pa.int32(), pa.string())), ("x", pa.decimal128(9, 2))])
    pq.write_table(schema.empty_table(), path)

    found = SourceTables(tmp_path).live({"air.a": None})["air.a"]

    assert found == LiveTable(columns={"x": Decimal(9, 2)}, others={"n": "uint64", "m": "map<int32, string>"})


def test_live_when_tables_are_missing_empty_or_damaged_then_only_the_damaged_one_is_told(tmp_path: Path) -> None:
    path = a_file(tmp_path, "air.a", DAY)
    path.write_bytes(b"PAR1 but not really")
    (tmp_path / "air" / "empty").mkdir()

    found = SourceTables(tmp_path).live(dict.fromkeys(("air.a", "air.empty", "air.gone")))

    assert list(found) == ["air.a"]
    assert str(path) in found["air.a"].problem
    assert SourceTables(tmp_path).names() == ("air.a", "air.empty")
