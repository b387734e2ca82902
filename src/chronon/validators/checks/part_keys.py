"""A mapping of keys that names something which is no key."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from chronon.loaders.nearest import suggestion
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context


def find(context: Context) -> Iterator[Finding]:
    """Every value in the `keys` of a part that is no key of its group_by, or is mapped twice.

    A key that its own source lacks may be misspelt there, which `unknown_column` tells.
    """
    for join in context.repository.joins.values():
        for path, part in join.asked:
            group_by = context.group_by(part, join.header.id.name.team)
            mapped: set[str] = set()
            is_certain = group_by is not None and not any(map(context.rows(group_by)[0].lacks, group_by.keys))
            for left, key in part.keys.items() if group_by else ():
                locate = partial(join.header.span, *path, "keys", left)
                if group_by and key not in group_by.keys and is_certain:
                    message = f"`{key}` is no key of `{part.group_by}`"
                    yield Finding(span=locate(), message=message, hint=suggestion(key, group_by.keys))
                elif key in mapped:
                    message = f"key `{key}` is mapped twice"
                    yield Finding(span=locate(), message=message, hint="keep one of the left columns")
                mapped.add(key)


CHECK = Check(code="CHR-V021", summary="a part maps a key that its group_by does not have", find=find)
