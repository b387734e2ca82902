"""A key that has parts of its own."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.specs import GroupBySpec
from chronon.model.types import ListOf, MapOf, StructOf
from chronon.validators.alike import in_group_bys
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context


def find(context: Context) -> Iterator[Finding]:
    """Every key of a group_by that is a list, a map or a struct."""
    return in_group_bys(context, _of_one)


def _of_one(context: Context, spec: GroupBySpec) -> Iterator[Finding]:
    for index, key in enumerate(spec.keys):
        found = context.rows(spec)[0].type(key)
        if isinstance(found, ListOf | MapOf | StructOf):
            message = f"key `{key}` is {found}: an entity is identified by plain values"
            yield Finding(span=spec.header.span("keys", index), message=message, hint="choose another key")


CHECK = Check(code="CHR-V032", summary="a key that is a list, a map or a struct", find=find)
