"""The page of operations names every code that runs and stores can end with, and no other."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = re.compile(r"CHR-[RK]\d{3}")


def test_codes_of_runs_and_stores_when_documented_then_are_those_of_the_code() -> None:
    sources = (ROOT / "src/chronon").rglob("*.py")
    raised = {code for path in sources for code in re.findall(r'"(CHR-[RK]\d{3})"', path.read_text())}
    page = (ROOT / "docs/operations.md").read_text()
    ranges = re.findall(r"CHR-([RK])(\d{3}) … CHR-\1(\d{3})", page)
    spanned = {f"CHR-{room}{number:03}" for room, a, b in ranges for number in range(int(a), int(b) + 1)}

    assert set(CODE.findall(page)) | spanned == raised
