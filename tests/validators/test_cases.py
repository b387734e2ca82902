"""Every code has a folder: `bad/` shows the mistake, `good/` its repair; both lie over the files of `base/`."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from chronon.loaders import codes
from chronon.model.diagnostics import Diagnostic
from chronon.model.time import Day
from chronon.validators import all_checks, validate

CASES = Path(__file__).parents[1] / "cases" / "checks"
TOLD_ELSEWHERE = {codes.UNREADABLE, codes.NO_CONFIG, codes.NO_GIT, codes.NO_REVISION}
"""Codes without a folder: a folder cannot hold what they are about; tests/loaders has them."""

TODAY = Day(20_000)
"""A day in 2024; those of the cases have passed long before it, or will long after."""


def lines(found: tuple[Diagnostic, ...]) -> str:
    """Findings as text: place, code, message, hint."""
    return "".join(f"{one.span} {one.code} {one.message}{f' ({one.hint})' if one.hint else ''}\n" for one in found)


def findings(case: str, which: str, folder: Path) -> tuple[Diagnostic, ...]:
    shutil.copytree(CASES / "base", folder)
    shutil.copytree(CASES / case / which, folder, symlinks=True, dirs_exist_ok=True)
    return validate(folder, TODAY)[2]


def all_codes() -> list[str]:
    return sorted({check.code for check in all_checks()} | set(codes.SUMMARIES) - TOLD_ELSEWHERE)


@pytest.mark.parametrize("code", all_codes())
def test_bad_case_when_validated_then_tells_exactly_what_is_expected(code: str, tmp_path: Path) -> None:
    found = findings(code, "bad", tmp_path / "repository")

    expected = CASES / code / "expected.txt"
    if os.environ.get("CHRONON_BLESS"):
        expected.write_text(lines(found))
    assert lines(found) == expected.read_text()
    assert code in {one.code for one in found}


@pytest.mark.parametrize("code", all_codes())
def test_good_case_when_validated_then_has_no_findings(code: str, tmp_path: Path) -> None:
    assert lines(findings(code, "good", tmp_path / "repository")) == ""


def test_cases_when_listed_then_each_belongs_to_a_code() -> None:
    folders = {folder.name for folder in CASES.iterdir()} - {"base"}

    assert folders == set(all_codes())
