"""A key of a bootstrap that a side does not have."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.loaders.nearest import nearest, suggestion
from chronon.model.specs import BootstrapSpec, JoinSpec
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context


def find(context: Context) -> Iterator[Finding]:
    """Every key that the left side does not keep, or that the table neither selects nor has."""
    for join in context.repository.joins.values():
        for index, one in enumerate(join.bootstrap):
            for place, key in enumerate(one.keys):
                if told := _told(context, join, one, key):
                    span = join.header.span("bootstrap", index, "keys", place)
                    yield Finding(span=span, message=told[0], hint=told[1])


def _told(context: Context, join: JoinSpec, one: BootstrapSpec, key: str) -> tuple[str, str] | None:
    """Which side lacks a key, and what to do."""
    team = join.header.id.name.team
    left, read = context.join(join).left, context.readable(join.left, team)
    if left.lacks(key):
        hint = f"keep it: `left: {{select: {{{key}: {key}}}}}`" if read.has(key) else suggestion(key, left.types)
        return f"the left side keeps no column `{key}`", hint
    if context.given(join, one).lacks(key):
        own = context.readable(one.query, team).types
        hint = f"select one for it: `{key}: {nearest(key, own) or 'column'}`"
        return f"key `{key}` is neither selected nor in `{one.query.source}`", hint
    return None


CHECK = Check(code="CHR-V145", summary="a side lacks a key of a bootstrap", find=find)
