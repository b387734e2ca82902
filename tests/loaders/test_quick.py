"""The quick parser agrees with the exact one, or says nothing: on every document we have, and on made-up ones."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chronon.loaders.files import Place, place_of
from chronon.loaders.places import Places
from chronon.loaders.quick import fits, quick_document
from chronon.loaders.repository import load_document, read_exactly
from chronon.loaders.shape import violations
from chronon.loaders.yaml import MAX_DEPTH, Document, parse
from chronon.model import specs
from chronon.model.diagnostics import Span
from chronon.model.names import Kind

ROOT = Path(__file__).parents[2]
FILES = sorted(file for folder in ("tests", "teams") for file in (ROOT / folder).rglob("*.yaml") if file.is_file())
PLACES = [place for file in FILES if (place := place_of(file.relative_to(ROOT).as_posix()))]

SCALARS = (
    "a", "b c", "0", "7", "-5", "+1", "010", "08", "0o17", "0x1F", "-0x1", "+0o1", "0b11", "1_000", "1.5", "1.", ".5",
    "-.5e3", "1e3", "1e400", ".inf", "-.Inf", ".nan", ".", "-", "--", "---", "...", "~", "null", "Null", "nULL", "true",
    "TRUE", "tRUE", "no", "on", "1:30", "2013-01-01", "12345678901234567890", "9" * 31, "<<", "=", "@", "%", "`x",
    "&x", "*x", "!x", "!!str", "a*b", "a & b", "a!", "é", "\u3000", "\xa0", "\u2028", "\x85", "\ufeff", "😀", "\x07",
    "a\u202eb", "\u2066", "\u200f", "\u061c",
    "a#b", "a #b", "a:b", "a: b", ":", "?", "|", ">", "|-", ">+", "''", '""', "'it''s'", '"\\u00e9"', '"a\nb"', "'7'",
    '"true"', '"*"', "'a\n\n  b'", "IF(x > 1, 'a', NULL)", "last_k(3)", "[]", "{}", "COUNT(*)", "x <> 'y'",
)  # fmt: skip
GLUE = (
    ": ", ":", "\n", "\n  ", "\n- ", "\n  - ", "\n    ", "- ", "[", "]", "{", "}", ", ", ",", " ", "? ", "#", " # c",
    "\n# c\n", "\r\n", "\t", "'", '"', "\n\n", "k: ", "\nk: ", "\nl: ", "|\n  ", ">\n  ", "&a ", "*a", "!t ", "%YAML 1.2\n",
    "---\n", "\n...\n", "\\", "<<: ",
)  # fmt: skip


def same(one: Any, other: Any) -> bool:
    """Equal to the bit, with the types and the order of keys."""
    return repr(one) == repr(other)


def agree(text: str) -> bool:
    content = text.encode()
    quick, (exact, _found) = quick_document(content, "f.yaml"), parse(content, "f.yaml")
    if quick is None:
        return True
    return exact is not None and same(quick.data, exact.data) and finds(quick.spans, exact.spans)


def finds(spans: Mapping[specs.Path, Span], exact: Mapping[specs.Path, Span]) -> bool:
    """Whether the places are those, and none of them is given up before the document is read."""
    return isinstance(spans, Places) and all(map(spans.may_have, exact)) and dict(spans) == dict(exact)


def test_a_name_that_is_no_key_is_told_without_reading_the_document() -> None:
    quick = quick_document(b"about: a time of day\nkeys: [one time]\n'where': 1\n", "f.yaml")

    assert quick is not None
    assert isinstance(quick.spans, Places)
    told = {path: quick.spans.may_have(path) for path in (("time",), ("keys", "time"), ("where",), ("keys", 0))}
    assert told == {("time",): False, ("keys", "time"): False, ("where",): True, ("keys", 0): True}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_a_file_of_ours_is_the_same_document_both_ways(file: Path) -> None:
    assert agree(file.read_bytes().decode(errors="ignore"))


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.path)
def test_a_document_of_ours_is_the_same_spec_with_the_same_findings(place: Place) -> None:
    content = (ROOT / place.path).read_bytes()

    quick, exact = load_document(ROOT, place), read_exactly(content, place)

    assert quick == exact
    if quick[0] and exact[0]:
        assert dict(quick[0].header.spans) == dict(exact[0].header.spans)


def test_most_of_our_definitions_take_the_quick_way() -> None:
    places = [place for place in PLACES if place.path.startswith("teams/")]

    quick = [place for place in places if quick_document((ROOT / place.path).read_bytes(), place.path)]

    assert len(quick) > 0.8 * len(places)


@pytest.mark.parametrize("scalar", SCALARS)
@pytest.mark.parametrize(
    "form", ["k: {}", "k: [{}]", "k: [a, {} , b]", "k: {{x: {}}}", "k:\n  - {}", "{}: v", "k: {}\n"]
)
def test_a_scalar_is_the_same_value_in_every_place(scalar: str, form: str) -> None:
    assert agree(form.format(scalar))


@pytest.mark.parametrize(
    "text",
    ["k: " + "1234567890" * 4, "k: |\n  \n    y\nl: 1\n", "k: >-\n\n  y\n", "k: [:]", "k: {a:, b: c}", "k: a\n..."],
)
def test_where_the_parsers_differ_the_exact_one_decides(text: str) -> None:
    assert agree(text)


@given(st.lists(st.sampled_from(GLUE + SCALARS), max_size=14).map("".join))
@settings(max_examples=1_500)
def test_any_sequence_of_tokens_is_the_same_document(text: str) -> None:
    assert agree("k: " + text)


KEYS = st.sampled_from(("k", "l", "m n", '"*"', "'q'", "7", "true", "~", "é"))


def blocks(indent: int) -> st.SearchStrategy[str]:
    """A value in block or flow style, comments and blank lines between."""
    pad = "\n" + " " * indent
    scalar = st.sampled_from(SCALARS)
    literal = st.tuples(
        st.sampled_from(("|", ">", "|-", ">-", "|+", ">+", "|2")),
        st.lists(st.sampled_from(("x", "  y", "", "# z", "a: b", "'q'")), min_size=1, max_size=4),
    ).map(lambda drawn: drawn[0] + "".join(pad + line for line in drawn[1]))
    flow = st.lists(scalar, max_size=4).map(lambda drawn: f"[{', '.join(drawn)}]")
    folded = st.lists(st.sampled_from(("x", "y z", "#", "w")), min_size=1, max_size=3).map(pad.join)
    leaf = st.one_of(scalar, flow, literal, folded)
    if indent > 6:
        return leaf
    inner = blocks(indent + 2)
    comment = st.sampled_from(("", " # c", "\n", pad + "# c"))
    items = st.lists(st.tuples(inner, comment), min_size=1, max_size=3)
    entries = st.lists(st.tuples(KEYS, inner, comment), min_size=1, max_size=3)
    return st.one_of(
        leaf,
        items.map(lambda drawn: "".join(f"{pad}- {value}{end}" for value, end in drawn)),
        entries.map(lambda drawn: "".join(f"{pad}{key}: {value}{end}" for key, value, end in drawn)),
    )


@given(blocks(2), st.sampled_from(("\n", "\r\n")))
@settings(max_examples=1_500)
def test_any_nesting_of_styles_is_the_same_document(text: str, end: str) -> None:
    assert agree(("k: " + text + "\nlast: 1\n").replace("\n", end))


@pytest.mark.parametrize("depth", [MAX_DEPTH - 1, MAX_DEPTH, MAX_DEPTH + 1, 130, 20_000])
def test_depth_is_bounded_as_by_the_exact_parser(depth: int) -> None:
    assert agree("k: " + "[" * depth + "]" * depth)


def test_no_bytes_make_it_fail() -> None:
    for content in (b"", b"\xff\xfe", b"k: \x00", b"k: \xed\xa0\x80", b"\xef\xbb\xbfk: 1\n", b"k" * 70_000):
        assert quick_document(content, "f.yaml") is None or parse(content, "f.yaml")[0] is not None


VALUES = st.sampled_from(
    (None, True, 0, 1, 1.0, -1, 2.5, "", "a", "a\n", "ä", "A", "x.y", "x.y\n", "1d", "1d\n", "2013-02-30", "2013-02-01",
     "٣d", "string", "list<long>", "lst", [], {}, ["a"], ["a", "a"], [1, True], [1, 1.0], {"a": "string"}, {"A": 1})
)  # fmt: skip


@pytest.mark.parametrize(
    "place", [place for place in PLACES if place.path.startswith("teams/")], ids=lambda place: place.path
)
@given(data=st.data())
@settings(max_examples=25)
def test_what_fits_has_no_violation(place: Place, data: st.DataObject) -> None:
    document, _ = parse((ROOT / place.path).read_bytes(), place.path)
    assert document is not None

    changed = mutated(data, document.data)

    found = violations(Document(path=place.path, data=changed, spans={}), place.kind)
    assert not (fits(changed, place.kind) and found)


def mutated(data: st.DataObject, value: Any) -> Any:
    """The same tree with one value, somewhere, replaced or added."""
    if isinstance(value, dict) and value and data.draw(st.booleans()):
        key = data.draw(st.sampled_from((*value, "other")))
        return {**value, key: mutated(data, value.get(key))}
    if isinstance(value, list) and value and data.draw(st.booleans()):
        index = data.draw(st.integers(0, len(value) - 1))
        return [*value[:index], mutated(data, value[index]), *value[index + 1 :]]
    return data.draw(VALUES)


def test_the_kinds_that_documents_have_are_all_there() -> None:
    assert {place.kind for place in PLACES} == set(Kind)
