"""docs/rules.md has a line for every rule of Chronon, and names no code that does not exist."""

from __future__ import annotations

import re
from pathlib import Path

from chronon.cli.manual import pages
from chronon.validators import all_checks

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"

NUMBERED = {"P": 33, "W": 1, "C": 20, "J": 29}
"""Letter → its last rule."""

PARAGRAPHS = ["2.4", "2.5", "2.6", "2.7", "2.8", "2.9", "2.10"]


def rows() -> list[list[str]]:
    """The cells of every row of every table, heads left out."""
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def test_page_when_read_then_has_each_rule_once_and_in_order() -> None:
    found = [cells[0] for cells in rows() if re.fullmatch(r"[PWCJ]\d+", cells[0])]

    assert found == [f"{letter}{number}" for letter, last in NUMBERED.items() for number in range(1, last + 1)]


def test_page_when_read_then_has_each_paragraph() -> None:
    found = [cells[0].split()[0] for cells in rows() if re.match(r"\d", cells[0])]

    assert found == PARAGRAPHS
    assert "### Collisions of 2.9" in PAGE.read_text()
    assert "### Gaps of 6.2" in PAGE.read_text()


def test_codes_when_named_then_have_a_page_each() -> None:
    named = set(re.findall(r"CHR-[A-Z]\d{3}", PAGE.read_text()))

    assert sorted(named - set(pages())) == []


def test_lines_when_read_then_none_is_left_open() -> None:
    assert [cells for cells in rows() if not all(cells)] == []


def test_checks_about_new_mistakes_when_listed_then_are_on_the_page() -> None:
    text = PAGE.read_text()

    assert [check.code for check in all_checks() if check.code >= "CHR-V100" and check.code not in text] == []
