"""A key that is null in every row."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.expressions import Expression
from chronon.model.specs import GroupBySpec
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context
from chronon.validators.sites import QuerySite, queries


def find(context: Context) -> Iterator[Finding]:
    """Every select of a key, in a group_by, on the left side of a join or in its bootstrap, that is a constant null."""
    for site in queries(context):
        readable = context.readable(site.query, site.team)
        for name in sorted(_keys(context, site) & site.query.select.keys()):
            if site.query.select[name].isidentifier():
                continue  # a column
            typed = context.typed(site.query.select[name], readable)
            if isinstance(typed, Expression) and typed.sql.startswith("CAST(NULL AS ") and not typed.reads:
                message = f"key `{name}` is null in every row: none of them belongs to an entity"
                yield Finding(
                    span=site.span("select", name), message=message, hint="select the column that identifies one"
                )


def _keys(context: Context, site: QuerySite) -> set[str]:
    """The columns that rows of a query are matched by."""
    if isinstance(site.owner, GroupBySpec):
        return set(site.owner.keys)
    if site.index is not None:
        return set(site.owner.bootstrap[site.index].keys)
    return {left for _path, part in site.owner.asked for left in context.key_columns(part, site.team).values()}


CHECK = Check(code="CHR-V110", summary="a key that is null in every row", find=find)
