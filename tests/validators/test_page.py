"""docs/checks.md lists every code that reading and checking a repository can give."""

from __future__ import annotations

import os
import re
from pathlib import Path

from chronon.cli.manual import pages
from chronon.loaders import codes
from chronon.schemas.documents import document_schema
from chronon.validators import all_checks
from chronon.validators.check import Check
from chronon.validators.compatibility import Reason

PAGE = Path(__file__).parents[2] / "docs" / "checks.md"

HEAD = """# Findings and errors, by code

Every finding of `chronon validate` has a place (`file:line:column`), a code that never changes its meaning, what was found, and what
to do. `chronon explain CHR-V014` tells what a code means, why it matters, how to repair it, and shows an example of both;
`chronon explain` lists all codes. `tests/cases/checks/<code>/` shows the mistake (`bad/`), its repair (`good/`) and the exact lines
(`expected.txt`); `tests/cases/commands/<code>/` does so for the codes of commands, the server and programs. An error stops `plan`; a warning does not. A file that cannot be read makes no further findings elsewhere.

This page is written by `make bless` from the checks and pages themselves.
"""

ROOMS = {
    "X": "Expressions",
    "W": "Operations, windows and stored states",
    "P": "Planning",
    "R": "Running",
    "K": "Stores",
    "F": "Fetching",
    "I": "Our own mistakes",
}


BY_MODE = dict.fromkeys(Reason, "error; a warning where no `compatibility` is declared")


def render() -> str:
    checks = {check.code: check for check in all_checks()}
    lines = [HEAD, "## Reading files\n", "All of these are errors.\n", "| code | finding |", "|---|---|"]
    lines += [row(code) for code in pages() if code.startswith("CHR-S")]
    lines += ["", "## Meaning\n", "| code | severity | finding |", "|---|---|---|"]
    lines += [
        f"| {anchor(code)} | {severity(checks[code]) if code in checks else BY_MODE.get(code, 'error')} | {page.title} |"
        for code, page in pages().items()
        if code.startswith("CHR-V")
    ]
    for letter, title in ROOMS.items():
        lines += ["", f"## {title}\n", "| code | what is told |", "|---|---|"]
        lines += [row(code) for code in pages() if code.startswith(f"CHR-{letter}")]
    return "\n".join([*lines, ""])


def severity(check: Check) -> str:
    return f"as `checks: {{{check.request}: ...}}` says" if check.request else check.severity.value


def row(code: str) -> str:
    return f"| {anchor(code)} | {pages()[code].title} |"


def anchor(code: str) -> str:
    """The code as a place that the rules of SARIF link to."""
    return f'<a id="{code.lower()}"></a>{code}'


def test_page_when_compared_with_the_checks_then_is_up_to_date() -> None:
    if os.environ.get("CHRONON_BLESS"):
        PAGE.write_text(render())

    assert PAGE.read_text() == render()


def test_checks_on_request_when_listed_then_both_schemas_and_the_manual_have_them() -> None:
    asked = {check.request: check.code for check in all_checks() if check.request}
    manual = (PAGE.parent / "cli.md").read_text()

    for name in ("chronon", "team"):
        fields = document_schema(name)["$defs"]["checks"]["properties"]
        assert {field: re.findall(r"CHR-V\d{3}", about["description"]) for field, about in fields.items()} == {
            field: [code] for field, code in asked.items()
        }
    assert [f"`{field}`" in manual and f"| {code} |" in manual for field, code in asked.items()] == [True] * len(asked)


def test_codes_when_listed_then_have_the_form_of_their_room() -> None:
    assert all(re.fullmatch(r"CHR-V\d{3}", check.code) for check in all_checks())
    assert all(re.fullmatch(r"CHR-S\d{3}", code) for code in codes.SUMMARIES)
