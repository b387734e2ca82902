"""Two features of a group_by with one name."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.specs import GroupBySpec
from chronon.validators.alike import in_group_bys
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context


def find(context: Context) -> Iterator[Finding]:
    """Every feature whose name another feature, written before it, or a key has.

    A window that stands twice makes a feature twice, which `same_window` tells.
    """
    return in_group_bys(context, _of_one)


def _of_one(context: Context, spec: GroupBySpec) -> Iterator[Finding]:
    if not _has_collision(context, spec):
        return
    taken = dict.fromkeys(spec.keys, "a key")
    made: set[tuple[object, ...]] = set()
    for draft in sorted(context.drafts(spec), key=lambda draft: [str(step).zfill(6) for step in draft.path]):
        same = (draft.path, draft.window, draft.buckets)
        if draft.name in taken and same not in made:
            message = f"the name `{draft.name}` belongs to {taken[draft.name]} already"
            hint = "give this aggregation a `name`" if draft.operation else "select it under another name"
            yield Finding(span=spec.header.span(*draft.path), message=message, hint=hint)
        taken.setdefault(draft.name, "another feature")
        if draft.operation:
            made.add(same)


def _has_collision(context: Context, spec: GroupBySpec) -> bool:
    """Whether there are fewer names than features and keys."""
    names = context.features(spec).types
    made = sum(len(one.operations) * len(one.windows) * (len(one.buckets) or 1) for one in spec.aggregations)
    return made > len(names) or not names.keys().isdisjoint(spec.keys)


CHECK = Check(code="CHR-V015", summary="two features of a group_by with one name", find=find)
