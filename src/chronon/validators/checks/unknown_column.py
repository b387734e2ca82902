"""A key, input or bucket that a query yields under no name."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.loaders.nearest import suggestion
from chronon.model.specs import GroupBySpec, Path
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context


def find(context: Context) -> Iterator[Finding]:
    """Every column that a group_by uses and one of its queries neither selects nor has."""
    for spec in context.repository.group_bys.values():
        for name, path in _used(spec):
            for query, rows in zip(spec.queries, context.rows(spec), strict=True):
                if rows.lacks(name):
                    readable = context.readable(query, spec.header.id.name.team)
                    message = f"column `{name}` is neither selected nor in `{query.source or query.join}`"
                    hint = suggestion(name, {*readable.types, *query.select})
                    yield Finding(span=spec.header.span(*path), message=message, hint=hint)


def _used(spec: GroupBySpec) -> Iterator[tuple[str, Path]]:
    for index, key in enumerate(spec.keys):
        yield key, ("keys", index)
    for index, aggregation in enumerate(spec.aggregations):
        yield aggregation.input, ("aggregations", index, "input")
        for number, names in enumerate(aggregation.buckets):
            for place, bucket in enumerate(names):
                yield bucket, ("aggregations", index, "buckets", number, place)


CHECK = Check(code="CHR-V008", summary="a key, input or bucket that the source does not have", find=find)
