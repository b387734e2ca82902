"""An expression that is none, reads an unknown column, or whose types do not fit."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.validators.alike import in_expressions
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context
from chronon.validators.derived import derived_reads
from chronon.validators.sites import ExpressionSite, wrong


def find(context: Context) -> Iterator[Finding]:
    """Every expression with which something is wrong by itself, with the reason that expressions give."""
    return in_expressions(context, _of_one)


def _of_one(context: Context, site: ExpressionSite) -> Iterator[Finding]:
    error = wrong(context, site)
    if error is not None and not derived_reads(context, site):
        yield Finding(span=site.span_at(error.offset), message=f"{site.role}: {error.message}", hint=error.hint)


CHECK = Check(
    code="CHR-V005", summary="an expression that cannot be read, or reads a column that is not there", find=find
)
