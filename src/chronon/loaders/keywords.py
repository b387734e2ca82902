"""JSON Schema as documents are held against it: the library, where it can, and keywords of our own where it cannot.

The own ones mean what the standard says, take linear time, and find in the order of the file.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from chronon.model.time import parse_day
from chronon.model.types import parse_type
from chronon.schemas.documents import document_schema

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError


@functools.cache
def validator_of(schema: str) -> Draft202012Validator:
    """The validator of a kind of document, made once."""
    from jsonschema import Draft202012Validator, FormatChecker, validators

    formats = FormatChecker(formats=())
    formats.checks("date")(lambda text: not isinstance(text, str) or parse_day(text) is not None)
    formats.checks("data-type")(lambda text: not isinstance(text, str) or parse_type(text) is not None)
    own = {"pattern": _pattern, "uniqueItems": _unique, "additionalProperties": _additional}
    strict = validators.extend(Draft202012Validator, own)  # type: ignore[no-untyped-call]
    validator: Draft202012Validator = strict(document_schema(schema), format_checker=formats)
    return validator


def _additional(validator: Any, demand: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    """The keyword `additionalProperties` in the order of the file: the library's is another in each process."""
    from jsonschema import ValidationError

    known = schema.get("properties", {})
    extras = [name for name in instance if name not in known] if isinstance(instance, dict) else []
    if isinstance(demand, dict):
        for name in extras:
            yield from validator.descend(instance[name], demand, path=name)
    elif extras and not demand:
        yield ValidationError("unknown fields")


def _pattern(_validator: Any, pattern: str, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    """The keyword `pattern` as JSON Schema means it: the library takes Python's `$`, which lets a last line break pass."""
    from jsonschema import ValidationError

    if isinstance(instance, str) and not re.search(pattern.replace("$", r"\Z"), instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _unique(_validator: Any, wanted: bool, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    """The keyword `uniqueItems` in linear time: the library compares each two when they cannot be sorted."""
    from jsonschema import ValidationError

    if wanted and isinstance(instance, list) and repeated(instance) is not None:
        yield ValidationError("a value stands twice")


def repeated(items: list[Any]) -> int | None:
    """The index of the first item that stands before it too."""
    seen: set[str] = set()
    for index, item in enumerate(items):
        key = json.dumps(item, sort_keys=True)
        if key in seen:
            return index
        seen.add(key)
    return None
