"""Which timestamps of a Parquet file are whole microseconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chronon.stores.tables.precision import too_fine

NANOS = pa.timestamp("ns")
MICROS = 1_000_000_000_123_456_000


def complaint(path: Path, values: list[Any], kind: pa.DataType, *, int96: bool = True) -> str | None:
    pq.write_table(pa.table({"at": pa.array(values, kind)}), path, use_deprecated_int96_timestamps=int96)
    return too_fine(path, pq.read_schema(path), ["at"])


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([MICROS, None, -1000, 0], NANOS),
        ([[MICROS, None], None, []], pa.list_(NANOS)),
        ([{"a": MICROS, "b": 1}, None], pa.struct([("a", NANOS), ("b", pa.int64())])),
    ],
)
def test_int96_of_whole_microseconds_is_fine(values: list[Any], kind: pa.DataType, tmp_path: Path) -> None:
    assert complaint(tmp_path / "a.parquet", values, kind) is None


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([MICROS, MICROS + 1], NANOS),
        ([[MICROS], [MICROS, -1]], pa.list_(NANOS)),
        ([{"a": 7}, None], pa.struct([("a", NANOS)])),
    ],
)
def test_int96_that_is_finer_is_told(values: list[Any], kind: pa.DataType, tmp_path: Path) -> None:
    assert complaint(tmp_path / "a.parquet", values, kind) == "has times finer than a microsecond in at"


def test_far_int96_is_judged_by_its_own_digits(tmp_path: Path) -> None:
    far = pa.array([253_402_300_799_999_999, -62_135_596_800_000_000], pa.timestamp("us"))
    pq.write_table(pa.table({"at": far}), tmp_path / "a.parquet", use_deprecated_int96_timestamps=True)

    assert too_fine(tmp_path / "a.parquet", pq.read_schema(tmp_path / "a.parquet"), ["at"]) is None


def test_nanoseconds_in_64_bits_are_told_whatever_they_hold(tmp_path: Path) -> None:
    found = complaint(tmp_path / "a.parquet", [MICROS], NANOS, int96=False)

    assert found == "has nanoseconds in 64 bits in at, which not every engine reads"


@pytest.mark.parametrize("unit", ["s", "ms", "us"])
def test_coarser_timestamps_are_fine(unit: str, tmp_path: Path) -> None:
    assert complaint(tmp_path / "a.parquet", [7, None], pa.timestamp(unit), int96=False) is None
