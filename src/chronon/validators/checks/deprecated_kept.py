"""Something that was to be removed and is still there."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.diagnostics import Severity
from chronon.model.items import items_of
from chronon.model.specs import Deprecation, Header, Path
from chronon.model.time import day_text
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context
from chronon.validators.deprecations import leaving


def find(context: Context) -> Iterator[Finding]:
    """Everything whose last day has passed."""
    for spec in leaving(context):
        name = f"{spec.header.id.kind} `{spec.header.id}`"
        yield from _late(context, spec.header, name, (), spec.header.deprecated)
        for item in items_of(spec):
            yield from _late(context, spec.header, str(item), item.path, item.deprecated)


def _late(context: Context, header: Header, name: str, path: Path, deprecated: Deprecation | None) -> Iterator[Finding]:
    if deprecated and deprecated.until is not None and deprecated.is_past(context.whole.today):
        inner = (*path, "deprecated")
        until = (*inner, "until")
        yield Finding(
            span=header.span(*(until if until in header.spans else inner)),
            message=f"{name} was to go after {day_text(deprecated.until)}",
            hint="remove it, or give it a later day",
        )


CHECK = Check(
    code="CHR-V115", summary="something that was to be removed and is still there", find=find, severity=Severity.WARNING
)
