"""The JSON Schema of a plan, worked out from the types of the nouns and what their docstrings say of each field."""

from __future__ import annotations

import dataclasses
import re
import types
import typing
from collections.abc import Mapping
from enum import Enum
from typing import Any, get_args, get_origin, get_type_hints

from chronon.model.dayset import DaySet
from chronon.model.jobs import Job
from chronon.model.names import ObjectId
from chronon.model.plan import Plan
from chronon.model.types import DataType
from chronon.schemas.wire import SELDOM

ID = "plan.schema.json"

_FIELD = re.compile(r"^ {4}((?:\w+, )*\w+): +(\S.*)$")
_TWO = re.compile(r" {2,}(?=(?:\w+, )*\w+: )")


def plan_schema() -> dict[str, Any]:
    """The whole document."""
    walk = Walk()
    whole = walk.object_of(Plan)
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ID,
        "title": "A plan",
        "description": "What `chronon plan --out` and `--json` write: canonical JSON on one line. Later versions of this format only add what may be left out.",
    }
    whole["properties"]["format_version"] = {
        "const": Plan.__dataclass_fields__["format_version"].default,
        "description": "Version of this format; another one has another schema.",
    }
    whole["properties"]["id"] |= {"pattern": "^p-[0-9a-f]{16}$"}
    del whole["description"]
    return {**head, **whole, "$defs": dict(sorted(walk.definitions.items()))}


class Walk:
    """From types to schemas; every noun is defined once."""

    def __init__(self) -> None:
        self.definitions: dict[str, Any] = {}

    def schema_of(self, kind: Any) -> dict[str, Any]:
        kind = getattr(kind, "__supertype__", kind)
        if kind == DataType:
            return {"type": "string", "description": "A type as it is written: `long`, `list<string>`."}
        if kind == Job:
            return {"oneOf": [self._tagged(each) for each in get_args(Job)]}
        if kind is DaySet:
            pair = {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2}
            return {"type": "array", "items": pair, "description": "Half-open ranges of days since 1970-01-01."}
        if kind is ObjectId:
            return {"type": "string", "pattern": r"^(team|source|group_by|join)/[^/@]+@\d+$"}
        if get_origin(kind) in {types.UnionType, typing.Union}:
            return self._union(get_args(kind))
        if get_origin(kind) is tuple:
            return self._tuple(get_args(kind))
        if get_origin(kind) is not None and issubclass(get_origin(kind), Mapping):
            return {"type": "object", "additionalProperties": self.schema_of(get_args(kind)[1])}
        if dataclasses.is_dataclass(kind):
            return self._reference(kind)
        if isinstance(kind, type) and issubclass(kind, Enum):
            return {"enum": [each.value for each in kind]}
        return {"type": {str: "string", bool: "boolean", int: "integer", float: "number"}[kind]}

    def object_of(self, noun: type) -> dict[str, Any]:
        hints, told = get_type_hints(noun), described(noun)
        seldom = SELDOM.get(noun, frozenset())
        properties = {}
        for field in dataclasses.fields(noun):
            found = self.schema_of(hints[field.name])
            properties[field.name] = {**found, "description": told[field.name]} if field.name in told else found
        return {
            "type": "object",
            "description": (noun.__doc__ or "").split("\n")[0],
            "additionalProperties": False,
            "required": [name for name in properties if name not in seldom],
            "properties": properties,
        }

    def _reference(self, noun: type) -> dict[str, Any]:
        if noun.__name__ not in self.definitions:
            self.definitions[noun.__name__] = {}
            self.definitions[noun.__name__] = self.object_of(noun)
        return {"$ref": f"#/$defs/{noun.__name__}"}

    def _tagged(self, noun: type) -> dict[str, Any]:
        """A member of a union, told by its `kind`."""
        self._reference(noun)
        found = self.definitions[noun.__name__]
        if "kind" not in found["properties"]:
            found["properties"] = {"kind": {"const": noun.__name__}, **found["properties"]}
            found["required"] = ["kind", *found["required"]]
        return {"$ref": f"#/$defs/{noun.__name__}"}

    def _union(self, members: tuple[Any, ...]) -> dict[str, Any]:
        if set(members) == {int, float}:
            return {"type": "number"}
        found = [self.schema_of(each) for each in members if each is not type(None)]
        null: list[dict[str, Any]] = [{"type": "null"}] if type(None) in members else []
        return {"anyOf": found + null}

    def _tuple(self, members: tuple[Any, ...]) -> dict[str, Any]:
        if members[-1] is Ellipsis:
            return {"type": "array", "items": self.schema_of(members[0])}
        items = [self.schema_of(each) for each in members]
        return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}


def described(noun: type) -> dict[str, str]:
    """Field → what the docstring of its noun says of it; continued lines are joined."""
    found: dict[str, str] = {}
    names: list[str] = []
    for line in (noun.__doc__ or "").split("\n")[1:]:
        for part in _TWO.split(line) if _FIELD.match(line) else [line]:
            match = _FIELD.match(part if part.startswith("    ") else f"    {part}")
            if match and (part.startswith("    ") or "  " in line):
                names = match[1].split(", ")
                found |= dict.fromkeys(names, match[2].strip())
            elif part.strip() and names:
                found |= {name: f"{found[name]} {part.strip()}" for name in names}
    fields = {field.name for field in dataclasses.fields(noun)}
    return {name: text for name, text in found.items() if name in fields}
