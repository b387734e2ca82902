"""Every code has a page, every page is of a code, and the examples in them are the executed ones."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from unicodedata import category

import pytest

from chronon.cli.app import run
from chronon.cli.manual import pages
from chronon.loaders import codes
from chronon.validators import all_checks

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "chronon"
CASES = ROOT / "tests" / "cases" / "checks"
COMMANDS = ROOT / "tests" / "cases" / "commands"
EXAMPLES = SOURCE / "cli" / "pages" / "examples.json"
LONGEST_FILE = 2_000
MOST_TOLD = 4


def given() -> set[str]:
    """Every code that stands in the source, whatever room gives it."""
    return {code for file in SOURCE.rglob("*.py") for code in re.findall(r"CHR-[A-Z][0-9]{3}", file.read_text())}


def visible(sign: str) -> str:
    """The sign, or for one that a terminal would obey the sign for bytes that are no text."""
    return "\ufffd" if category(sign) in {"Cc", "Cf"} and sign not in "\n\r\t" else sign


def files(folder: Path) -> dict[str, str]:
    """The files of a case that a page can show: text of a reasonable length."""
    shown = {}
    for file in sorted(folder.rglob("*.y*ml")):
        if file.is_file() and not file.is_symlink():
            text = "".join(map(visible, file.read_bytes().decode("utf-8", errors="replace")))
            shown[file.relative_to(folder).as_posix()] = text if len(text) <= LONGEST_FILE else f"{text[:200]}…\n"
    return shown


def lines_of(case: Path) -> dict[str, str]:
    """What is typed in a case of a command: its script without preparations that only the test can read."""
    typed = [line.removeprefix("@") for line in (case / "run.sh").read_text().splitlines()]
    shown = [line for line in typed if not line.startswith("python prepare.py")]
    programs = {file.name: file.read_text().lstrip() for file in case.glob("program.py")}
    return {**({} if programs and len(shown) == 1 else {"run.sh": "".join(f"{line}\n" for line in shown)}), **programs}


def command_example(case: Path) -> dict[str, object]:
    """As `example`, with the commands that bring the code about, and those without it."""
    bad, good = files(case / "bad"), files(case / "good")
    same = {path for path in bad if good.get(path) == bad[path]}
    lines = [line for line in (case / "expected.txt").read_text().splitlines() if not line.startswith(("$", "#"))]
    begin = next((at for at, line in enumerate(lines) if case.name in line), None)
    if begin is None:  # told under the code of a check
        begin = next((at for at, line in enumerate(lines) if "error CHR-" in line or ": " in line), 0)
    hint = [line for line in lines[begin + 1 : begin + 2] if line.lstrip().startswith("hint: ")]
    return {
        "bad": {**lines_of(case / "bad"), **{path: text for path, text in bad.items() if path not in same}},
        "good": {**lines_of(case / "good"), **{path: text for path, text in good.items() if path not in same}},
        "told": [lines[begin].strip(), *map(str.strip, hint)],
    }


def example(case: Path) -> dict[str, object]:
    """The files that differ between the mistake and its repair, and what is said about the mistake."""
    bad, good = files(case / "bad"), files(case / "good")
    same = {path for path in bad if good.get(path) == bad[path]}
    told = [line for line in (case / "expected.txt").read_text().splitlines() if case.name in line]
    return {
        "bad": {path: text for path, text in bad.items() if path not in same},
        "good": {path: text for path, text in good.items() if path not in same},
        "told": told[:MOST_TOLD],
    }


def test_pages_when_compared_with_the_source_then_are_those_of_its_codes() -> None:
    assert set(pages()) == given()


def test_titles_when_a_check_has_a_summary_then_are_the_same() -> None:
    said = {check.code: check.summary for check in all_checks()} | dict(codes.SUMMARIES)

    assert {code: pages()[code].title for code in said} == said


def test_examples_when_compared_with_the_executed_cases_then_are_up_to_date() -> None:
    folders = sorted(folder for folder in CASES.iterdir() if folder.name != "base")
    commands = sorted(COMMANDS.iterdir())
    examples = {
        **{case.name: example(case) for case in folders},
        **{case.name: command_example(case) for case in commands},
    }
    written = json.dumps(examples, ensure_ascii=False, indent=1) + "\n"
    if os.environ.get("CHRONON_BLESS"):
        EXAMPLES.write_text(written)

    assert EXAMPLES.read_text() == written


@pytest.mark.parametrize("code", sorted(given()))
def test_explain_when_asked_about_a_code_then_tells_its_page(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", code]) == 0

    told = capsys.readouterr().out
    assert told.startswith(f"{code}  {pages()[code].title}\n")
    assert len(told.splitlines()) >= 6


def test_explain_when_asked_about_a_check_then_shows_mistake_message_and_repair(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["explain", "chr-v014"]) == 0

    told = capsys.readouterr().out
    assert "the mistake\n  teams/flights/group_bys/carrier.yaml\n    group_by: carrier\n" in told
    assert "is told as\n    teams/flights/group_bys/carrier.yaml:1:1 CHR-V014 " in told
    assert "the repair\n" in told


@pytest.mark.parametrize("code", ["CHR-V999", "CHR-V0144", "chr-v14"])
def test_explain_when_the_code_is_unknown_then_tells_the_nearest(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", code]) == 1

    assert "did you mean CHR-V0" in capsys.readouterr().err


def test_explain_when_asked_for_nothing_then_lists_every_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain"]) == 0

    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == sorted(pages())


def test_explain_when_asked_for_json_then_gives_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "CHR-S010", "--json"]) == 0

    page = json.loads(capsys.readouterr().out)
    assert page["code"] == "CHR-S010"
    assert page["bad"]
