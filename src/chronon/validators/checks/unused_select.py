"""A selected column that nothing uses."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.diagnostics import Severity
from chronon.model.specs import GroupBySpec
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context
from chronon.validators.sites import queries


def find(context: Context) -> Iterator[Finding]:
    """Every select of an aggregating group_by that is neither key nor input nor bucket.

    Where a column is unknown, the select may be meant by it: `unknown_column` tells that.
    """
    for site in queries(context):
        if isinstance(site.owner, GroupBySpec) and site.owner.aggregations:
            used = _used(site.owner)
            if any(rows.lacks(name) for rows in context.rows(site.owner) for name in used):
                continue
            for name in site.query.select:
                if name not in used:
                    message = f"`{name}` is selected and used by no key, input or bucket"
                    span = site.span("select", f"key:{name}")
                    yield Finding(span=span, message=message, hint="remove it, or aggregate it")


def _used(spec: GroupBySpec) -> set[str]:
    buckets = {name for aggregation in spec.aggregations for several in aggregation.buckets for name in several}
    return {*spec.keys, *buckets, *(aggregation.input for aggregation in spec.aggregations)}


CHECK = Check(code="CHR-V030", summary="a selected column that nothing uses", find=find, severity=Severity.WARNING)
