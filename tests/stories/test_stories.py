"""Stories: `<verb>/<story>/run.sh` run line by line in a copy of a repository, and everything it says.

The repository is the story's `repo/`, or the shop with its tables where there is none. CHRONON_BLESS=1 rewrites
`expected.txt`; read the difference in review. A plain `chronon …` runs in this process, any other line in a shell;
what a line that begins with `@` says is left out.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from chronon.cli.app import run

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "cli.md"
STORIES = sorted(script.parent for script in HERE.glob("*/*/run.sh"))
PLAIN = re.compile(r"chronon [^|<>;&*'\"$]*")
VARYING = (
    (re.compile(r"p-[0-9a-f]{16}"), "p-…"),
    (re.compile(r"\b\d+(\.\d+)? s\b"), "… s"),
    (re.compile(r'(?<="seconds": )\d+(\.\d+)?'), "…"),
    (re.compile(r"\b\d+(\.\d+)? (B|kB|MB|GB)\b"), "… kB"),
    (re.compile(r"\b20(?:2[5-9]|[3-9]\d)-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "<moment>"),
    (re.compile(r"\S+@\S+ pid \d+"), "<who>"),
)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: f"{story.parent.name}/{story.name}")
def test_story_when_told_then_says_what_was_agreed(
    story: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _repository(story, tmp_path / "repo")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("NO_COLOR", "1")

    told = "".join(_tell(line, folder) for line in (story / "run.sh").read_text().splitlines() if line.strip())

    expected = story / "expected.txt"
    if os.environ.get("CHRONON_BLESS"):
        expected.write_text(told)
    assert told == expected.read_text()


def test_stories_when_blessed_then_none_is_empty_or_tells_of_a_bug() -> None:
    told = {story: (story / "expected.txt").read_text() for story in STORIES}

    assert told
    assert [story for story, text in told.items() if not text.strip() or "CHR-I000" in text] == []


def test_session_when_documented_then_is_what_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (session,) = re.findall(r"^```console\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    folder = _shop(tmp_path / "repo")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("NO_COLOR", "1")

    told = "".join(_tell(line[2:], folder) for line in session.splitlines() if line.startswith("$ "))

    assert told == _steady(session)


def _repository(story: Path, folder: Path) -> Path:
    if not (story / "repo").is_dir():
        return _shop(folder)
    shutil.copytree(story / "repo", folder)
    (folder / ".gitkeep").unlink(missing_ok=True)
    return folder


def _shop(folder: Path) -> Path:
    sys.path.insert(0, str(HERE))
    try:
        from shop_data import write_tables
    finally:
        sys.path.remove(str(HERE))
    shutil.copytree(HERE / "shop", folder)
    write_tables(folder / "data")
    return folder


def _tell(line: str, folder: Path) -> str:
    if line.startswith("#"):
        return f"{line}\n"
    line, is_shown = line.removeprefix("@"), not line.startswith("@")
    output, code = _in_process(line) if PLAIN.fullmatch(line) else _in_shell(line, folder)
    output = _steady(output.replace(str(folder), "<repo>")) if is_shown or code else ""
    return f"$ {line}\n{output}" + (f"[exit {code}]\n" if code else "")


def _steady(text: str) -> str:
    """The text without what differs from run to run."""
    for pattern, name in VARYING:
        text = pattern.sub(name, text)
    return text


def _in_process(line: str) -> tuple[str, int]:
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        code = run(line.split()[1:])
    return output.getvalue(), code


def _in_shell(line: str, folder: Path) -> tuple[str, int]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=folder,
        env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=60,
    )
    return done.stdout, done.returncode
