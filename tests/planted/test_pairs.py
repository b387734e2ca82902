"""Two errors in one file: neither hides the other where it stands by itself, and nothing is told that neither of them is."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from planting import KINDS, planted
from seeds import Planted
from soil import REPOSITORY
from test_planted import WARNINGS, findings

SEED = int(os.environ.get("CHRONON_SEED", "0"))
PAIRS = int(os.environ.get("CHRONON_PAIRS", "400"))

SHAPES = {
    "field_typos", "missing_fields", "wrong_types", "enum_typos", "boolean_typos", "form_errors", "type_typos", "empty_values",
    "own_names",
}  # fmt: skip
"""Kinds that leave the rest of a document readable."""

ALONE = {"reference_typos", "version_errors", "operation_errors"}
"""Kinds that stand by themselves, whatever else is wrong."""


def edit(one: Planted) -> tuple[int, int, str]:
    """What was changed: from where to where in the healthy file, and the text that stands there now."""
    before, after = (REPOSITORY / one.file).read_text(), one.source
    start = common(before, after)
    same = min(common(before[::-1], after[::-1]), min(len(before), len(after)) - start)
    return start, len(before) - same, after[start : len(after) - same]


def common(one: str, other: str) -> int:
    """How many characters two texts have in common from the beginning on."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((index for index, (a, b) in pairs if a != b), min(len(one), len(other)))


def both(first: Planted, second: Planted) -> tuple[Planted, Planted] | None:
    """The two errors in one file, each with its place there; None when they are not lines apart."""
    (start, end, text), (later, last, other) = edit(first), edit(second)
    healthy = (REPOSITORY / first.file).read_text()
    if later <= end or "\n" not in healthy[end:later] or first.at > end + len(text):
        return None
    source = healthy[:start] + text + healthy[end:later] + other + healthy[last:]
    moved = len(text) - (end - start)
    if second.at < later:  # told of a mapping that begins before what is missing in it
        return None
    return replace(first, source=source), replace(second, source=source, at=second.at + moved)


TOLD_AT_LEAST = 0.98


def pairs(random: Random, kinds: set[str]) -> list[tuple[Planted, Planted]]:
    """So many pairs at random, of a kind that leaves the rest readable and one of those asked for."""
    made: list[tuple[Planted, Planted]] = []
    shapes = [one for kind in sorted(SHAPES) for one in planted(kind)]
    others: dict[str, list[Planted]] = {}
    for kind in sorted(kinds):
        for one in planted(kind):
            others.setdefault(one.file, []).append(one)
    while len(made) < PAIRS:
        first = random.choice(shapes)
        if first.file not in others:
            continue
        second = random.choice(others[first.file])
        ordered = sorted((first, second), key=lambda one: edit(one)[0])
        if pair := both(*ordered):
            made.append(pair)
    return made


def told(pair: tuple[Planted, Planted], folder: Path) -> list[tuple[tuple[str, int, int], str, str]]:
    found = findings(pair[0], folder)
    return [((one.span.path, one.span.line, one.span.column), one.code, one.message) for one in found]


@pytest.mark.parametrize("kinds", [SHAPES, ALONE], ids=["shapes", "alone"])
def test_two_errors_when_each_stands_by_itself_then_nearly_always_both_are_told(
    kinds: set[str], tmp_path: Path
) -> None:
    """Not both: where one is inside a field whose name is misspelt, or beside one without which there is no object."""
    made = pairs(Random(SEED), kinds)
    hidden = [pair for pair in made if len(told(pair, tmp_path)) < len(pair)]
    print(f"\n{len(made):,} pairs, both told in {1 - len(hidden) / len(made):.1%}")

    assert len(hidden) <= (1 - TOLD_AT_LEAST) * len(made)


def test_two_errors_of_any_kind_when_checked_then_nothing_else_is_told_and_each_once(tmp_path: Path) -> None:
    strange = []
    for pair in pairs(Random(SEED), set(KINDS) - WARNINGS):
        wanted = {(one.where, code) for one in pair for code in one.codes}
        found = [(place, code) for place, code, _message in told(pair, tmp_path)]
        if not found or len(set(found)) != len(found) or not wanted.issuperset(found):
            strange.append((str(pair[0]), str(pair[1]), found))

    assert strange == []
