"""A condition that is neither true nor false."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.types import Scalar
from chronon.validators.alike import in_expressions
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context
from chronon.validators.sites import ExpressionSite, Role, typed


def find(context: Context) -> Iterator[Finding]:
    """Every `where` and `reversal` whose type is not boolean."""
    return in_expressions(context, _of_one)


def _of_one(context: Context, site: ExpressionSite) -> Iterator[Finding]:
    expression = typed(context, site)
    is_condition = site.role in {Role.WHERE, Role.REVERSAL}
    if is_condition and expression is not None and expression.type is not Scalar.BOOLEAN:
        message = f"`{site.role}` is {expression.type}, expected boolean"
        yield Finding(span=site.span, message=message, hint="compare it, such as `x > 0` or `x IS NOT NULL`")


CHECK = Check(code="CHR-V007", summary="a condition that is not boolean", find=find)
