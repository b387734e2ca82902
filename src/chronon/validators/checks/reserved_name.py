"""A column with a name that the platform itself uses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from chronon.model.diagnostics import Span
from chronon.model.specs import GroupBySpec, JoinSpec
from chronon.validators.alike import in_group_bys
from chronon.validators.check import Check, Finding
from chronon.validators.context import TIME, Context
from chronon.validators.sites import QuerySite

RESERVED = frozenset({TIME, "ds", "row_id"})

Named = tuple[str, Callable[[], Span]]
"""A name, and where it is written."""


def find(context: Context) -> Iterator[Finding]:
    """Every selected, used, passed through or derived column with a reserved name; engines do not tell TS from ts."""
    yield from in_group_bys(context, lambda context, spec: _reserved(_used(context, spec)))
    for join in context.repository.joins.values():
        yield from _reserved(_kept(context, join))


def _reserved(named: Iterable[Named]) -> Iterator[Finding]:
    for name, locate in named:
        if name.lower() in RESERVED:
            message = f"the name `{name}` is reserved: tables have a column of that name already"
            yield Finding(span=locate(), message=message, hint="select it under another name")


def _selected(site: QuerySite) -> Iterator[Named]:
    for name in site.query.select:
        yield name, partial(site.span, "select", f"key:{name}")


def _used(context: Context, spec: GroupBySpec) -> Iterator[Named]:
    for index, query in enumerate(spec.queries):
        yield from _selected(QuerySite(owner=spec, index=index, query=query))
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


def _kept(context: Context, spec: JoinSpec) -> Iterator[Named]:
    yield from _selected(QuerySite(owner=spec, index=None, query=spec.left))
    for name in context.join(spec).left.types:
        if name not in spec.left.select:
            yield name, partial(spec.header.span, "left", "source")
    for one in spec.derivations:
        yield one.name, partial(spec.header.span, "derivations", f"key:{one.name}")


CHECK = Check(code="CHR-V019", summary="a column called ts, ds or row_id", find=find)
