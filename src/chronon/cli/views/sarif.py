"""Findings as SARIF 2.1.0, the format in which code hosts keep, compare and show them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from chronon.cli.landmarks import Landmark
from chronon.cli.manual import Page
from chronon.cli.views.page import page_lines
from chronon.model.diagnostics import Diagnostic, Severity

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
RESULTS_AT_MOST = 25_000
"""More results in one run are refused by GitHub."""

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning"}


def sarif_json(
    found: Sequence[Diagnostic],
    marks: Sequence[Landmark],
    pages: Mapping[str, Page],
    *,
    version: str,
    docs: str | None = None,
) -> str:
    """One SARIF log with one run: a rule for each code that occurs, a result for each finding.

    found, marks: findings with their landmarks, in one order.  docs: address of docs/checks.md, for links.
    """
    codes = sorted({one.code for one in found})
    numbers = {code: number for number, code in enumerate(codes)}
    errors_first = sorted(zip(found, marks, strict=True), key=lambda pair: pair[0].severity is not Severity.ERROR)
    driver: dict[str, Any] = {
        "name": "chronon",
        "version": version,
        "rules": [_rule(pages[code], docs) for code in codes],
    }
    run: dict[str, Any] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, mark, numbers[one.code]) for one, mark in errors_first[:RESULTS_AT_MOST]],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=1)


def _rule(page: Page, docs: str | None) -> dict[str, Any]:
    text = "\n".join(page_lines(page))
    rule: dict[str, Any] = {
        "id": page.code,
        "shortDescription": {"text": page.title},
        "fullDescription": {"text": page.meaning},
        "help": {"text": text, "markdown": f"{page.meaning}\n\n{page.reason}\n\n{page.repair}"},
    }
    return rule | ({"helpUri": f"{docs}#{page.code.lower()}"} if docs else {})


def _result(one: Diagnostic, mark: Landmark, rule: int) -> dict[str, Any]:
    region = {
        "startLine": one.span.line,
        "startColumn": one.span.column,
        "endLine": one.span.line,
        "endColumn": mark.end,
    }
    place = {"artifactLocation": {"uri": quote(one.span.path)}, "region": region}
    return {
        "ruleId": one.code,
        "ruleIndex": rule,
        "level": _LEVELS[one.severity],
        "message": {"text": f"{one.message} ({one.hint})" if one.hint else one.message},
        "locations": [{"physicalLocation": place}],
        # GitHub looks at the first name only; other readers take any.
        "partialFingerprints": {"primaryLocationLineHash": mark.fingerprint, "chronon/v1": mark.fingerprint},
    }
