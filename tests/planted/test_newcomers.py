"""What a newcomer is told: one finding per mistake, at its very token, with what to write. newcomers.txt is read in review."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from newcomers import HEALTHY, MISTAKES

from chronon.model.diagnostics import Diagnostic
from chronon.validators import validate

HERE = Path(__file__).parent
BASE = HERE.parent / "cases" / "checks" / "base"
TOLD = HERE / "newcomers.txt"


def found_in(folder: Path, name: str) -> tuple[Diagnostic, ...]:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(BASE, folder)
    for path, text in MISTAKES[name].items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text)
    return validate(folder)[2]


def shown(folder: Path, name: str, found: tuple[Diagnostic, ...]) -> str:
    """The line of each finding with a mark below its column, and what is told."""
    lines = [f"## {name}"]
    for one in found:
        text = (folder / one.span.path).read_text().splitlines()
        lines += [text[one.span.line - 1] if text else "", " " * (one.span.column - 1) + "^"]
        lines.append(f"{one.code} {one.message}{f' ({one.hint})' if one.hint else ''}")
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def all_found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[tuple[Diagnostic, ...], str]]:
    """Mistake → its findings, and how they are shown."""
    folder = tmp_path_factory.mktemp("newcomers") / "repository"
    told = {}
    for name in MISTAKES:
        found = found_in(folder, name)
        told[name] = (found, shown(folder, name, found))
    return told


def test_mistakes_of_newcomers_when_checked_then_each_is_told_once_with_what_to_write(
    all_found: dict[str, tuple[tuple[Diagnostic, ...], str]],
) -> None:
    found = {name: each for name, (each, _shown) in all_found.items()}

    assert {name: [one.code for one in each] for name, each in found.items() if len(each) != 1} == {}
    assert [name for name, (one,) in found.items() if not one.hint and "expected" not in one.message] == []


def test_mistakes_of_newcomers_when_checked_then_are_told_as_they_were_read_in_review(
    all_found: dict[str, tuple[tuple[Diagnostic, ...], str]],
) -> None:
    told = "\n".join(text for _found, text in all_found.values())

    if os.environ.get("CHRONON_BLESS"):
        TOLD.write_text(told)
    assert told == TOLD.read_text()


def test_healthy_files_when_they_replace_those_of_the_base_then_have_no_findings(tmp_path: Path) -> None:
    shutil.copytree(BASE, tmp_path / "repository")
    for path, text in HEALTHY.items():
        (tmp_path / "repository" / path).write_text(text)

    assert validate(tmp_path / "repository")[2] == ()
