"""A selected column that nothing uses."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.diagnostics import Severity
from chronon.model.specs import GroupBySpec
from chronon.validators.alike import in_group_bys
from chronon.validators.check import Check, Finding
from chronon.validators.checks.reserved_name import RESERVED
from chronon.validators.context import Context
from chronon.validators.sites import QuerySite


def find(context: Context) -> Iterator[Finding]:
    """Every select of an aggregating group_by that is neither key nor input nor bucket.

    Where a column is unknown, the select may be meant by it: `unknown_column` tells that; a name that is reserved is told
    by `reserved_name`.
    """
    return in_group_bys(context, _of_one)


def _of_one(context: Context, spec: GroupBySpec) -> Iterator[Finding]:
    used = _used(spec)
    if not spec.aggregations or any(rows.lacks(name) for rows in context.rows(spec) for name in used):
        return
    for index, query in enumerate(spec.queries):
        site = QuerySite(owner=spec, index=index, query=query)
        for name in query.select:
            if name not in used and name.lower() not in RESERVED:
                message = f"`{name}` is selected and used by no key, input or bucket"
                span = site.span("select", f"key:{name}")
                yield Finding(span=span, message=message, hint="remove it, or aggregate it")


def _used(spec: GroupBySpec) -> set[str]:
    buckets = {name for aggregation in spec.aggregations for several in aggregation.buckets for name in several}
    return {*spec.keys, *buckets, *(aggregation.input for aggregation in spec.aggregations)}


CHECK = Check(code="CHR-V030", summary="a selected column that nothing uses", find=find, severity=Severity.WARNING)
