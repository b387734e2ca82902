"""Every field of a JSON Schema by its path, as people write it: `aggregations[].windows`, `events.columns.<name>.type`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def fields_of(schema: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Path, need (`yes` or nothing) and description of every field of a document."""
    yield from _below(schema, schema, "")


def _below(root: Mapping[str, Any], schema: Mapping[str, Any], above: str) -> Iterator[tuple[str, str, str]]:
    """Name, need and text of every field, those of inner mappings behind the field that holds them."""
    for name, value in schema.get("properties", {}).items():
        target = _resolved(root, value)
        needed = "yes" if name in schema.get("required", ()) else ""
        text = value.get("description", target.get("description", ""))
        yield f"{above}{name}", needed, text.replace("|", "\\|")
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
