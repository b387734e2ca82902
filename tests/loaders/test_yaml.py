from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronon.loaders import codes
from chronon.loaders.yaml import MAX_ANCHORS, MAX_BYTES, TEXT, parse, resolve_scalar
from chronon.model.diagnostics import Span

TEXTS = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp")),
    max_size=60,
)
"""Short: a key of YAML has at most 1,024 characters."""
DATA = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


def parsed(text: str) -> Any:
    document, found = parse(text.encode(), "f.yaml")
    assert found == ()
    assert document is not None
    return document


def values(data: Any, path: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], Any]]:
    """Every value with its path: what `spans` must know."""
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [(path, data), *(found for key, child in inner for found in values(child, (*path, key)))]


@given(data=st.dictionaries(TEXTS, DATA, max_size=5))
def test_parse_when_text_is_json_then_agrees_with_json(data: dict[str, Any]) -> None:
    text = json.dumps(data)

    assert parsed(text).data == json.loads(text)


@given(data=st.dictionaries(TEXTS, DATA, min_size=1, max_size=5))
def test_spans_when_text_is_json_then_each_value_stands_at_its_place(data: dict[str, Any]) -> None:
    text = json.dumps(data, indent=1, ensure_ascii=False)
    lines = text.split("\n")
    decoder = json.JSONDecoder()

    document = parsed(text)

    for path, value in values(data):
        span = document.spans[path]
        rest = "\n".join([lines[span.line - 1][span.column - 1 :], *lines[span.line :]])
        assert decoder.raw_decode(rest)[0] == value


@given(data=st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), TEXTS, min_size=1))
def test_text_span_when_a_string_is_verbatim_then_points_at_its_first_character(data: dict[str, str]) -> None:
    text = json.dumps(data, indent=1, ensure_ascii=False)
    lines = text.split("\n")

    document = parsed(text)

    for name, value in data.items():
        if (span := document.spans.get((name, TEXT))) is not None:
            assert lines[span.line - 1][span.column - 1 :].startswith(value)
        else:
            assert json.dumps(value, ensure_ascii=False) != f'"{value}"'


def block(data: Any, indent: int, lines: list[str], places: dict[tuple[str | int, ...], Span], path: Any) -> None:
    """Writes block YAML below the last line and remembers where each key and value begins."""
    items = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in items:
        lines.append(" " * indent + ("-" if isinstance(data, list) else f"{key}:"))
        here = (*path, key)
        if isinstance(data, dict):
            places[(*path, f"key:{key}")] = Span("f.yaml", len(lines), indent + 1)
        if isinstance(value, dict | list) and value:
            places[here] = Span("f.yaml", len(lines) + 1, indent + 3)
            block(value, indent + 2, lines, places, here)
        else:
            places[here] = Span("f.yaml", len(lines), len(lines[-1]) + 2)
            lines[-1] += " " + json.dumps(value, ensure_ascii=False) + "  # a comment"


NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True)
BLOCKS = st.recursive(
    st.integers(0, 9) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=10,
)


@given(data=st.dictionaries(NAMES, BLOCKS, min_size=1, max_size=4))
def test_spans_when_text_is_in_blocks_then_each_key_and_value_stands_at_its_place(data: dict[str, Any]) -> None:
    lines = ["# the first line"]
    places: dict[tuple[str | int, ...], Span] = {(): Span("f.yaml", 2, 1)}
    block(data, 0, lines, places, ())

    document = parsed("\n".join(lines) + "\n")

    assert document.data == data
    assert {path: document.spans[path] for path in places} == places


@given(text=st.text("ab:-[]{},&*!|>'\"#%@ \n\t?~\u00e9", max_size=60))
def test_parse_when_text_is_arbitrary_then_finds_something_inside_it_or_reads_it(text: str) -> None:
    document, found = parse(text.encode(), "f.yaml")

    assert (document is None) == bool(found)
    n_lines = text.count("\n") + 1
    assert all(1 <= one.span.line <= n_lines and one.span.column >= 1 and one.message for one in found)


@given(content=st.binary(max_size=200))
def test_parse_when_bytes_are_arbitrary_then_never_raises(content: bytes) -> None:
    document, found = parse(content, "f.yaml")

    assert (document is None) == bool(found)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("True", True),
        ("false", False),
        ("~", None),
        ("", None),
        ("NULL", None),
        ("nUll", "nUll"),
        ("2013-01-01", "2013-01-01"),
        ("1:30", "1:30"),
        ("010", 10),
        ("0o17", 15),
        ("0x1F", 31),
        ("-7", -7),
        ("+7", 7),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("1_000", "1_000"),
        ("<<", "<<"),
        (".inf", ".inf"),
        ("3h", "3h"),
        ("9" * 31, "9" * 31),
    ],
)
def test_resolve_scalar_when_plain_then_follows_the_core_schema(text: str, value: object) -> None:
    resolved = resolve_scalar(text)

    assert resolved == value
    assert type(resolved) is type(value)


def test_resolve_scalar_when_float_overflows_then_is_infinite_and_no_error() -> None:
    assert resolve_scalar("1e999") == math.inf


def test_parse_when_aliased_then_values_and_inner_places_are_those_of_the_anchor() -> None:
    document = parsed("a: &a {x: [1, two]}\nb: *a\n")

    assert document.data == {"a": {"x": [1, "two"]}, "b": {"x": [1, "two"]}}
    assert document.span("b") == Span("f.yaml", 2, 4)
    assert document.span("b", "x", 1) == document.span("a", "x", 1) == Span("f.yaml", 1, 15)


def test_span_when_a_value_is_not_written_then_is_that_of_what_encloses_it() -> None:
    document = parsed("a:\n  b: 1\n")

    assert document.span("a", "missing", 3) == Span("f.yaml", 2, 3)


def test_parse_when_a_byte_order_mark_stands_first_then_places_do_not_count_it() -> None:
    document, found = parse("a: 1\n".encode("utf-8-sig"), "f.yaml")

    assert found == ()
    assert document is not None
    assert document.span("a") == Span("f.yaml", 1, 4)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"a: " + b"x" * MAX_BYTES, codes.SIZE),
        (b"a: &a [" + b"1," * 999 + b"1]\nb: [" + b"*a," * 50 + b"*a]\n", codes.ALIAS),
        (b"".join(b"k%d: &a%d 1\n" % (i, i) for i in range(MAX_ANCHORS + 1)), codes.ALIAS),
        (b"[" * 900_000, codes.SIZE),
        (b"a: &a [*a]\n", codes.ALIAS),
    ],
)
def test_parse_when_the_text_is_a_bomb_then_refuses_it(content: bytes, code: str) -> None:
    document, found = parse(content, "f.yaml")

    assert document is None
    assert [one.code for one in found] == [code]
