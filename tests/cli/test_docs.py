"""What the documentation says about the command line is what the command line does."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from chronon.cli.app import Commands
from chronon.cli.exits import ExitCode

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("teams/*.md")])
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)


def commands_of(page: Path) -> Iterator[tuple[str, list[str]]]:
    for block in BLOCK.findall(page.read_text()):
        for line in block.splitlines():
            words = shlex.split(line.removeprefix("$ "), comments=True) if line.startswith("$ chronon ") else []
            if words[1:] and not words[1].startswith("-"):
                plain = words[2:]
                ends = [plain.index(sign) for sign in ("|", ">", "&&", ";", "&") if sign in plain]
                yield words[1], plain[: min(ends, default=len(plain))]


SHOWN = [(page.relative_to(ROOT), verb, words) for page in PAGES for verb, words in commands_of(page)]


@pytest.mark.parametrize(("page", "verb", "words"), SHOWN, ids=str)
def test_documented_command_when_parsed_then_is_understood(page: Path, verb: str, words: list[str]) -> None:
    command = Commands()[verb]
    if group := getattr(command, "commands", None):  # a command of commands
        command, verb, words = group[words[0]], words[0], words[1:]

    context = command.make_context(verb, list(words))

    assert context.command.name == verb, page


def test_command_page_when_read_then_has_each_command_with_its_summary() -> None:
    verbs = Commands()
    rows = dict(re.findall(r"^\| `chronon (\w+)` \| (.*) \|$", (ROOT / "docs/cli.md").read_text(), re.MULTILINE))

    assert rows == {name: verbs.summary(name) for name in verbs}


def test_command_page_when_read_then_has_each_exit_code() -> None:
    codes = re.findall(r"^\| (\d+) \| ", (ROOT / "docs/cli.md").read_text(), re.MULTILINE)

    assert [int(code) for code in codes] == [code.value for code in ExitCode]
