"""A key that is a rounded number."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.diagnostics import Severity
from chronon.model.specs import GroupBySpec
from chronon.model.types import Scalar
from chronon.validators.alike import in_group_bys
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context


def find(context: Context) -> Iterator[Finding]:
    """Every key of a group_by that is a float or a double."""
    return in_group_bys(context, _of_one)


def _of_one(context: Context, spec: GroupBySpec) -> Iterator[Finding]:
    for index, key in enumerate(spec.keys):
        found = context.rows(spec)[0].type(key)
        if found in {Scalar.FLOAT, Scalar.DOUBLE}:
            message = (
                f"key `{key}` is {found}: whoever computes it in another order of rounding asks for another entity"
            )
            hint = f"use a whole number or a text, such as `{key}: CAST({key} AS long)`"
            yield Finding(span=spec.header.span("keys", index), message=message, hint=hint)


CHECK = Check(code="CHR-V111", summary="a key that is a rounded number", find=find, severity=Severity.WARNING)
