"""Two columns of a join with one name."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from chronon.model.names import ObjectId
from chronon.model.specs import JoinSpec
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context


def find(context: Context) -> Iterator[Finding]:
    """Every part or label with columns that others have, and every derivation named as a kept column."""
    for join in context.repository.joins.values():
        yield from _of_parts(context, join)
        yield from _of_derivations(context, join)
        yield from _of_labels(context, join)


def _of_parts(context: Context, join: JoinSpec) -> Iterator[Finding]:
    columns = context.join(join)
    if sum(len(one.types) for one in (columns.left, *columns.parts)) == len(columns.base.types) - 1:
        return  # all of them have a place, beside `ts`
    taken = dict.fromkeys(columns.left.types, "the left side")
    joined: set[ObjectId] = set()
    for index, part in enumerate(columns.parts):
        if both := [name for name in part.types if name in taken]:
            more = f" and {len(both) - 1} more" if len(both) > 1 else ""
            message = f"`{both[0]}`{more} would stand twice: {taken[both[0]]} has it already"
            span = join.header.span("parts", index, "group_by")
            yield Finding(span=span, message=message, hint=_hint(context, join, index, joined))
        if group_by := context.group_by(join.parts[index], join.header.id.name.team):
            joined.add(group_by.header.id)
        taken |= dict.fromkeys(part.types, f"part `{join.parts[index].group_by}`")


def _of_labels(context: Context, join: JoinSpec) -> Iterator[Finding]:
    columns = context.join(join)
    taken = {**dict.fromkeys((*columns.outputs.types, *columns.outputs.aliases), "the result"), "ts": "the left side"}
    for index, label in enumerate(columns.labels):
        if both := [name for name in (*label.types, *label.aliases) if name in taken]:
            more = f" and {len(both) - 1} more" if len(both) > 1 else ""
            message = f"`{both[0]}`{more} would stand twice: {taken[both[0]]} has it already"
            span = join.header.span("labels", index, "group_by")
            yield Finding(span=span, message=message, hint="give this label a `prefix`")
        taken |= dict.fromkeys((*label.types, *label.aliases), f"label `{join.labels[index].group_by}`")


def _hint(context: Context, join: JoinSpec, index: int, joined: Collection[ObjectId]) -> str:
    """What keeps the columns apart. joined: the group_bys before this part: another version of one is named by it.

    No default does that: names would change when the other version goes.
    """
    written = join.parts[index].group_by
    group_by = context.group_by(join.parts[index], join.header.id.name.team)
    identity = group_by.header.id if group_by else None
    if identity is None or identity in joined or identity.name not in {other.name for other in joined}:
        return "give this part a `prefix`"
    prefix = f"v{identity.version}"
    columns = f"`{prefix}_{identity.name.prefix}_…`"
    return f"write `{{group_by: {written}, prefix: {prefix}}}`: its columns are {columns} then, with or without the other version"


def _of_derivations(context: Context, join: JoinSpec) -> Iterator[Finding]:
    columns = context.join(join)
    replaced = context.replaced(join, columns.base)
    for one in join.derivations:
        is_kept = one.name in columns.left.types or one.name not in replaced
        if one.name in columns.base.types and one.name != "ts" and is_kept:
            message = f"`{one.name}` would stand twice: a column of that name is kept"
            span = join.header.span("derivations", f"key:{one.name}")
            yield Finding(span=span, message=message, hint="give the derivation another name")


CHECK = Check(code="CHR-V024", summary="two columns of a join with one name", find=find)
