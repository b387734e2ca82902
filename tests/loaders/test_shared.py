"""Documents that share what they have in common are the documents that each would be alone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_quick import FILES, GLUE, PLACES, ROOT, SCALARS, blocks, same

from chronon.loaders.quick import quick_document
from chronon.loaders.repository import document_of, read_exactly
from chronon.loaders.shared import Entry, Shared
from chronon.loaders.yaml import MAX_VALUES, parse

SHARED = Shared()
"""Of all examples: later documents meet the entries of earlier ones."""

ENTRIES = st.one_of(
    st.tuples(st.sampled_from("klmn"), blocks(2)).map(lambda drawn: f"{drawn[0]}: {drawn[1]}\n"),
    st.tuples(st.sampled_from("klmn"), st.lists(st.sampled_from(SCALARS), min_size=1, max_size=3)).map(
        lambda drawn: f"{drawn[0]}:\n" + "".join(f"- {item}\n" for item in drawn[1])
    ),
    st.sampled_from(("# c\n", "# !t\n", "  # c\n", "\n", " \n", "- x\n", "'q': 1\n", "k : 1\n", "k\n", "]\n", "}\n", '"\n', "'\n", "! x: 1\n",
                     'k: "a\n', "k: 'a\n", "k: [1,\n", "k: {a: 1,\n", "k: |\n", "k: |+\n\n", "k:\n", "k: a\n  b\n", "  l: 1\n", "...\n", "---\n",
                     "# é\n", "k: é\n", "k: &a 1\n", "k: *a\n", "<<: {}\n")),
)  # fmt: skip
"""Entries, and what leaves something open, begins in the middle or is no entry at all."""


def agree(text: str) -> bool:
    content = text.encode()
    quick, (exact, _found) = quick_document(content, "f.yaml", SHARED), parse(content, "f.yaml")
    return quick is None or (exact is not None and same(quick.data, exact.data))


@given(st.lists(ENTRIES, max_size=5).map("".join))
@settings(max_examples=700)
def test_any_sequence_of_entries_is_the_document_that_the_exact_parser_reads(text: str) -> None:
    assert agree(text), text


@given(st.lists(st.sampled_from(GLUE + SCALARS), max_size=14).map("".join))
@settings(max_examples=500)
def test_any_sequence_of_tokens_between_entries_is_the_document_that_the_exact_parser_reads(text: str) -> None:
    assert agree(f"k: 1\n{text}\nl: 2\n"), text


def test_our_files_are_the_same_documents_when_they_share_what_they_have_in_common() -> None:
    assert all(agree(file.read_bytes().decode(errors="ignore")) for file in FILES)


def test_our_definitions_are_the_same_specs_when_they_share_what_they_have_in_common() -> None:
    shared = Shared()
    for place in PLACES:
        content = (ROOT / place.path).read_bytes()
        assert document_of(content, place, shared) == read_exactly(content, place)


def test_entry_when_it_stands_in_many_documents_then_is_one_value_from_its_second_reading_on() -> None:
    shared = Shared()

    read = [quick_document(text, "f.yaml", shared) for text in (b"a: 1\nk: [x]\n", b"k: [x]\nb: 2\n", b"# c\nk: [x]\n")]

    first, second, third = (document.data["k"] if document else None for document in read)
    assert first == second == ["x"]
    assert second is third


@pytest.mark.parametrize("text", ["k: 1\nk: 2\n", "k: [1,\nl: 2\n]\n", 'k: "a\nl: b"\n', "k: {a: 1,\nl: 2}\n"])
def test_text_that_is_no_sequence_of_entries_is_none(text: str) -> None:
    def read(entry: str) -> Entry | None:
        document, _found = parse(entry.encode(), "f.yaml")
        return Entry(*next(iter(document.data.items())), 1) if document else None

    assert Shared().mapping(text, read) is None


def test_document_of_too_many_values_is_left_to_the_exact_parser_though_no_entry_has_too_many() -> None:
    entries = "".join(f"k{number}: [{', '.join('1' * 100)}]\n" for number in range(MAX_VALUES // 100 + 1))

    assert quick_document(entries.encode(), "f.yaml") is None
    assert parse(entries.encode(), "f.yaml")[0] is None


def test_value_of_an_entry_that_is_kept_is_built_once_and_others_each_time() -> None:
    shared, asked = Shared(), list[Any]()

    def build(value: Any, _shared: Shared) -> int:
        asked.append(value)
        return len(asked)

    documents = [quick_document(b"k: [x]\n", "f.yaml", shared) for _ in range(4)]
    first, *kept = [document.data["k"] for document in documents if document]

    assert [shared.built(build, value) for value in (first, *kept, first, *kept)] == [1, 2, 2, 2, 3, 2, 2, 2]


def test_texts_that_say_the_same_in_another_way_are_no_texts_that_are_parsed_once() -> None:
    shared = Shared()

    one, same, other = (shared.parsed(list, texts) for texts in (("1",), ("1",), ("1.0",)))

    assert one is same
    assert (one, other) == (["1"], ["1.0"])
