"""Something that is read and shall go."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.diagnostics import Severity
from chronon.model.time import day_text
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context
from chronon.validators.deprecations import readings


def find(context: Context) -> Iterator[Finding]:
    """Every reference and every column read whose last day has not passed, unless what reads it goes no later."""
    for one in readings(context):
        if not one.deprecated.is_past(context.whole.today) and not one.is_leaving:
            until = one.deprecated.until
            what = "is deprecated" if until is None else f"may be read until {day_text(until)} only"
            yield Finding(span=one.span, message=one.told(what), hint=one.hint)


CHECK = Check(code="CHR-V112", summary="something that is read and shall go", find=find, severity=Severity.WARNING)
