"""JSON Schema draft-07 from 2020-12: the same demands in the dialect that every editor reads.

Only what our documents use is known; a keyword that draft-07 lacks, or would read otherwise, is our bug.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chronon.model.errors import InvariantError

DIALECT = "http://json-schema.org/draft-07/schema#"

_RENAMED = {"$defs": "definitions", "dependentRequired": "dependencies", "prefixItems": "items"}

_BY_NAME = frozenset({"properties", "$defs"})
"""Keywords whose value is a mapping of names to schemas: the names are no keywords."""

_AS_IT_IS = frozenset(
    {"const", "default", "dependentRequired", "deprecated", "description", "enum", "examples", "format", "pattern"}
    | {"maximum", "minimum", "maxLength", "minLength", "maxItems", "minItems", "minProperties", "maxProperties"}
    | {"required", "title", "type", "uniqueItems", "x-expected", "$id"}
)
_LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_SCHEMAS = frozenset({"additionalProperties", "items", "not", "propertyNames"})


def draft07(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The same schema in draft-07.

    There nothing counts beside `$ref`, so a reference that has neighbours stands inside `allOf`. `deprecated` means
    nothing to draft-07 and is kept for the editors that know it.
    Errors: InvariantError for a keyword that is not known here.
    """
    if "prefixItems" in schema and "items" in schema:
        raise InvariantError("keywords-known-to-draft-07", "items beside prefixItems has no rendering")
    rendered = {_RENAMED.get(key, key): _value(key, value) for key, value in schema.items()}
    if "$ref" in rendered and len(rendered) > 1:
        reference = {"$ref": rendered.pop("$ref")}
        rendered["allOf"] = [reference, *rendered.get("allOf", ())]
    return rendered


def _value(key: str, value: Any) -> Any:
    if key == "$schema":
        return DIALECT
    if key == "$ref":
        return value.replace("#/$defs/", "#/definitions/")
    if key in _BY_NAME:
        return {name: draft07(inner) for name, inner in value.items()}
    if key in _LISTS:
        return [draft07(inner) for inner in value]
    if key in _SCHEMAS:
        return value if isinstance(value, bool) else draft07(value)
    if key in _AS_IT_IS:
        return value
    raise InvariantError("keywords-known-to-draft-07", f"{key} has no rendering")
