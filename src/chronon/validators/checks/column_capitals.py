"""Columns of a join that differ only in capitals, which SQL engines take for the same."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.specs import JoinSpec, Path
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context


def find(context: Context) -> Iterator[Finding]:
    """Every part with a column, and every derivation, that resembles so a column before it.

    Columns of one source that resemble each other are told there, by `column_case`; equal names by `column_collision`.
    """
    for join in context.repository.joins.values():
        if _has_no_capitals(context, join):
            continue
        left = context.join(join).left.types
        taken = {name.lower(): name for name in left}
        for name, path, hint in _named(context, join):
            first = taken.setdefault(name.lower(), name)
            if first != name:
                message = f"column `{name}` differs from `{first}` only in capitals: engines mix them up"
                yield Finding(span=join.header.span(*path), message=message, hint=hint)


def _has_no_capitals(context: Context, join: JoinSpec) -> bool:
    columns = context.join(join)
    labels = (name for label in columns.labels for name in label.types)
    names = "".join((*columns.base.types, *labels, *(one.name for one in join.derivations)))
    return names == names.lower()


def _named(context: Context, join: JoinSpec) -> Iterator[tuple[str, Path, str]]:
    for index, part in enumerate(context.join(join).parts):
        for name in part.types:
            yield name, ("parts", index, "group_by"), "give this part a `prefix`"
    for index, label in enumerate(context.join(join).labels):
        for name in label.types:
            yield name, ("labels", index, "group_by"), "give this label a `prefix`"
    for one in join.derivations:
        yield one.name, ("derivations", f"key:{one.name}"), "give the derivation another name"


CHECK = Check(code="CHR-V100", summary="columns of a join that differ only in capitals", find=find)
