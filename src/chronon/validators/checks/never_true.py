"""A condition that no row meets."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.validators.alike import in_expressions
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context
from chronon.validators.sites import ExpressionSite, Role, typed

_NEVER = {"FALSE", "CAST(NULL AS boolean)"}


def find(context: Context) -> Iterator[Finding]:
    """Every `where` that is the same for all rows, and not true."""
    return in_expressions(context, _of_one)


def _of_one(context: Context, site: ExpressionSite) -> Iterator[Finding]:
    expression = typed(context, site) if site.role is Role.WHERE else None
    if expression is not None and expression.sql in _NEVER:
        message = "this condition is true of no row: nothing would be read"
        yield Finding(span=site.span, message=message, hint="compare a column of the source, or remove it")


CHECK = Check(code="CHR-V109", summary="a condition that no row meets", find=find)
