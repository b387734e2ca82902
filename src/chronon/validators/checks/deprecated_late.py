"""Something that is still read after its last day."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.time import day_text
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context
from chronon.validators.deprecations import readings


def find(context: Context) -> Iterator[Finding]:
    """Every reference and every column read whose last day has passed."""
    for one in readings(context):
        if one.deprecated.is_past(context.whole.today) and one.deprecated.until is not None:
            what = f"was to be read until {day_text(one.deprecated.until)}"
            yield Finding(span=one.span, message=one.told(what), hint=one.hint)


CHECK = Check(code="CHR-V113", summary="something that is read after its last day", find=find)
