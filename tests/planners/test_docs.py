"""docs/planning.md has every code that planners can give, and no other."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_codes_of_the_room_and_of_its_page_are_the_same() -> None:
    files = [*(ROOT / "src/chronon/planners").glob("*.py"), ROOT / "src/chronon/cli/correcting.py"]
    sources = "".join(path.read_text() for path in files)
    used = set(re.findall(r'"(CHR-P\d{3})"', sources))

    told = set(re.findall(r"^\| (CHR-P\d{3}) \|", (ROOT / "docs/planning.md").read_text(), flags=re.MULTILINE))

    assert used == told
