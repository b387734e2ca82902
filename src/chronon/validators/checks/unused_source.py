"""A source that nobody reads."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.diagnostics import Severity
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context


def find(context: Context) -> Iterator[Finding]:
    """Every source that no group_by and no left side names.

    Where a reference leads nowhere or a file is broken, any source may be the one that was meant: then nothing is told.
    """
    for name, source in context.repository.sources.items():
        if source.header.id in context.whole.unread:
            message = f"no group_by and no join reads `{name}`"
            hint = "remove it, or read it: nothing else says whether its contract is right"
            yield Finding(span=source.header.span("source"), message=message, hint=hint)


CHECK = Check(code="CHR-V101", summary="a source that nobody reads", find=find, severity=Severity.WARNING)
