"""docs/checks.md lists every code that reading and checking a repository can give."""

from __future__ import annotations

import os
import re
from pathlib import Path

from chronon.loaders import codes
from chronon.validators import all_checks

PAGE = Path(__file__).parents[2] / "docs" / "checks.md"

HEAD = """# Findings of `chronon validate`

Every finding has a place (`file:line:column`), a code that never changes its meaning, what was found, and what to do.
`tests/cases/checks/<code>/` shows the mistake (`bad/`), its repair (`good/`) and the exact lines (`expected.txt`).
An error stops `plan`; a warning does not. A file that cannot be read makes no further findings elsewhere.

This page is written by `make bless` from the checks themselves.
"""


def render() -> str:
    reading = [f"| {code} | {summary} |" for code, summary in codes.SUMMARIES.items()]
    meaning = [f"| {check.code} | {check.severity} | {check.summary} |" for check in all_checks()]
    return "\n".join(
        (
            HEAD,
            "## Reading files\n",
            "All of these are errors.\n",
            "| code | finding |",
            "|---|---|",
            *reading,
            "",
            "## Meaning\n",
            "| code | severity | finding |",
            "|---|---|---|",
            *meaning,
            "",
        )
    )


def test_page_when_compared_with_the_checks_then_is_up_to_date() -> None:
    if os.environ.get("CHRONON_BLESS"):
        PAGE.write_text(render())

    assert PAGE.read_text() == render()


def test_codes_when_listed_then_have_the_form_of_their_room() -> None:
    assert all(re.fullmatch(r"CHR-V\d{3}", check.code) for check in all_checks())
    assert all(re.fullmatch(r"CHR-S\d{3}", code) for code in codes.SUMMARIES)
