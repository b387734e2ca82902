from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator

from chronon.cli.commands.schema import Name
from chronon.loaders.shape import violations
from chronon.loaders.yaml import parse
from chronon.schemas.documents import NAMES, WRITTEN, document_schema

EXAMPLES = Path(__file__).parent / "examples"


def parts(schema: Any) -> list[dict[str, Any]]:
    """Every mapping inside a schema, itself included."""
    inner = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    return [*([schema] if isinstance(schema, dict) else []), *(found for child in inner for found in parts(child))]


@pytest.mark.parametrize("name", NAMES)
def test_schema_when_checked_then_is_a_schema_of_2020_12(name: str) -> None:
    schema = dict(document_schema(name))

    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("name", NAMES)
def test_schema_when_read_then_every_field_is_described(name: str) -> None:
    schema = document_schema(name)
    defs = schema.get("$defs", {})

    for part in parts(schema):
        for field, value in part.get("properties", {}).items():
            target = defs[value["$ref"].rsplit("/", 1)[1]] if set(value) == {"$ref"} else value
            assert target.get("description"), (name, field)


@pytest.mark.parametrize("name", NAMES)
def test_schema_when_it_demands_a_form_then_says_which_in_words(name: str) -> None:
    for part in parts(document_schema(name)):
        if {"pattern", "anyOf", "oneOf", "const"} & set(part) and "properties" not in part:
            assert part.get("x-expected"), part


def test_definitions_when_schemas_share_one_then_it_is_the_same() -> None:
    seen: dict[str, Any] = {}
    for name in NAMES:
        for key, value in document_schema(name).get("$defs", {}).items():
            assert seen.setdefault(key, value) == value, (name, key)


@pytest.mark.parametrize("name", NAMES)
def test_example_when_checked_then_fits_its_schema(name: str) -> None:
    document, found = parse((EXAMPLES / f"{name}.yaml").read_bytes(), f"{name}.yaml")

    assert found == ()
    assert document is not None
    assert violations(document, name) == ()


def test_names_when_asked_on_the_command_line_then_are_all_that_have_a_schema() -> None:
    assert get_args(Name) == (*NAMES, *WRITTEN)
