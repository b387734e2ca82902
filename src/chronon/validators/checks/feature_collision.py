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


CHECK = Check(code="CHR-V015", summary="two features of a group_by with one name", find=find)
