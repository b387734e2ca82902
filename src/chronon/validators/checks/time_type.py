"""A time that is not a whole number of milliseconds."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.expressions import Expression
from chronon.model.types import INTEGRAL, Scalar
from chronon.validators.alike import in_expressions
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context
from chronon.validators.sites import ExpressionSite, Role, typed


def find(context: Context) -> Iterator[Finding]:
    """Every `time` whose type is neither int nor long."""
    return in_expressions(context, _of_one)


def _of_one(context: Context, site: ExpressionSite) -> Iterator[Finding]:
    expression = typed(context, site)
    if site.role is Role.TIME and expression is not None and expression.type not in INTEGRAL:
        message = f"`time` is {expression.type}, expected int or long: milliseconds since 1970 in UTC"
        yield Finding(span=site.span, message=message, hint=_hint(expression))


def _hint(expression: Expression) -> str:
    match expression.type:
        case Scalar.TIMESTAMP:
            return f"write UNIX_MILLIS({expression.sql})"
        case Scalar.DATE:
            return f"write UNIX_MILLIS(CAST({expression.sql} AS timestamp)), which is 00:00 UTC"
        case _:
            return "write an expression of whole milliseconds"


CHECK = Check(code="CHR-V006", summary="a time that is no whole number of milliseconds", find=find)
