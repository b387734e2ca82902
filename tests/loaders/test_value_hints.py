"""A value that a hint suggests is one that the schema takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronon.loaders.value_hints import form_hint
from chronon.model.time import parse_day
from chronon.schemas.documents import NAMES, document_schema


def patterned(node: Any) -> Iterator[Mapping[str, Any]]:
    """Every schema of a text of some form."""
    if isinstance(node, dict):
        if "pattern" in node:
            yield node
        node = list(node.values())
    for inner in node if isinstance(node, list) else ():
        yield from patterned(inner)


SCHEMAS = [schema for name in NAMES for schema in patterned(document_schema(name))]

TRIED = st.one_of(
    st.text(max_size=12),
    st.from_regex(r"[0-9]{1,4} ?[a-zA-Z]{0,6}", fullmatch=True),
    st.from_regex(r"[0-9]{4}[-/.]?[0-9]{1,2}[-/.]?[0-9]{1,2}(T[0-9:]{0,8})?", fullmatch=True),
    st.from_regex(r"[a-zA-Z_./ -]{1,12}(\(\[?[0-9., ]{0,6}\]?\))?", fullmatch=True),
)


@given(schema=st.sampled_from(SCHEMAS), text=TRIED)
def test_value_when_suggested_then_is_another_one_and_fits(schema: Mapping[str, Any], text: str) -> None:
    meant = re.fullmatch(r"did you mean `(.*)`\?", form_hint(text, schema), re.DOTALL)

    if meant is not None and schema.get("format") != "data-type":
        assert meant[1] != text
        assert re.search(schema["pattern"].replace("$", r"\Z"), meant[1])
        assert schema.get("format") != "date" or parse_day(meant[1]) is not None


@pytest.mark.parametrize(
    ("text", "meant"),
    [("2024/1/31", "2024-01-31"), ("20240131", "2024-01-31"), ("2024-01-31 08:00", "2024-01-31"), ("2024-13-31", None)],
)
def test_day_when_written_otherwise_then_is_suggested_if_there_is_such_a_day(text: str, meant: str | None) -> None:
    day = document_schema("team")["$defs"]["day"]

    assert form_hint(text, day) == (f"did you mean `{meant}`?" if meant else "there is no such day")
