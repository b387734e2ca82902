"""A time that is counted in another unit than milliseconds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chronon.expressions import Expression
from chronon.model.diagnostics import Severity
from chronon.model.types import Scalar
from chronon.validators.alike import in_expressions
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context
from chronon.validators.sites import ExpressionSite, Role, typed

_UNITS = {
    "seconds": (r"s|sec|secs|second|seconds", "{} * 1000"),
    "microseconds": (r"us|micro|micros|microseconds", "FLOOR({} / 1000)"),
    "nanoseconds": (r"ns|nano|nanos|nanoseconds", "FLOOR({} / 1000000)"),
}
"""Unit → how names of columns end that have it, and the milliseconds of such a column."""


def find(context: Context) -> Iterator[Finding]:
    """Every `time` that is a column named after another unit, or that has 32 bits, in which no milliseconds fit."""
    return in_expressions(context, _of_one)


def _of_one(context: Context, site: ExpressionSite) -> Iterator[Finding]:
    expression = typed(context, site) if site.role is Role.TIME else None
    if expression is None:
        return
    column = expression.reads[0] if expression.sql.strip('"') in expression.reads else None
    if column and (unit := _unit(column)):
        message = f"`{column}` is named like a time in {unit}, expected milliseconds since 1970 in UTC"
        hint = f"write `{_UNITS[unit][1].format(column)}`, or name it after what it is"
        yield Finding(span=site.span, message=message, hint=hint)
    elif expression.type is Scalar.INT:
        message = "`time` is an int: 32 bits hold the milliseconds of no day after 25 January 1970"
        yield Finding(span=site.span, message=message, hint=_of_int(expression, column))


def _unit(column: str) -> str | None:
    """The unit that the last word of a name says, where it is not milliseconds."""
    return next((unit for unit, (words, _) in _UNITS.items() if re.search(rf"_({words})$", column.lower())), None)


def _of_int(expression: Expression, column: str | None) -> str:
    written = column or f"({expression.sql})"
    return f"if it is seconds, write `{written} * 1000`; if it is not, declare the column as long"


CHECK = Check(code="CHR-V106", summary="a time in another unit than milliseconds", find=find, severity=Severity.WARNING)
