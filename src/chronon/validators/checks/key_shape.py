"""A key that has parts of its own."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.types import Scalar
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context


def find(context: Context) -> Iterator[Finding]:
    """Every key of a group_by that is a list or a map."""
    for spec in context.repository.group_bys.values():
        for index, key in enumerate(spec.keys):
            found = context.rows(spec)[0].type(key)
            if found is not None and not isinstance(found, Scalar):
                message = f"key `{key}` is {found}: an entity is identified by plain values"
                yield Finding(span=spec.header.span("keys", index), message=message, hint="choose another key")


CHECK = Check(code="CHR-V032", summary="a key that is a list or a map", find=find)
