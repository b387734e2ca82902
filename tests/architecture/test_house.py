"""The house rules that a machine can check: sizes, names, links, what public code says of itself."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "chronon"
MODULES = sorted(SOURCE.rglob("*.py"))
LINKED = ("cli", "schemas", "validators", "planners", "runners")
NAMELESS = {"utils", "util", "helpers", "common", "misc", "manager", "base"}

MOST_LINES = 400
MOST_FUNCTION_LINES = 60


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_module_is_short_and_says_why_it_exists(path: Path) -> None:
    text = path.read_text()

    assert text.count("\n") <= MOST_LINES
    assert ast.get_docstring(ast.parse(text)), "a module says why it exists"
    assert path.stem not in NAMELESS


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_functions_are_short(path: Path) -> None:
    functions = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)]

    assert [f.name for f in functions if (f.end_lineno or f.lineno) - f.lineno >= MOST_FUNCTION_LINES] == []


@pytest.mark.parametrize("room", LINKED)
def test_link_at_the_top_leads_to_its_room(room: str) -> None:
    assert (ROOT / room).resolve() == SOURCE / room


def test_room_of_every_folder_is_on_the_map() -> None:
    architecture = (ROOT / "docs" / "architecture.md").read_text()

    rooms = [folder.name for folder in SOURCE.iterdir() if folder.is_dir() and folder.name != "__pycache__"]
    assert [room for room in rooms if room not in architecture] == []


def test_lock_files_name_no_registry() -> None:
    for lock in (ROOT / "requirements").glob("*.lock"):
        lines = lock.read_text().splitlines()
        assert [line for line in lines if "://" in line or line.startswith("-")] == []
        assert any("--hash=sha256:" in line for line in lines)


def test_continuous_integration_runs_what_the_readme_says() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    readme = (ROOT / "README.md").read_text()

    assert [line for line in script.splitlines() if line.startswith("exec")] == ["exec make test"]
    assert "\nmake test" in readme
    assert "\nmake demo" in readme


def test_help_lists_every_verb() -> None:
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    for verb in ("install", "demo", "test", "check", "fmt", "bench", "golden", "bless", "lock", "clean"):
        assert f"make {verb}" in listed
