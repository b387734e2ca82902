"""Every field of a JSON Schema by its path, as people write it: `aggregations[].windows`, `events.columns.<name>.type`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a document.

    schema: what stands there, a reference in it resolved: what the field says itself counts before what it refers to.
    """

    path: str
    is_needed: bool
    schema: Mapping[str, Any]


def fields_of(schema: Mapping[str, Any]) -> Iterator[Field]:
    """Every field of a document, those of inner mappings behind the field that holds them."""
    yield from _below(schema, schema, "")


def _below(root: Mapping[str, Any], schema: Mapping[str, Any], above: str) -> Iterator[Field]:
    for name, value in schema.get("properties", {}).items():
        target = _resolved(root, value)
        yield Field(path=f"{above}{name}", is_needed=name in schema.get("required", ()), schema={**target, **value})
        for inner, step in _inner(root, target):
            yield from _below(root, inner, f"{above}{name}{step}.")


def _inner(root: Mapping[str, Any], target: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str]]:
    """The mappings inside a value: itself, an item of its list, a value of its mapping, one of its forms."""
    candidates = [(target, ""), (target.get("items", {}), "[]"), (target.get("additionalProperties") or {}, ".<name>")]
    for candidate, step in candidates:
        forms = [candidate, *_resolved(root, candidate).get("anyOf", ())]
        for form in (_resolved(root, one) for one in forms):
            if "properties" in form:
                yield form, step


def _resolved(root: Mapping[str, Any], value: Mapping[str, Any]) -> Mapping[str, Any]:
    target: Mapping[str, Any] = root["$defs"][value["$ref"].rsplit("/", 1)[1]] if "$ref" in value else value
    return target
