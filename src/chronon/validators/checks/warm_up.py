"""Tiles that may warm up, and there are none."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.diagnostics import Severity
from chronon.model.specs import Accuracy, GroupBySpec
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context
from chronon.validators.defaults import accuracy_of


def find(context: Context) -> Iterator[Finding]:
    """Every group_by with `warm_up` that certainly has no stream. Without a topic it is asked at 00:00, or refused (CHR-V018)."""
    for spec in context.repository.group_bys.values():
        why = _unstreamed(context, spec) if spec.warm_up else ""
        if why:
            message = f"`warm_up` has no effect: {why}"
            yield Finding(span=spec.header.span("warm_up"), message=message, hint="remove it")


def _unstreamed(context: Context, spec: GroupBySpec) -> str:
    if not spec.online:
        return "the group_by is not online"
    return "it is asked at 00:00, and has no tiles" if accuracy_of(context, spec) is Accuracy.SNAPSHOT else ""


CHECK = Check(code="CHR-V119", summary="`warm_up` of a group_by without a stream", find=find, severity=Severity.WARNING)
