"""Stored bytes stay what they are: a change of them needs a new version byte. Rewritten with `CHRONON_BLESS=1`."""

from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime
from decimal import Decimal as Amount
from pathlib import Path

import pytest
from builders import DAY, HOUR, START, batch_of, features_of

from chronon.aggregations import Program, batch_values, decode_row, encode_row, fold_tiles, operation_names, pages
from chronon.model.errors import ChrononError
from chronon.model.specs import Accuracy
from chronon.model.time import Millis
from chronon.model.types import DataType, Decimal, ListOf, MapOf, Scalar, StructOf

GOLDEN = Path(__file__).parent / "golden_bytes.json"

EVENTS = {
    Scalar.STRING: ["b", "", "é", "a", "b"],
    Scalar.DOUBLE: [0.1, -2.5, float("nan"), 1e300, 3.0],
    Scalar.BINARY: [b"", b"\xff", b"a", b"a", b"\x00"],
    Scalar.TIMESTAMP: [datetime(2024, 1, day, 12, 30, 15, 250_000, UTC) for day in (5, 4, 3, 2, 1)],
    Decimal(12, 2): [Amount("0.10"), Amount("-3.25"), Amount("9999999999.99"), Amount("0.00"), Amount("1.00")],
    ListOf(Scalar.LONG): [[1, 2], [], [3, None, -4], None, [5]],
    MapOf(Scalar.DOUBLE): [{"a": 0.5}, {}, {"b": None, "é": 2.0}, None, {"b": -0.0, "a": 1e300}],
    StructOf((("a", Scalar.INT), ("b", ListOf(Scalar.STRING)))): [
        {"a": 1, "b": ["x", None]}, None, {"a": None, "b": None}, {"a": 2, "b": []}, {"a": 1, "b": ["y"]},
    ],
}  # fmt: skip


def encoded(name: str, kind: DataType) -> dict[str, list[str]]:
    """The batch values and pages of a little history, for every call of one operation."""
    features = tuple(f for f in features_of(kind, (12 * DAY,)) if f.operation and f.operation.name == name)
    program = Program.compile(features, Accuracy.TEMPORAL)
    # The last three are tiles of one hour and have a roll-up.
    times = [0, 11 * DAY, 12 * DAY - HOUR, 12 * DAY - 1, 12 * DAY + 5, 12 * DAY + 300_005, 12 * DAY + 600_005]
    cells = [*EVENTS[kind], *EVENTS[kind][:2]]
    events = [(0, START + t, v, "xy"[at % 2]) for at, (t, v) in enumerate(zip(times, cells, strict=True))]
    batch = batch_of(kind, events)
    values = batch_values(program, batch, 1, Millis(START + 12 * DAY))
    stored = pages(program, fold_tiles(program, batch, Millis(300_000)), {})
    return {"batch": [value.hex() for value in values], "pages": [stored[key].hex() for key in sorted(stored)]}


CASES = [
    (
        name,
        next(kind for kind in EVENTS for f in features_of(kind, (HOUR,)) if f.operation and f.operation.name == name),
    )
    for name in operation_names()
] + [
    ("sum", ListOf(Scalar.LONG)),
    ("sum", MapOf(Scalar.DOUBLE)),
    ("sum", Decimal(12, 2)),
    ("unique_count", Scalar.BINARY),
    ("top_k", Scalar.TIMESTAMP),
    *(("last_k", kind) for kind in (*list(EVENTS)[2:],)),
]


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_stored_bytes_of_every_operation_are_the_golden_ones(name: str, kind: DataType) -> None:
    known = json.loads(GOLDEN.read_text()) if GOLDEN.exists() else {}
    found = encoded(name, kind)
    if os.environ.get("CHRONON_BLESS"):
        GOLDEN.write_text(json.dumps(known | {f"{name} {kind}": found}, indent=0, sort_keys=True) + "\n")
        return

    assert found == known[f"{name} {kind}"]


def test_snapshot_row_is_its_golden_bytes_and_reads_back() -> None:
    values = (1, None, 0.1, "é", [1.5, None], {"a": 2})

    row = encode_row(values)

    assert row.hex() == "029601c0cb3fb999999999999aa2c3a992cb3ff8000000000000c081a16102"
    assert decode_row(row) == values


def test_snapshot_row_of_dates_timestamps_decimals_and_bytes_is_its_golden_bytes() -> None:
    values = (date(2013, 2, 27), datetime(2013, 2, 27, 14, 5, 0, 1, tzinfo=UTC), Amount("1.50"), b"\0")

    row = encode_row(values)

    assert row.hex() == "0294d60100003d93d7ff00000fa0512e128cd602312e3530c40100"
    assert decode_row(row) == values


def test_snapshot_row_of_another_version_is_refused() -> None:
    with pytest.raises(ChrononError, match="CHR-W008"):
        decode_row(b"\x01\x90")
    with pytest.raises(ChrononError, match="CHR-W008"):
        decode_row(b"")
