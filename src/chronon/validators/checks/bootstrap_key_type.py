"""A key of a bootstrap by which no row can be matched."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.types import ListOf, MapOf, StructOf
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context


def find(context: Context) -> Iterator[Finding]:
    """Every key that is not of exactly the same type on both sides, or that has parts of its own."""
    for join in context.repository.joins.values():
        left = context.join(join).left
        for index, one in enumerate(join.bootstrap):
            yielded = context.given(join, one)
            for place, key in enumerate(one.keys):
                mine, theirs = left.type(key), yielded.type(key)
                span = join.header.span("bootstrap", index, "keys", place)
                if mine and theirs and mine != theirs:
                    message = f"left column `{key}` is {mine}, in `{one.query.source}` it is {theirs}"
                    yield Finding(
                        span=span, message=message, hint=f"select a {mine} for it, such as `CAST(… AS {mine})`"
                    )
                elif isinstance(mine, ListOf | MapOf | StructOf):
                    message = f"key `{key}` is {mine}: a row is identified by plain values"
                    yield Finding(span=span, message=message, hint="choose another key")


CHECK = Check(code="CHR-V146", summary="a key of a bootstrap has different types on the two sides", find=find)
