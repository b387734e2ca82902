"""A column with a name that the platform itself uses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from chronon.model.diagnostics import Span
from chronon.model.specs import GroupBySpec, JoinSpec
from chronon.validators.check import Check, Finding
from chronon.validators.context import TIME, Context
from chronon.validators.sites import queries

RESERVED = frozenset({TIME, "ds", "row_id"})


def find(context: Context) -> Iterator[Finding]:
    """Every selected, used, passed through or derived column with a reserved name; engines do not tell TS from ts."""
    for name, locate in _named(context):
        if name.lower() in RESERVED:
            message = f"the name `{name}` is reserved: tables have a column of that name already"
            yield Finding(span=locate(), message=message, hint="select it under another name")


def _named(context: Context) -> Iterator[tuple[str, Callable[[], Span]]]:
    for site in queries(context):
        for name in site.query.select:
            yield name, partial(site.span, "select", f"key:{name}")
    for group_by in context.repository.group_bys.values():
        yield from _used(context, group_by)
    for join in context.repository.joins.values():
        yield from _kept(context, join)
        for one in join.derivations:
            yield one.name, partial(join.header.span, "derivations", f"key:{one.name}")


def _used(context: Context, spec: GroupBySpec) -> Iterator[tuple[str, Callable[[], Span]]]:
    selected = {name for query in spec.queries for name in query.select}
    for index, key in enumerate(spec.keys):
        if key not in selected:
            yield key, partial(spec.header.span, "keys", index)
    for index, aggregation in enumerate(spec.aggregations):
        if aggregation.input not in selected:
            yield aggregation.input, partial(spec.header.span, "aggregations", index, "input")
    if not spec.aggregations and not selected:
        for name in context.rows(spec)[0].types:
            yield name, partial(spec.header.span, "source")


def _kept(context: Context, spec: JoinSpec) -> Iterator[tuple[str, Callable[[], Span]]]:
    for name in context.join(spec).left.types:
        if name not in spec.left.select:
            yield name, partial(spec.header.span, "left", "source")


CHECK = Check(code="CHR-V019", summary="a column called ts, ds or row_id", find=find)
