"""The schemas as they are written (2020-12) and as draft-07 accept and refuse the same documents."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from jsonschema import Draft7Validator, Draft202012Validator, FormatChecker
from planting import KINDS, planted
from soil import REPOSITORY

from chronon.loaders.yaml import parse
from chronon.schemas.documents import NAMES, Draft, draft_schema

TESTS = Path(__file__).parents[1]
FOLDERS = {"sources": "source", "group_bys": "group_by", "joins": "join"}


class Validator(Protocol):
    """What both of the library's validators are."""

    def is_valid(self, instance: object) -> bool: ...


@functools.cache
def validators(name: str) -> tuple[Validator, Validator]:
    """Those of the two dialects; neither is our own reading of the schemas."""
    formats = FormatChecker()
    return (
        Draft202012Validator(draft_schema(name, Draft.D2020_12), format_checker=formats),
        Draft7Validator(draft_schema(name, Draft.D07), format_checker=formats),
    )


def schema_of(path: Path) -> str:
    """The schema that a file of this path and name has."""
    return path.stem if path.stem in {"chronon", "team"} else FOLDERS.get(path.parent.name, "group_by")


def verdicts(path: Path, text: bytes) -> tuple[bool, bool] | None:
    """Whether each dialect accepts a document; None for what is no YAML, which no schema sees."""
    document, _ = parse(text, path.name)
    if document is None:
        return None
    first, second = validators(schema_of(path))
    return first.is_valid(document.data), second.is_valid(document.data)


def case_files() -> Iterator[Path]:
    """Every file of the executed examples, stories and example repositories."""
    for folder in (TESTS / "cases", TESTS / "stories", TESTS / "golden", TESTS.parent / "teams", REPOSITORY):
        yield from (file for file in sorted(folder.rglob("*.yaml")) if file.is_file() and not file.is_symlink())


@pytest.mark.parametrize("name", NAMES)
def test_draft_07_when_checked_then_is_a_schema_of_draft_07(name: str) -> None:
    schema = dict(draft_schema(name, Draft.D07))

    Draft7Validator.check_schema(schema)
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"


def test_drafts_when_given_the_executed_examples_then_agree() -> None:
    found = {file: verdicts(file, file.read_bytes()) for file in case_files()}

    told = Counter(found.values())
    assert {file: both for file, both in found.items() if both and both[0] != both[1]} == {}
    assert min(told[True, True], told[False, False]) > 0, told


@pytest.mark.parametrize("kind", KINDS)
def test_drafts_when_given_planted_errors_then_agree(kind: str) -> None:
    found = [(one, verdicts(REPOSITORY / one.file, one.source.encode())) for one in planted(kind)]

    assert [str(one) for one, both in found if both and both[0] != both[1]] == []


ODD: dict[str, tuple[Any, ...]] = {
    "group_by": (
        {"group_by": "a", "keys": "k", "select": {"b": "c"}},  # fields that need `source`
        {"group_by": "a", "keys": "k", "sources": [{"source": "s"}], "where": "b", "start": "2024-01-01"},
        {"group_by": "a", "keys": "k", "sources": [{"source": "s", "join": "j"}]},
        {"group_by": "a", "keys": ["k", "k"], "source": "s"},
        {"group_by": "A", "keys": "k", "source": "s"},
        {"group_by": "a", "keys": "k", "source": "s", "version": 0},
    ),
    "join": ({"join": "a", "left": {"join": "b"}, "parts": []}, {"join": "a", "left": "b", "parts": ["c"]}),
    "source": ({"source": "a"}, {"source": "a", "events": {}, "entities": {}}),
    "team": ({"team": "a", "tile": "1y"}, {"team": "a", "version": 2}),
    "chronon": ({"targets": {}}, {"targets": {"A": {"engine": "local", "home": "h"}}}),
}


@pytest.mark.parametrize(("name", "document"), [(name, one) for name, some in ODD.items() for one in some], ids=str)
def test_drafts_when_given_what_a_keyword_of_theirs_demands_then_agree(name: str, document: object) -> None:
    first, second = validators(name)

    assert first.is_valid(document) == second.is_valid(document)
