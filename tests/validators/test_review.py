"""A review that remembers finds what one that does not finds: both are held against the checks of the whole repository."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_cases import CASES, all_codes

from chronon.loaders.memory import Memory
from chronon.loaders.summaries import heard, unchanged
from chronon.model.diagnostics import Diagnostic
from chronon.validators import validate
from chronon.validators.review import review

LATER = 3_600 * 10**9
"""Nanoseconds after which the stamps of files just written are relied on."""


def a_memory(folder: Path) -> Memory:
    folder.mkdir(exist_ok=True)
    return Memory(folder=folder, repository="a", key=bytes(32))


def reviewed(root: Path, memory: Memory | None, later: int = LATER) -> tuple[Diagnostic, ...]:
    """As the command does it: what is remembered of all files, else a review."""
    begun = time.time_ns() + later
    answer = unchanged(root, memory, begun) if memory else None
    return heard(answer.found) if answer else review(root, memory, begun).found


def laid(root: Path, case: str, which: str) -> None:
    """The files of a case over those of the base, nothing else."""
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(CASES / "base", root)
    shutil.copytree(CASES / case / which, root, symlinks=True, dirs_exist_ok=True)


@pytest.mark.parametrize("code", all_codes())
def test_review_when_a_case_comes_and_goes_then_finds_what_validate_finds(code: str, tmp_path: Path) -> None:
    root, memory = tmp_path / "repository", a_memory(tmp_path / "memory")
    for which in ("good", "bad", "good", "bad"):
        laid(root, code, which)
        expected = validate(root)[2]

        assert review(root, None, time.time_ns()).found == expected
        for _ in range(2):
            assert reviewed(root, memory) == expected


def files(root: Path) -> list[Path]:
    """Those of teams: there is always one to edit."""
    found = sorted(file for file in root.rglob("*.yaml") if file.is_file() and file.parent != root)
    if not found:
        shutil.copytree(CASES / "base/teams", root / "teams", dirs_exist_ok=True)
    return found or files(root)


def overlay(root: Path, random: Random) -> None:
    """A few files of a case."""
    case = CASES / random.choice(all_codes()) / random.choice(("bad", "good"))
    for file in files(case)[: random.randrange(1, 4)]:
        target = root / file.relative_to(case)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)


def removal(root: Path, random: Random) -> None:
    random.choice(files(root)).unlink()


def return_of_the_base(root: Path, random: Random) -> None:
    file = random.choice(files(CASES / "base"))
    target = root / file.relative_to(CASES / "base")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(file, target)


def new_name(root: Path, random: Random) -> None:
    """An object under another name: its readers lose it, and others may find it."""
    file = random.choice(files(root))
    name = random.choice(["carrier", "carrier@2", "departure", "plane", "moved"])
    text = file.read_text(errors="replace")
    kind = text.partition(":")[0]
    file.unlink()
    moved = text.replace(f"{kind}: {file.stem}", f"{kind}: {name.partition('@')[0]}", 1)
    file.with_name(f"{name}.yaml").write_text(moved)


def other_word(root: Path, random: Random) -> None:
    """One word of a file replaced by one of another file."""
    file, other = random.choice(files(root)), random.choice(files(root))
    words, others = file.read_text(errors="replace").split(" "), other.read_text(errors="replace").split()
    words[random.randrange(len(words))] = random.choice(others or ["x"])
    file.write_text(" ".join(words))


def team_without_a_file(root: Path, random: Random) -> None:
    """A team of one object and nothing else."""
    file = random.choice(files(root))
    target = root / "teams" / "late" / file.parent.name / file.name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(file.read_bytes())


EDITS: tuple[Callable[[Path, Random], None], ...] = (
    overlay, overlay, removal, return_of_the_base, return_of_the_base, new_name, other_word, team_without_a_file,
)  # fmt: skip


@settings(max_examples=12)
@given(seed=st.integers(min_value=0, max_value=2**32))
def test_review_when_files_are_edited_at_random_then_finds_what_validate_finds(seed: int) -> None:
    random = Random(seed)
    with TemporaryDirectory() as temporary:
        root, memory = Path(temporary, "repository"), a_memory(Path(temporary, "memory"))
        shutil.copytree(CASES / "base", root)
        for _ in range(8):
            for _ in range(random.randrange(3)):
                random.choice(EDITS)(root, random)

            assert reviewed(root, memory, random.choice((0, LATER))) == validate(root)[2]


def test_review_when_one_object_is_edited_then_it_and_its_readers_are_checked_again(tmp_path: Path) -> None:
    root, memory = tmp_path / "repository", a_memory(tmp_path / "memory")
    shutil.copytree(CASES / "base", root)
    first = review(root, memory, time.time_ns() + LATER)
    edited = root / "teams/flights/group_bys/carrier.yaml"
    edited.write_text(edited.read_text() + "description: Another\n")

    second = review(root, memory, time.time_ns() + LATER)
    third = review(root, memory, time.time_ns() + LATER)

    assert len(first.checked) == first.definitions
    assert second.checked == ("teams/flights/group_bys/carrier.yaml", "teams/flights/joins/departure.yaml")
    assert third.checked == ()
