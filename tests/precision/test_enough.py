"""The least is enough: after every edit of the corpus, applying its plan to real files ends where a rebuild from nothing does.

Cases rotate with the commit; CHRONON_PRECISION says how many.
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from rebuilding import differing, grown
from test_soundness import SEED

from cases import SHOP, edited, names

COUNT = int(os.environ.get("CHRONON_PRECISION", "3"))
STAYS = {"source_starts_later", "source_ends", "query_starts_later", "query_ends", "start_of_a_parent_later"}
"""Ranges are not meaning: what is published stays as it was computed, and a rebuild within the new range has less."""

REFUSED = {"mutation_column_type"}
"""Milliseconds since 1970 are no ints: real files are refused, and there is nothing to compare."""

CASES = sorted(set(names()) - STAYS - REFUSED)
CHOSEN = sorted(random.Random(SEED).sample(CASES, min(COUNT, len(CASES))))


@pytest.fixture(scope="module")
def homes() -> Iterator[Path]:
    memory = Path("/dev/shm")  # noqa: S108 - a name of its own is made in it
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def shop(homes: Path) -> Path:
    """The shop, applied as it is."""
    root = homes / "shop"
    shutil.copytree(SHOP, root)
    grown(root)
    return root


@pytest.mark.slow
@pytest.mark.parametrize("case", CHOSEN)
def test_edit_when_applied_ends_where_a_rebuild_does(case: str, shop: Path, homes: Path) -> None:
    ours, new = homes / case / "ours", homes / case / "new"
    for folder in (ours, new):
        edited(case, folder)
        (folder / "data").symlink_to(shop / "data")
    shutil.copytree(shop / "home", ours / "home")

    found = differing(ours, new)

    shutil.rmtree(homes / case)
    assert found == []
