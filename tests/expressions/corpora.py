"""Two lists of expressions: what must be refused and what must be accepted, one a line, grouped by kind."""

from __future__ import annotations

from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"


def lines(name: str) -> list[str]:
    """The expressions of a list. Headings (`## `), the first line and empty lines are none."""
    written = (CORPUS / name).read_text().split("\n")[1:]
    return [line for line in written if line and not line.startswith("## ")]


INJECTIONS = lines("injections.txt")
ORDINARY = lines("ordinary.txt")
