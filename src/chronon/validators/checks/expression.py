"""An expression that is none, reads an unknown column, or whose types do not fit."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.expressions import ExpressionError
from chronon.expressions.errors import UNKNOWN_COLUMN
from chronon.validators.alike import in_expressions
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context
from chronon.validators.derived import derived_reads
from chronon.validators.outcomes import label_read
from chronon.validators.sites import ExpressionSite, Role, wrong


def find(context: Context) -> Iterator[Finding]:
    """Every expression with which something is wrong by itself, with the reason that expressions give."""
    return in_expressions(context, _of_one)


def _of_one(context: Context, site: ExpressionSite) -> Iterator[Finding]:
    error = wrong(context, site)
    if error is not None and not derived_reads(context, site) and not label_read(context, site):
        hint = _of_left(context, site, error) or error.hint
        yield Finding(span=site.span_at(error.offset), message=f"{site.role}: {error.message}", hint=hint)


def _of_left(context: Context, site: ExpressionSite, error: ExpressionError) -> str:
    """What to do about a column of the left side's source that the join does not keep; empty for all other mistakes."""
    join = context.repository.joins.get(site.header.id)
    if join is None or site.role is not Role.DERIVATION or error.code != UNKNOWN_COLUMN:
        return ""
    left = context.readable(join.left, site.header.id.name.team)
    names = (name for name in left.types if error.message.endswith(f"`{name}`"))
    return next((f"keep it of the left side: `left: {{select: {{{name}: {name}}}}}`" for name in names), "")


CHECK = Check(
    code="CHR-V005",
    summary="an expression that cannot be read, or reads a column that is not there",
    find=find,
    alone=True,
)
