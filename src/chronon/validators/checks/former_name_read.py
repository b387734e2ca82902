"""An expression that reads a feature under a former name."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.diagnostics import Severity, Span
from chronon.model.specs import GroupBySpec
from chronon.validators.alike import in_expressions, in_group_bys
from chronon.validators.check import Check, Finding
from chronon.validators.checks.unknown_column import used_names
from chronon.validators.columns import Columns
from chronon.validators.context import Context
from chronon.validators.sites import ExpressionSite, typed


def find(context: Context) -> Iterator[Finding]:
    """Every derivation, select, condition, key, input and bucket that takes a column by a name that it had before."""
    yield from in_expressions(context, _in_expression)
    yield from in_group_bys(context, _in_group_by)


def _in_expression(context: Context, site: ExpressionSite) -> Iterator[Finding]:
    found = typed(context, site) if site.columns.aliases else None
    for name in found.reads if found else ():
        if name in site.columns.aliases:
            yield _finding(site.span_of(name), name, site.columns)


def _in_group_by(context: Context, spec: GroupBySpec) -> Iterator[Finding]:
    team = spec.header.id.name.team
    readable = [context.readable(query, team) for query in spec.queries if query.join is not None]
    for name, path in used_names(spec):
        columns = next((each for each in readable if name in each.aliases), None)
        if columns is not None and all(name not in query.select for query in spec.queries):
            yield _finding(spec.header.span(*path), name, columns)


def _finding(span: Span, name: str, columns: Columns) -> Finding:
    new = columns.aliases[name]
    return Finding(span=span, message=f"`{name}` is a former name of `{new}`, and may go", hint=f"read `{new}`")


CHECK = Check(
    code="CHR-V142", summary="a column that is read under a former name", find=find, severity=Severity.WARNING
)
