"""docs/rules.md by example: every finding that it names for a rule of Chronon is told about a repository that breaks the rule."""

from __future__ import annotations

import functools
import re
from pathlib import Path

import pytest
from repositories import documents, write
from rules_examples import ABSENT, ALLOWED, TOLD, Example

from chronon.model.diagnostics import Diagnostic, Severity
from chronon.model.time import Day
from chronon.validators import validate

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"
TODAY = Day(20_000)

ELSEWHERE = {
    "C7": "see 2.7",
    "J19": "see 2.10",
    "names that differ in capitals": "tests/cases/checks/CHR-V033, CHR-V100: columns of tables may have capitals, and names may not",
    "`a.b_c` and `a_b.c` as tables and in the store": "tests/cases/checks/CHR-V024",
    "two parts of one group_by with one prefix": "P25",
    "prefix `x` with `y_z`, and `x_y_z`": "tests/cases/checks/CHR-V024",
    "rules that live in Spark only": "P14, J17, J10, J1, J13, J27",
    "duplicate parts, duplicate output columns": "P25 and the first collision",
    "window lengths, `k`, ranges of percentiles": "2.4, J3, P18",
    "schema of declared sources": "tests/cases/checks/CHR-V045, CHR-V053; CHR-R012 in tests/cases/commands",
    "references to unknown tables": "tests/cases/commands/CHR-K021, tests/cases/checks/CHR-V101",
    "J2": "tests/cases/commands/CHR-R011",
    "J25": "tests/cases/commands/CHR-V090",
}
"""Rules whose codes are executed by other examples."""


@functools.cache
def named() -> dict[str, set[str]]:
    """Rule → the codes that its line names; those of ranges (`CHR-S001 to CHR-S008`) are the first and the last."""
    found = {}
    for line in PAGE.read_text().splitlines():
        if line.startswith("| ") and not line.startswith(("| rule |", "| case |", "| gap |", "| mistake |")):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            found[cells[0]] = set(re.findall(r"CHR-[A-Z]\d{3}", cells[-1]))
    return found


def findings(example: Example, folder: Path) -> tuple[Diagnostic, ...]:
    write(folder, example.documents())
    for path, text in example.raw.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return validate(folder, TODAY)[2]


def test_repository_when_it_breaks_no_rule_then_has_no_findings(tmp_path: Path) -> None:
    assert validate(write(tmp_path, documents()), TODAY)[2] == ()


@pytest.mark.parametrize(("rule", "code"), [(rule, code) for rule, codes in TOLD.items() for code in codes])
def test_rule_when_broken_then_the_finding_of_the_page_is_told(rule: str, code: str, tmp_path: Path) -> None:
    assert code in {one.code for one in findings(TOLD[rule][code], tmp_path)}


@pytest.mark.parametrize("rule", ABSENT)
def test_rule_about_what_is_not_here_when_written_then_is_an_unknown_field(rule: str, tmp_path: Path) -> None:
    assert {one.code for one in findings(ABSENT[rule], tmp_path)} == {"CHR-S010"}


@pytest.mark.parametrize("rule", ALLOWED)
def test_rule_that_does_not_hold_here_when_broken_then_is_no_error(rule: str, tmp_path: Path) -> None:
    assert [one for one in findings(ALLOWED[rule], tmp_path) if one.severity is Severity.ERROR] == []


def test_page_when_it_names_findings_then_each_has_an_example() -> None:
    lacking = {
        rule: codes - set(TOLD.get(rule, ()))
        for rule, codes in named().items()
        if rule not in ELSEWHERE and rule not in ABSENT and codes - set(TOLD.get(rule, ()))
    }

    assert lacking == {}
    assert {*TOLD, *ABSENT, *ALLOWED, *ELSEWHERE} <= set(named())


def test_example_when_it_stands_under_a_rule_then_the_page_names_its_code() -> None:
    assert {rule: set(codes) - named()[rule] for rule, codes in TOLD.items() if set(codes) - named()[rule]} == {}
