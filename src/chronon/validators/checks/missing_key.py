"""A key that the left side of a join does not have."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.loaders.nearest import nearest
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context


def find(context: Context) -> Iterator[Finding]:
    """Every key of a part for which the left neither selects nor has a column."""
    for join in context.repository.joins.values():
        team = join.header.id.name.team
        left = context.join(join).left
        for path, part in join.asked:
            group_by = context.group_by(part, team)
            for key, column in context.key_columns(part, team).items():
                is_key = group_by is not None and not context.rows(group_by)[0].lacks(key)
                if is_key and left.lacks(column):
                    where = ("keys", column) if column in part.keys else ("group_by",)
                    readable = {*context.readable(join.left, team).types, *join.left.select}
                    message = f"the left side has no column `{column}` for key `{key}` of `{part.group_by}`"
                    hint = f"map one: `keys: {{{nearest(column, readable) or 'left_column'}: {key}}}`"
                    yield Finding(span=join.header.span(*path, *where), message=message, hint=hint)


CHECK = Check(code="CHR-V022", summary="the left side of a join lacks a key of a part", find=find)
