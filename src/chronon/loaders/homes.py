"""Where a field stands, for one that was written somewhere else in its document."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any

from chronon.schemas.documents import document_schema

TOP = ""
"""In place of a field: the document itself."""


def inside_of(kind: str, name: str, instance: Mapping[str, Any]) -> str | None:
    """The field of a mapping in whose own mapping another field stands; None when no such field is there."""
    return next((home for home in _homes(kind).get(name, ()) if isinstance(instance.get(home), dict)), None)


def home_hint(kind: str, name: str, instance: Mapping[str, Any]) -> str:
    """Where a field stands that a mapping does not have; empty when no mapping of that kind of document has it."""
    homes = _homes(kind).get(name, ())
    if home := next((home for home in homes if home in instance), None):
        each = "each entry of " if isinstance(instance[home], list) else ""
        return f"`{name}` stands inside {each}`{home}`"
    if TOP in homes:
        return f"`{name}` stands at the top of the file, beside `{kind}`"
    return f"`{name}` stands inside `{homes[0]}`" if homes else ""


@functools.cache
def _homes(kind: str) -> Mapping[str, tuple[str, ...]]:
    """Field → the fields inside which it stands, in the order of the schema."""
    schema = document_schema(kind)
    found: dict[str, dict[str, None]] = {}
    for name, home in _fields(schema, schema, TOP, ()):
        found.setdefault(name, {})[home] = None
    return {name: tuple(homes) for name, homes in found.items()}


def _fields(whole: Mapping[str, Any], part: Any, home: str, above: tuple[int, ...]) -> Iterator[tuple[str, str]]:
    """Every field below a part of a schema with the field inside which it stands. above: the parts around it."""
    if isinstance(part, list):
        for one in part:
            yield from _fields(whole, one, home, above)
    if not isinstance(part, dict) or id(part) in above:
        return
    above = (*above, id(part))
    if "$ref" in part:
        yield from _fields(whole, whole["$defs"][part["$ref"].rpartition("/")[2]], home, above)
    for name, inner in part.get("properties", {}).items():
        yield name, home
        yield from _fields(whole, inner, name, above)
    for keyword in ("items", "anyOf", "additionalProperties"):
        yield from _fields(whole, part.get(keyword), home, above)
