"""Every code that a command, a server or a program gives has a folder in tests/cases/commands.

`bad/` shows how it comes about and `expected.txt` what is said then; `good/` shows the way without it. Both have a
`run.sh` of lines as the stories have them, and files that are laid over the shop: over the deployed one where the
script begins with `@chronon apply --yes`, which is done once for all of them.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from telling import shop, tell

from chronon.model.errors import ChrononError

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases" / "commands"
CHECKS = ROOT / "tests" / "cases" / "checks"
CODES = sorted(folder.name for folder in CASES.iterdir())
ENGINES = {"CHR-R005", "CHR-R024"}
DEPLOYED = "@chronon apply --yes"

TOLD_AS = {
    **dict.fromkeys(("CHR-X001", "CHR-X002", "CHR-X003", "CHR-X004", "CHR-X005", "CHR-X006"), "CHR-V005"),
    **dict.fromkeys(("CHR-W001", "CHR-W002", "CHR-W003"), "CHR-V010"),
    "CHR-W009": "CHR-V040",
}
"""Codes of the core that `validate` tells under a code of its own, with the place."""


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """The shop, and the shop after its first apply."""
    fresh = shop(tmp_path_factory.mktemp("fresh") / "repo")
    deployed = tmp_path_factory.mktemp("deployed") / "repo"
    shutil.copytree(fresh, deployed)
    before = Path.cwd()
    os.chdir(deployed)
    try:
        tell(DEPLOYED, deployed)
    finally:
        os.chdir(before)
    return {False: fresh, True: deployed}


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The codes of all errors that were made, also of those that are told under another code."""
    codes: set[str] = set()
    make = ChrononError.__init__

    def noted(self: ChrononError, code: str, message: str, hint: str = "") -> None:
        codes.add(code)
        make(self, code, message, hint)

    monkeypatch.setattr(ChrononError, "__init__", noted)
    return codes


def told(case: Path, shops: dict[bool, Path], folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    lines = [line for line in (case / "run.sh").read_text().splitlines() if line.strip()]
    is_deployed = lines[0] == DEPLOYED
    shutil.copytree(shops[is_deployed], folder)
    shutil.copytree(case, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("run.sh"))
    monkeypatch.chdir(folder)
    monkeypatch.setenv("NO_COLOR", "1")
    return "".join(tell(line, folder) for line in lines[is_deployed:])


def cases() -> list[object]:
    return [pytest.param(code, marks=[pytest.mark.engine] if code in ENGINES else []) for code in CODES]


@pytest.mark.parametrize("code", cases())
def test_bad_case_when_run_then_tells_exactly_what_is_expected(
    code: str, shops: dict[bool, Path], given: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = told(CASES / code / "bad", shops, tmp_path / "repo", monkeypatch)

    expected = CASES / code / "expected.txt"
    if os.environ.get("CHRONON_BLESS"):
        expected.write_text(said)
    assert said == expected.read_text()
    assert TOLD_AS.get(code, code) in said
    assert code in said or code in given
    assert "Traceback" not in said


@pytest.mark.parametrize("code", cases())
def test_good_case_when_run_then_is_done(
    code: str, shops: dict[bool, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = told(CASES / code / "good", shops, tmp_path / "repo", monkeypatch)

    assert "[exit" not in said, said
    assert not re.findall(r"(?<!warning )CHR-(?!P1)[A-Z]\d{3}", said), said
    assert code not in said


def test_codes_when_given_in_the_source_then_each_has_a_folder() -> None:
    files = (ROOT / "src" / "chronon").rglob("*.py")
    codes = {code for file in files for code in re.findall(r"CHR-[A-Z][0-9]{3}", file.read_text())}
    folders = {folder.name for folder in CHECKS.iterdir()} - {"base"}

    assert set(CODES).isdisjoint(folders)
    assert codes - folders == set(CODES)
