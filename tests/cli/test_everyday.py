"""Command lines that are answered without the parser of options say what the parser would have led to."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from chronon.cli.app import run
from chronon.cli.everyday import everyday, line_of

ROOT = Path(__file__).parents[2]


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "repository"
    shutil.copytree(ROOT / "teams", folder / "teams")
    shutil.copy(ROOT / "chronon.yaml", folder)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(folder)
    return folder


LINES = (
    "validate", "validate --json", "validate --repo .", "validate --repo=teams --json", "validate --repo /nowhere",
    "plan", "plan --json", "plan --env pr-1", "plan --target local --repo .", "plan -t nowhere", "plan --repo=/nowhere --json",
)  # fmt: skip


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("state", ["as it is", "with an error", "without a memory"])
def test_line_when_it_is_plain_then_is_answered_as_by_the_parser(
    line: str, state: str, repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if state == "with an error":
        (repository / "teams/airlines/group_bys/broken.yaml").write_text("group_by: broken\nkeys: 1\n")
    if state == "without a memory":
        monkeypatch.setenv("CHRONON_CACHE", "off")
    expected_code = run(line.split())
    expected = capsys.readouterr()

    for _ in range(2):  # the second time with a memory of the first
        code = everyday(line.split())
        said = capsys.readouterr()

        if code is None:
            assert "/nowhere" in line
            continue
        assert (code, said.err) == (expected_code, expected.err)
        assert timeless(said.out) == timeless(expected.out)


def timeless(text: str) -> str:
    return re.sub(r'in \d+\.\d+ s|"seconds": [\d.]+', "", text)


@pytest.mark.parametrize(
    "line",
    [
        "", "status", "plan --markdown", "plan --select x", "plan -v", "validate --format sarif", "validate extra", "plan --env",
        "plan --env --json", "validate --json --json", "validate --json=yes", "plan -t=local", "validate --env prod", "--help",
        "plan --help", "plan --as-of 2024-01-01", "plan --out plan.json", "validate --repo . --repo .",
    ],
)  # fmt: skip
def test_line_when_it_says_more_then_is_left_to_the_parser(line: str) -> None:
    assert line_of(line.split()) is None


def test_validate_when_nothing_has_changed_then_neither_parser_nor_checks_are_imported(repository: Path) -> None:
    run(["validate", "--repo", str(repository)])
    program = (
        "import sys; from chronon.cli.everyday import everyday; everyday(sys.argv[1:]);"
        "print('imported', *(name for name in ('typer', 'sqlglot', 'chronon.validators.review') if name in sys.modules))"
    )
    command = [sys.executable, "-c", program, "validate", "--repo", str(repository)]

    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert said.splitlines()[-1] == "imported"
