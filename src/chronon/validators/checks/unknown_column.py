"""A key, input or bucket that a query yields under no name."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.loaders.nearest import suggestion
from chronon.model.specs import GroupBySpec, Path
from chronon.validators.alike import in_group_bys
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context
from chronon.validators.outcomes import labels_of


def find(context: Context) -> Iterator[Finding]:
    """Every column that a group_by uses and some of its queries neither select nor have, told once."""
    return in_group_bys(context, _of_one)


def _of_one(context: Context, spec: GroupBySpec) -> Iterator[Finding]:
    rows = context.rows(spec)
    if not any(yielded.lacks(name) for yielded in rows for name in {name for name, _path in used_names(spec)}):
        return
    for name, path in used_names(spec):
        lacking = [query for query, yielded in zip(spec.queries, rows, strict=True) if yielded.lacks(name)]
        if lacking and not any(name in labels_of(context, query, spec.header.id.name.team) for query in lacking):
            where = " and ".join(dict.fromkeys(f"`{query.source or query.join}`" for query in lacking))
            readable = context.readable(lacking[0], spec.header.id.name.team)
            hint = suggestion(name, {*readable.types, *lacking[0].select})
            message = f"column `{name}` is neither selected nor in {where}"
            yield Finding(span=spec.header.span(*path), message=message, hint=hint)


def used_names(spec: GroupBySpec) -> Iterator[tuple[str, Path]]:
    """The keys, inputs and buckets of a group_by, with the place of each."""
    for index, key in enumerate(spec.keys):
        yield key, ("keys", index)
    for index, aggregation in enumerate(spec.aggregations):
        yield aggregation.input, ("aggregations", index, "input")
        for number, names in enumerate(aggregation.buckets):
            for place, bucket in enumerate(names):
                yield bucket, ("aggregations", index, "buckets", number, place)


CHECK = Check(code="CHR-V008", summary="a key, input or bucket that the source does not have", find=find)
