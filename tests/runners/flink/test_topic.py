"""What a topic's lines must be, and where the others go."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronon.model.errors import ChrononError
from chronon.model.types import ListOf, Scalar
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


def test_column_that_no_line_can_carry_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ChrononError, match="CHR-R022 column many"):
        take_in(tmp_path, {"many": ListOf(Scalar.LONG)}, tmp_path / "into", tmp_path / DEAD_LETTERS)
