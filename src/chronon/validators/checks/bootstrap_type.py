"""A bootstrap that gives a feature as another type."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.validators.bootstraps import given_by, target_type
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context


def find(context: Context) -> Iterator[Finding]:
    """Every select of a bootstrap that is not of exactly the type of what it gives."""
    for join in context.repository.joins.values():
        for index, one in enumerate(join.bootstrap):
            yielded = context.given(join, one)
            for given in given_by(context, join, one):
                mine, theirs = yielded.type(given.written), target_type(context, join, given.target)
                if mine and theirs and mine != theirs:
                    span = join.header.span("bootstrap", index, "select", given.written)
                    message = f"`{given.written}` is given as {mine}, and is {theirs}"
                    yield Finding(span=span, message=message, hint=f"select a {theirs}, such as `CAST(… AS {theirs})`")


CHECK = Check(code="CHR-V144", summary="a bootstrap gives a feature as another type", find=find)
