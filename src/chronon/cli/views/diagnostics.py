"""Findings as text and JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from chronon.cli.terminal import PLAIN, Paint, printable
from chronon.cli.views.words import plural
from chronon.model.diagnostics import Diagnostic, Severity


def diagnostic_lines(found: Sequence[Diagnostic], paint: Paint = PLAIN) -> list[str]:
    """`path:line:col: error CODE message` and an indented hint for each, in the order given."""
    lines = []
    for one in found:
        mark = paint.bad if one.severity is Severity.ERROR else paint.warn
        lines.append(
            f"{paint.strong(printable(str(one.span)))}: {mark(one.severity)} {one.code} {printable(one.message)}"
        )
        if one.hint:
            lines.append(f"    hint: {printable(one.hint)}")
    return lines


def counts(found: Sequence[Diagnostic]) -> str:
    """`3 errors, 1 warning`; `no findings`."""
    by_severity = Counter(one.severity for one in found)
    parts = [plural(by_severity[severity], severity) for severity in Severity if by_severity[severity]]
    return ", ".join(parts) or "no findings"


def diagnostics_plain(found: Sequence[Diagnostic]) -> list[dict[str, Any]]:
    """Findings for JSON."""
    return [
        {
            "code": one.code,
            "severity": one.severity.value,
            "path": one.span.path,
            "line": one.span.line,
            "column": one.span.column,
            "message": one.message,
            "hint": one.hint,
        }
        for one in found
    ]


def diagnostics_json(found: Sequence[Diagnostic], **more: Any) -> str:
    """One JSON object: `findings`, and what the caller adds."""
    return json.dumps({"findings": diagnostics_plain(found), **more}, ensure_ascii=False)
