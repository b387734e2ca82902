"""Fragments: written aside, published whole, read back beside each other whatever files hold them."""

from __future__ import annotations

import random
import resource
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chronon.model.dayset import DaySet
from chronon.model.errors import ChrononError, InvariantError
from chronon.model.jobs import Digest, Fragment
from chronon.model.time import Day
from chronon.stores.tables.warehouse import Warehouse

LEFT = Digest("1ef7")
DAY = Day(15_700)
AA, BB = Digest("aa"), Digest("bb")


def published(warehouse: Warehouse, day: int, table: pa.Table, *columns: tuple[Digest, str]) -> Fragment:
    staging = warehouse.staging("step")
    fragment = warehouse.write_fragment(staging, LEFT, Day(day), table, columns)
    warehouse.publish([fragment], staging)
    warehouse.discard(staging)
    return fragment


def left_rows(warehouse: Warehouse, n: int, day: int = DAY) -> Fragment:
    rows = pa.table(
        {
            "row_id": pa.array(range(n), pa.int64()),
            "ts": pa.array(range(100, 100 + n), pa.int64()),
            "carrier": pa.array([f"c{i}" for i in range(n)], pa.string()),
        }
    )
    return published(warehouse, day, rows, (LEFT, "ts"), (LEFT, "carrier"))


def features(ids: list[int], **columns: list[object]) -> pa.Table:
    return pa.table({"row_id": pa.array(ids, pa.int64()), **columns})


def files_of(warehouse: Warehouse) -> list[str]:
    return sorted(path.relative_to(warehouse.root).as_posix() for path in warehouse.root.rglob("*.parquet"))


def test_written_fragment_is_nowhere_to_be_read_before_it_is_published(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "wh")
    staging = warehouse.staging("step")

    fragment = warehouse.write_fragment(staging, LEFT, DAY, features([0, 1], x=[1.5, None]), ((AA, "x"),))

    assert not (warehouse.root / fragment.path).exists()
    warehouse.publish([fragment], staging)
    stored = warehouse.root / fragment.path
    assert pq.read_table(stored, partitioning=None).to_pydict() == {"row_id": [0, 1], "x": [1.5, None]}
    assert (fragment.rows, fragment.bytes, fragment.day) == (2, stored.stat().st_size, DAY)
    assert fragment.path.startswith("left/1ef7/ds=2012-12-26/")
    assert list(staging.rglob("*.parquet")) == []


def test_step_that_runs_again_writes_the_same_names(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "wh")

    first, again = (published(warehouse, DAY, features([0], x=[1]), (AA, "x")) for _ in range(2))
    other = published(warehouse, DAY, features([0], x=[1]), (BB, "x"))

    assert first == again
    assert files_of(warehouse) == sorted([first.path, other.path])


def test_publishing_twice_is_harmless_and_losing_a_file_is_not(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "wh")
    fragment = published(warehouse, DAY, features([0], x=[1]), (AA, "x"))

    warehouse.publish([fragment], warehouse.staging("again"))
    (warehouse.root / fragment.path).unlink()

    with pytest.raises(InvariantError, match="neither staged"):
        warehouse.publish([fragment], warehouse.staging("again"))


def test_staging_folders_are_fresh_and_swept(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "wh")
    fragment = published(warehouse, DAY, features([0], x=[1]), (AA, "x"))
    first, second = warehouse.staging("step"), warehouse.staging("step")
    warehouse.write_fragment(first, LEFT, DAY, features([0], x=[2]), ((AA, "x"),))

    assert first != second
    warehouse.discard(second)
    warehouse.discard(second)
    assert warehouse.sweep() == 1
    assert files_of(warehouse) == [fragment.path]
    assert warehouse.sweep() == 0


def test_full_disk_publishes_nothing_and_leaves_no_staging(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "wh")
    staging = warehouse.staging("step")
    chance = random.Random(7)
    noise = [chance.random() for _ in range(60_000)]
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 18, hard))
    try:
        with pytest.raises(ChrononError, match=r"CHR-K030.*nothing was published"):
            warehouse.write_fragment(staging, LEFT, DAY, features(list(range(60_000)), x=noise), ((AA, "x"),))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert not staging.exists()
    assert files_of(warehouse) == []


@pytest.mark.parametrize(
    "table",
    [
        pa.table({"x": [1]}),
        pa.table({"row_id": pa.array([0], pa.int32()), "x": [1]}),
        pa.table({"row_id": pa.array([None], pa.int64()), "x": [1]}),
        pa.table({"row_id": pa.array([0], pa.int64())}),
    ],
)
def test_table_that_is_no_column_group_is_our_bug(tmp_path: Path, table: pa.Table) -> None:
    warehouse = Warehouse(tmp_path)

    with pytest.raises(InvariantError, match="fragment-columns"):
        warehouse.write_fragment(warehouse.staging("s"), LEFT, DAY, table, ((AA, "x"),))


def test_read_renames_and_orders_as_wanted(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    left = left_rows(warehouse, 3)
    own = published(warehouse, DAY, features([2, 0, 1], x=[20, 0, 10]), (AA, "x"))

    rows = warehouse.read(LEFT, DAY, (("count", AA), ("carrier", LEFT), ("ts", LEFT), ("same", AA)), [own, left])

    assert rows.to_pydict() == {
        "row_id": [0, 1, 2],
        "count": [0, 10, 20],
        "carrier": ["c0", "c1", "c2"],
        "ts": [100, 101, 102],
        "same": [0, 10, 20],
    }


COLUMNS = ("a", "b", "c", "d")


@settings(max_examples=30)
@given(n=st.integers(0, 9), seed=st.integers(0, 2**32))
def test_any_split_into_files_reads_the_same_rows(tmp_path_factory: pytest.TempPathFactory, n: int, seed: int) -> None:
    warehouse = Warehouse(tmp_path_factory.mktemp("wh"))
    chance = random.Random(seed)
    values = {name: [chance.choice([None, chance.random()]) for _ in range(n)] for name in COLUMNS}
    fragments = [left_rows(warehouse, n)]
    staging = warehouse.staging("step")
    cut = chance.randint(0, len(COLUMNS))
    for group in filter(None, (COLUMNS[:cut], COLUMNS[cut:])):
        digests = tuple((Digest(f"d{name}"), f"x{name}") for name in group)
        owner = [chance.randrange(2) for _ in range(n)]
        for part in range(2):
            ids = [i for i in range(n) if owner[i] == part]
            chance.shuffle(ids)
            held = {f"x{name}": pa.array([values[name][i] for i in ids], pa.float64()) for name in group}
            fragments.append(warehouse.write_fragment(staging, LEFT, DAY, features(ids, **held), digests))
    warehouse.publish(fragments[1:], staging)
    chance.shuffle(fragments)

    rows = warehouse.read(LEFT, DAY, [(name, Digest(f"d{name}")) for name in COLUMNS], fragments)

    assert rows.to_pydict() == {"row_id": list(range(n)), **values}


@pytest.mark.parametrize("ids", [[0, 1], [0, 1, 1], [0, 1, 3], [0, 1, 2, 3], [-1, 0, 1]])
def test_row_ids_that_are_not_those_of_the_left_are_told(tmp_path: Path, ids: list[int]) -> None:
    warehouse = Warehouse(tmp_path)
    fragments = [left_rows(warehouse, 3), published(warehouse, DAY, features(ids, x=ids), (AA, "x"))]

    with pytest.raises(ChrononError, match=r"CHR-K032.*2012-12-26"):
        warehouse.read(LEFT, DAY, (("x", AA),), fragments)


def test_column_that_is_not_computed_is_told(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)

    with pytest.raises(ChrononError, match=r"recorded-column: mean of 1ef7 on 2012-12-26"):
        warehouse.read(LEFT, DAY, (("mean", AA),), [left_rows(warehouse, 3)])


def test_column_of_a_day_without_rows_is_empty(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)

    rows = warehouse.read(LEFT, DAY, (("ts", LEFT), ("x", AA)), [left_rows(warehouse, 0)])

    assert (rows.num_rows, rows.column_names) == (0, ["row_id", "ts", "x"])


def test_lost_and_damaged_files_are_told_apart(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    left = left_rows(warehouse, 3)
    path = tmp_path / left.path

    path.write_bytes(b"PAR1 garbage")
    with pytest.raises(ChrononError, match=f"CHR-K033 {path}"):
        warehouse.read(LEFT, DAY, (("ts", LEFT),), [left])
    path.unlink()
    with pytest.raises(ChrononError, match=f"CHR-K033 {path}"):
        warehouse.read(LEFT, DAY, (("ts", LEFT),), [left])


def test_read_days_joins_days_in_order_with_their_ds(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    fragments = [left_rows(warehouse, n, DAY + offset) for offset, n in ((2, 1), (0, 2), (1, 0))]
    fragments += [
        published(warehouse, DAY, features([0, 1], x=[0.5, 1.5]), (AA, "x")),
        published(warehouse, DAY + 2, features([0], y=[9.0]), (AA, "y")),
    ]

    rows = warehouse.read_days(LEFT, DaySet.span(DAY, DAY + 2), (("ts", LEFT), ("f", AA)), fragments)

    assert rows.to_pydict() == {
        "ds": ["2012-12-26", "2012-12-26", "2012-12-28"],
        "ts": [100, 101, 100],
        "f": [0.5, 1.5, 9.0],
    }
    assert warehouse.read_days(LEFT, DaySet(), (("ts", LEFT),), fragments).column_names == ["ds", "ts"]


def test_duckdb_view_shows_what_read_days_reads(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "it's here")
    fragments = [
        left_rows(warehouse, 3),
        left_rows(warehouse, 1, DAY + 1),
        published(warehouse, DAY, features([2, 0], x=[2.5, 0.5]), (AA, "x")),
        published(warehouse, DAY, features([1], x=[None]).cast(features([1], x=[1.5]).schema), (AA, "x")),
        published(warehouse, DAY + 1, features([0], other=[7.5]), (AA, "other")),
    ]
    wanted = (("carrier", LEFT), ('odd "name"', AA), ("ts", LEFT))
    days = DaySet.span(DAY, DAY + 1)
    connection = duckdb.connect()

    connection.execute(warehouse.duckdb_view("training", LEFT, wanted, fragments))

    shown = connection.execute('SELECT ds, carrier, "odd ""name""", ts FROM training ORDER BY ds, row_id').fetchall()
    read = warehouse.read_days(LEFT, days, wanted, fragments).to_pylist()
    assert shown == [tuple(row.values()) for row in read]
    connection.close()
