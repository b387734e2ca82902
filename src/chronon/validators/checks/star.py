"""A star that is computed from something."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.validators.check import Check, Finding
from chronon.validators.context import Context


def find(context: Context) -> Iterator[Finding]:
    """Every derivation `*` whose expression is not `*`."""
    for join in context.repository.joins.values():
        for one in join.derivations:
            if one.name == "*" and one.expression.strip() != "*":
                message = f"`*` keeps the columns of the parts, it is not computed from `{one.expression}`"
                yield Finding(span=join.header.span("derivations", "*"), message=message, hint='write "*": "*"')


CHECK = Check(code="CHR-V028", summary="a derivation `*` that is not `*`", find=find, alone=True)
