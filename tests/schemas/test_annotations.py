"""What editors show and propose: descriptions, defaults and examples that hold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator, FormatChecker
from schema_walk import Field, fields_of

from chronon.aggregations.registry import operation_of, operations
from chronon.loaders.specs import parse_operation
from chronon.model.time import parse_duration
from chronon.model.types import Scalar, parse_type
from chronon.schemas.documents import NAMES, Draft, document_schema, draft_schema

FIELDS = [(name, field) for name in NAMES for field in fields_of(document_schema(name))]
WINDOWS = {"unbounded"}


def definition(name: str, key: str) -> Any:
    return document_schema(name)["$defs"][key]


def annotated(schema: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Every part of a schema that has a default or examples, with the way to it."""
    if isinstance(schema, dict):
        if above[-1:] != ("properties",) and {"default", "examples"} & set(schema):
            yield above, schema
        for key, value in schema.items():
            yield from annotated(value, (*above, key))


@pytest.mark.parametrize("draft", Draft)
@pytest.mark.parametrize("name", NAMES)
def test_defaults_and_examples_when_checked_then_fit_where_they_stand(name: str, draft: Draft) -> None:
    schema = draft_schema(name, draft)
    validator = Draft202012Validator if draft is Draft.D2020_12 else Draft7Validator
    found = list(annotated(schema))

    assert found
    for place, part in found:
        shared = {key: schema[key] for key in ("$defs", "definitions") if key in schema}
        check = validator({**part, **shared}, format_checker=FormatChecker())
        for value in [*([part["default"]] if "default" in part else []), *part.get("examples", ())]:
            assert list(check.iter_errors(value)) == [], (place, value)


@pytest.mark.parametrize(("name", "field"), FIELDS, ids=lambda one: one.path if isinstance(one, Field) else one)
def test_description_when_it_names_a_default_then_it_is_the_default(name: str, field: Field) -> None:
    text = field.schema.get("description", "")
    named = re.search(r"Default `([^`]+)`", text)
    default = field.schema.get("default")
    always = text.startswith("Always ")

    assert text.endswith("."), (name, field.path)
    assert "](" not in text, "a link leads nowhere in an editor"
    told = None if named is None else named[1]
    assert always or told == (None if default is None else default if isinstance(default, str) else json.dumps(default))


@pytest.mark.parametrize(("name", "field"), FIELDS, ids=lambda one: one.path if isinstance(one, Field) else one)
def test_field_when_anything_can_be_written_then_has_an_example(name: str, field: Field) -> None:
    is_closed = {"enum", "const", "properties"} & set(field.schema) or field.schema.get("type") == "boolean"

    assert is_closed or "examples" in field.schema or "default" in field.schema, (name, field.path)


def test_operations_when_proposed_then_are_all_that_there_are_and_can_be_called() -> None:
    calls = [parse_operation(text) for text in definition("group_by", "operation")["examples"]]

    assert {call.name for call in calls} == set(operations())
    assert [str(call) for call in calls if operation_of(call.name).signature.check(call.arguments)] == []


def test_windows_when_proposed_then_are_lengths() -> None:
    examples = definition("group_by", "window")["examples"]

    assert [text for text in examples if text not in WINDOWS and parse_duration(text) is None] == []
    assert set(examples) >= WINDOWS


def test_types_when_proposed_then_are_types_and_hold_every_scalar() -> None:
    types = [parse_type(text) for text in definition("source", "data_type")["examples"]]

    assert None not in types
    assert set(types) >= set(Scalar)
