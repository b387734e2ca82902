"""docs/fields.md has a line for every field of Chronon's configuration, and every place that it names exists."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from chronon_fields import FIELDS
from schema_walk import fields_of

from chronon.aggregations.registry import operations
from chronon.cli.app import Commands
from chronon.model.types import parse_type
from chronon.schemas.documents import NAMES, document_schema

PAGE = Path(__file__).parents[2] / "docs" / "fields.md"
ROW = re.compile(r"\| `([^`]+)` \| (.+?) \| ?(.*?) ?\|")
NONE = "–"


@functools.cache
def rows() -> Mapping[tuple[str, str], tuple[str, str]]:
    """(object, field) → (place, remark) of every line of the page."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for section in PAGE.read_text().split("\n## ")[1:]:
        title, _, text = section.partition("\n")
        for line in text.splitlines():
            if line.startswith("| `"):
                match = ROW.fullmatch(line)
                assert match is not None, line
                assert (title, match[1]) not in found, line
                found[title, match[1]] = match[2], match[3]
    return found


@functools.cache
def paths(kind: str) -> frozenset[str]:
    return frozenset(field.path for field in fields_of(document_schema(kind)))


def problem(place: str) -> str:
    """Why there is no such place; empty when there is."""
    verb = re.fullmatch(r"chronon (\w+)((?: --[a-z-]+)*)", place)
    if verb is not None:
        if verb[1] not in Commands():
            return f"no command {verb[1]}"
        options = {name for param in Commands()[verb[1]].params for name in param.opts}
        return ", ".join(f"no option {option}" for option in verb[2].split() if option not in options)
    kind, _, path = place.partition(".yaml: ")
    if kind not in NAMES:
        return f"no document {kind}"
    return "" if path in paths(kind) else f"no field {path} of {kind}.yaml"


def test_page_when_read_then_has_every_field_once_and_no_other() -> None:
    expected = [(name, field) for name, fields in FIELDS.items() for field in fields]

    assert list(rows()) == expected


@pytest.mark.parametrize(("name", "field"), rows(), ids=str)
def test_field_when_it_has_places_then_they_exist_and_else_there_is_a_reason(name: str, field: str) -> None:
    place, remark = rows()[name, field]

    if place == NONE:
        assert len(remark) > len("the same") or remark == "the same", (name, field)
        return
    named = re.findall(r"`([^`]+)`", place)
    assert place == ", ".join(f"`{one}`" for one in named)
    assert [told for one in named if (told := problem(one))] == []


def test_reason_when_it_is_the_same_then_there_is_one_above_in_its_table() -> None:
    reasons: dict[str, str] = {}
    for (name, field), (place, remark) in rows().items():
        if place == NONE and remark == "the same":
            assert name in reasons, (name, field)
        elif place == NONE:
            reasons[name] = remark


def test_operation_when_named_then_is_one_of_ours() -> None:
    named = [remark.split("`")[1].partition("(")[0] for (name, _), (_, remark) in rows().items() if name == "Operation"]

    assert set(named) | {"unique_top_k"} == set(operations())


def test_type_when_named_then_is_one_of_ours() -> None:
    named = [remark.strip("`") for (name, _), (_, remark) in rows().items() if name == "DataKind"]

    assert [text for text in named if parse_type(text) is None] == []


@pytest.mark.parametrize(
    "place",
    [
        "group_by.yaml: aggregations[].window",
        "joins.yaml: parts",
        "chronon fetsh",
        "chronon fetch --compar",
        "source.yaml: ",
    ],
)
def test_place_when_it_does_not_exist_then_is_told(place: str) -> None:
    assert problem(place)


def test_links_when_within_the_page_then_lead_to_a_heading() -> None:
    text = PAGE.read_text()
    headings = {heading.lower().replace(" ", "-") for heading in re.findall(r"^## (.+)$", text, re.MULTILINE)}

    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= headings
