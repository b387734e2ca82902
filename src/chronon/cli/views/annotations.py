"""Findings as workflow commands, which GitHub shows beside the changed lines."""

from __future__ import annotations

from collections.abc import Sequence

from chronon.cli.views.words import plural
from chronon.model.diagnostics import Diagnostic, Severity

SHOWN_AT_MOST = 10
"""GitHub drops more annotations of one level in one step."""


def github_lines(found: Sequence[Diagnostic]) -> list[str]:
    """At most ten annotations of each level, errors first, and a plain line that says how many more there are."""
    by_level = {severity: [one for one in found if one.severity is severity] for severity in Severity}
    lines = [_annotation(one) for level in by_level.values() for one in level[:SHOWN_AT_MOST]]
    hidden = {severity: len(level) - SHOWN_AT_MOST for severity, level in by_level.items()}
    if more := ", ".join(plural(count, f"more {severity.value}") for severity, count in hidden.items() if count > 0):
        lines.append(f"{more} not shown here: run `chronon validate`, or upload `chronon validate --format sarif`")
    return lines


def _annotation(one: Diagnostic) -> str:
    place = f"file={_property(one.span.path)},line={one.span.line},col={one.span.column},title={one.code}"
    return f"::{one.severity} {place}::{_data(one.message + (f' ({one.hint})' if one.hint else ''))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
