"""What the rendering does to single keywords; tests/planted/test_drafts.py holds both dialects against each other."""

from __future__ import annotations

import pytest

from chronon.model.errors import InvariantError
from chronon.schemas.draft07 import draft07


def test_reference_when_it_has_neighbours_then_stands_inside_all_of() -> None:
    rendered = draft07({"$ref": "#/$defs/day", "description": "First day.", "allOf": [{"minLength": 1}]})

    assert rendered == {
        "description": "First day.",
        "allOf": [{"$ref": "#/definitions/day"}, {"minLength": 1}],
    }


def test_reference_when_alone_then_stays_a_reference() -> None:
    assert draft07({"$ref": "#/$defs/day"}) == {"$ref": "#/definitions/day"}


def test_property_when_named_like_a_keyword_then_keeps_its_name() -> None:
    schema = {"properties": {"$defs": {"type": "string"}, "dependentRequired": {"const": 1}}}

    assert draft07(schema) == schema


def test_needed_neighbours_when_rendered_then_are_dependencies() -> None:
    assert draft07({"dependentRequired": {"a": ["b"]}}) == {"dependencies": {"a": ["b"]}}


def test_items_by_place_when_rendered_then_are_a_list_of_items() -> None:
    assert draft07({"prefixItems": [{"type": "string"}, {"$ref": "#/$defs/day"}]}) == {
        "items": [{"type": "string"}, {"$ref": "#/definitions/day"}]
    }
    with pytest.raises(InvariantError, match="beside"):
        draft07({"prefixItems": [{}], "items": {}})


@pytest.mark.parametrize("keyword", ["unevaluatedProperties", "contains", "$anchor", "dependentSchemas"])
def test_keyword_when_draft_07_has_none_like_it_then_is_our_bug(keyword: str) -> None:
    with pytest.raises(InvariantError, match="known"):
        draft07({keyword: {}})
