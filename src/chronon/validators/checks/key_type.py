"""A key whose type on the left differs from the type in the group_by."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.validators.check import Check, Finding
from chronon.validators.context import Context


def find(context: Context) -> Iterator[Finding]:
    """Every key that is not of exactly the same type on both sides."""
    for join in context.repository.joins.values():
        team = join.header.id.name.team
        left = context.join(join).left
        for path, part in join.asked:
            group_by = context.group_by(part, team)
            for key, column in context.key_columns(part, team).items():
                mine, theirs = left.type(column), context.rows(group_by)[0].type(key) if group_by else None
                if mine and theirs and mine != theirs:
                    where = ("keys", column) if column in part.keys else ("group_by",)
                    message = f"left column `{column}` is {mine}, key `{key}` of `{part.group_by}` is {theirs}"
                    hint = f"select a {theirs} for it on the left"
                    yield Finding(span=join.header.span(*path, *where), message=message, hint=hint)


CHECK = Check(code="CHR-V023", summary="a key has different types on the two sides of a join", find=find)
