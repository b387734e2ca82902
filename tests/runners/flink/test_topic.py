"""What a topic's lines must be, and where the others go."""

from __future__ import annotations

import decimal
import json
import math
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronon.expressions.arrow import arrow_type
from chronon.model.errors import ChrononError
from chronon.model.types import DataType, Decimal, ListOf, MapOf, Scalar, StructOf
from chronon.model.values import in_program
from chronon.runners.flink.duck import read_json
from chronon.runners.flink.topic import DEAD_LETTERS, event_files, take_in
from chronon.stores.topics import topic_folder

TYPES = {"n": Scalar.LONG, "i": Scalar.INT, "x": Scalar.DOUBLE, "g": Scalar.FLOAT, "s": Scalar.STRING, "b": Scalar.BOOLEAN, "d": Scalar.DATE}  # fmt: skip

BAD = [
    b"no json", b"[1]", b"7", b"null", b'{"n": "7"}', b'{"n": 1.5}', b'{"n": 9223372036854775808}', b'{"i": 2147483648}',
    b'{"x": "1.5"}', b'{"x": NaN}', b'{"x": "NaN"}', b'{"x": Infinity}', b'{"x": 1e999}', b'{"g": 1e39}', b'{"s": 7}', b'{"s": "\xff"}',
    b'{"b": 1}', b'{"b": "true"}', b'{"d": "27.2.2013"}', b'{"n": 1', b'{"n": 1} {"n": 2}', b"{'n': 1}", b'{"n": true}', b'{"s": ["a"]}',
]  # fmt: skip
GOOD = {
    b'{"n": 9223372036854775807, "x": 1, "unknown": {"deep": [1]}}': {"n": 2**63 - 1, "x": 1.0},
    b'{"n": null, "s": ""}': {"s": ""},
    b"{}": {},
    b'  {"b": true, "i": -1}  ': {"b": True, "i": -1},
    b'{"d": "2013-02-27"}': {"d": "2013-02-27"},
    b'{"s": "\\u00e9\\ud83d\\ude00 \\"q\\" \\n"}': {"s": 'é😀 "q" \n'},
    b'{"x": -0.0}': {"x": -0.0},
    b'{"x": 5e-324}': {"x": 5e-324},
}


def taken(folder: Path, into: Path) -> list[dict[str, object]]:
    take_in(folder, TYPES, into, into.with_name(DEAD_LETTERS))
    return [json.loads(line) for path in event_files(into) for line in path.read_bytes().split(b"\n") if line]


def test_good_lines_are_kept_with_their_values_and_only_their_columns(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "a.jsonl").write_bytes(b"\n".join(GOOD))

    found = taken(tmp_path / "t", tmp_path / "into")

    assert list(map(repr, found)) == [repr({k: row[k] for k in TYPES if k in row}) for row in GOOD.values()]


def test_line_that_lacks_a_column_is_read_under_its_former_names(tmp_path: Path) -> None:
    lines = [
        b'{"new": 1, "old": 2}',
        b'{"new": null, "old": 2}',
        b'{"old": 2, "older": 3}',
        b'{"older": 3}',
        b'{"s": "a"}',
        b'{"old": "2"}',
    ]
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "a.jsonl").write_bytes(b"\n".join(lines))
    columns = {"new": Scalar.LONG, "s": Scalar.STRING, "older": Scalar.LONG}

    result = take_in(tmp_path / "t", columns, tmp_path / "into", tmp_path / DEAD_LETTERS, {"new": ("old", "older")})

    found = [json.loads(line) for path in event_files(tmp_path / "into") for line in path.read_bytes().splitlines()]
    assert (result.events, result.dead) == (5, 1)
    assert [(row.get("new"), row.get("older")) for row in found] == [
        (1, None),
        (None, None),
        (2, 3),
        (3, 3),
        (None, None),
    ]
    assert all(set(row) <= set(columns) for row in found)


def test_former_names_of_packed_columns_are_packed_as_the_column(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "a.jsonl").write_bytes(b'{"old": "12.50"}\n{"new": 1}\n{}')

    take_in(tmp_path / "t", {"new": Decimal(12, 2)}, tmp_path / "into", tmp_path / DEAD_LETTERS, {"new": ("old",)})

    (path,) = event_files(tmp_path / "into")
    assert [json.loads(line).get("new") for line in path.read_bytes().splitlines()] == [1250, 100, None]


@pytest.mark.parametrize("line", BAD)
def test_line_that_does_not_fit_is_a_dead_letter_with_file_and_line(tmp_path: Path, line: bytes) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "a.jsonl").write_bytes(b'{"n": 1}\n\n' + line + b'\n{"n": 2}\n')

    result = take_in(tmp_path / "t", TYPES, tmp_path / "into", tmp_path / DEAD_LETTERS)

    (letter,) = map(json.loads, (tmp_path / DEAD_LETTERS).read_text().splitlines())
    assert (result.events, result.dead) == (2, 1)
    assert (letter["file"], letter["line"], letter["text"]) == ("a.jsonl", 3, line.decode(errors="replace"))
    assert result.first == f"a.jsonl line 3: {letter['error']}"


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**63), 2**63 - 1) | st.text()))
def test_every_value_survives_to_the_bit(
    tmp_path_factory: pytest.TempPathFactory, values: list[float | int | str]
) -> None:
    column = {float: "x", int: "n", str: "s"}
    root = tmp_path_factory.mktemp("topic")
    (root / "t").mkdir()
    lines = [json.dumps({column[type(value)]: value}) for value in values]
    (root / "t" / "a.jsonl").write_text("\n".join(lines))

    found = taken(root / "t", root / "into")

    assert [(repr(row), math.copysign(1, row.get("x", 1.0))) for row in found] == [
        (repr({column[type(value)]: value}), math.copysign(1, value) if isinstance(value, float) else 1.0)
        for value in values
    ]


@pytest.mark.parametrize("topic", ["kafka://a", "file://", "file://../secret", "file://a/b", "file://.hidden", "a"])
def test_topic_that_is_no_folder_name_is_refused(tmp_path: Path, topic: str) -> None:
    with pytest.raises(ChrononError, match="CHR-R020"):
        topic_folder(topic, tmp_path)


def test_topic_without_a_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ChrononError, match=r"CHR-R021 topic file://a\.b has no folder"):
        topic_folder("file://a.b", tmp_path)


MONEY = Decimal(12, 2)
HOME = StructOf((("since", Scalar.DATE), ("paid", ListOf(MONEY)), ("weight", Scalar.FLOAT)))
FORMS: list[tuple[DataType, bytes, object, object]] = [
    # type, in a line of the topic, on its way through Flink, what DuckDB makes of that
    (Scalar.DATE, b'"2013-02-27"', "2013-02-27", date(2013, 2, 27)),
    (Scalar.DATE, b"-1", "1969-12-31", date(1969, 12, 31)),
    (Scalar.TIMESTAMP, b'"2013-02-27T14:05:00.000001Z"', 1361973900000001, datetime(2013, 2, 27, 14, 5, 0, 1, tzinfo=UTC)),
    (Scalar.TIMESTAMP, b'"2013-02-27T15:05:00+01:00"', 1361973900000000, datetime(2013, 2, 27, 14, 5, tzinfo=UTC)),
    (Scalar.TIMESTAMP, b"-1", -1000, datetime(1969, 12, 31, 23, 59, 59, 999000, tzinfo=UTC)),
    (MONEY, b"12.5", 1250, decimal.Decimal("12.50")),
    (MONEY, b'"-9999999999.99"', -999999999999, decimal.Decimal("-9999999999.99")),
    (Decimal(18, 1), b"12345678901234567.8", 123456789012345678, decimal.Decimal("12345678901234567.8")),
    (Decimal(18, 18), b"0.123456789012345678", 123456789012345678, decimal.Decimal("0.123456789012345678")),
    (Scalar.BINARY, b'"AP8="', "00ff", b"\0\xff"),
    (Scalar.BINARY, b'""', "", b""),
    (ListOf(Scalar.LONG), b"[1,null]", [1, None], [1, None]),
    (ListOf(MONEY), b'[1.5,"2",null]', [150, 200, None], [decimal.Decimal("1.50"), decimal.Decimal("2.00"), None]),
    (ListOf(ListOf(Scalar.BINARY)), b'[["AA=="],null,[]]', [["00"], None, []], [[b"\0"], None, []]),
    (ListOf(Scalar.FLOAT), b"[0.1]", [0.10000000149011612], [0.10000000149011612]),
    (MapOf(Scalar.DATE), b'{"a":"2013-02-27","":null}', {"a": "2013-02-27", "": None}, {"a": date(2013, 2, 27), "": None}),
    (MapOf(MapOf(Scalar.TIMESTAMP)), b'{"a":{"b":0}}', {"a": {"b": 0}}, {"a": {"b": datetime(1970, 1, 1, tzinfo=UTC)}}),
    (HOME, b'{"since":0,"paid":["1"],"more":7}', {"since": "1970-01-01", "paid": [100]},
     {"since": date(1970, 1, 1), "paid": [decimal.Decimal("1.00")], "weight": None}),
    (HOME, b"{}", {}, {"since": None, "paid": None, "weight": None}),
    (HOME, b"null", None, None),
    (ListOf(HOME), b"[null]", [None], [None]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "written", "inside", "value"), FORMS)
def test_value_of_every_type_travels_without_loss(
    kind: DataType, written: bytes, inside: object, value: object, tmp_path: Path
) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "a.jsonl").write_bytes(b'{"v": ' + written + b', "n": 1}\n')

    result = take_in(tmp_path / "t", {"v": kind, "n": Scalar.LONG}, tmp_path / "into", tmp_path / DEAD_LETTERS)

    (path,) = event_files(tmp_path / "into")
    assert result.dead == 0
    assert json.loads(path.read_bytes()) == ({"n": 1} if inside is None else {"v": inside, "n": 1})
    found = read_json([path], {"v": kind, "n": Scalar.LONG}, "SELECT v FROM lines").to_arrow_table()
    assert in_program(found["v"].cast(arrow_type(kind)).to_pylist()[0], kind) == value


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (Scalar.DATE, b'"27.2.2013"'),
        (Scalar.DATE, b"1.5"),
        (Scalar.TIMESTAMP, b'"soon"'),
        (Scalar.TIMESTAMP, b"1.5"),
        (Scalar.TIMESTAMP, b'"2013-02-27T14:05:00.0000001Z"'),
        (MONEY, b"1.234"),
        (MONEY, b'"1_0"'),
        (MONEY, b'"NaN"'),
        (MONEY, b"true"),
        (MONEY, b"[1]"),
        (MONEY, b"99999999999"),
        (Scalar.BINARY, b'"A"'),
        (Scalar.BINARY, b"7"),
        (ListOf(Scalar.LONG), b"{}"),
        (ListOf(Scalar.DATE), b'["today"]'),
        (MapOf(MONEY), b'{"a": "x"}'),
        (HOME, b'{"since": "today"}'),
        (HOME, b'{"weight": 1e39}'),
    ],
)
def test_value_that_is_not_of_its_type_is_a_dead_letter(kind: DataType, written: bytes, tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "a.jsonl").write_bytes(b'{"v": ' + written + b"}\n")

    assert take_in(tmp_path / "t", {"v": kind}, tmp_path / "into", tmp_path / DEAD_LETTERS).dead == 1
