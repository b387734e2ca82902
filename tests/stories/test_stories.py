"""Stories: `<verb>/<story>/run.sh` run line by line in a copy of a repository, and everything it says.

The repository is the story's `repo/`, or the shop with its tables where there is none. CHRONON_BLESS=1 rewrites
`expected.txt`; read the difference in review. telling.py says how a line is run.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from telling import shop, steady, tell

HERE = Path(__file__).parent
PAGES = ("cli.md", "environments.md")
"""Pages with sessions in the shop; those of a page follow each other."""

STORIES = sorted(script.parent for script in HERE.glob("*/*/run.sh"))


@pytest.mark.parametrize("story", STORIES, ids=lambda story: f"{story.parent.name}/{story.name}")
def test_story_when_told_then_says_what_was_agreed(
    story: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _repository(story, tmp_path / "repo")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("NO_COLOR", "1")

    told = "".join(tell(line, folder) for line in (story / "run.sh").read_text().splitlines() if line.strip())

    expected = story / "expected.txt"
    if os.environ.get("CHRONON_BLESS"):
        expected.write_text(told)
    assert told == expected.read_text()


def test_stories_when_blessed_then_none_is_empty_or_tells_of_a_bug() -> None:
    told = {story: (story / "expected.txt").read_text() for story in STORIES}

    assert told
    assert [story for story, text in told.items() if not text.strip() or "CHR-I000" in text] == []


@pytest.mark.parametrize("page", PAGES)
def test_session_when_documented_then_is_what_happens(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (HERE.parents[1] / "docs" / page).read_text()
    sessions = re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    folder = shop(tmp_path / "repo")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("NO_COLOR", "1")

    told = ["".join(tell(line[2:], folder) for line in each.splitlines() if line.startswith("$ ")) for each in sessions]

    assert told
    assert told == [steady(each) for each in sessions]


def _repository(story: Path, folder: Path) -> Path:
    if not (story / "repo").is_dir():
        return shop(folder)
    shutil.copytree(story / "repo", folder)
    (folder / ".gitkeep").unlink(missing_ok=True)
    return folder
