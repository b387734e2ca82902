"""Every planted error is told at its very token, alone, without a trace; typing errors with the right suggestion first."""

from __future__ import annotations

import functools
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from planting import KINDS, planted
from seeds import Planted
from soil import REPOSITORY, files

from chronon.cli.app import run
from chronon.loaders.files import place_of
from chronon.loaders.repository import load_document, repository_of
from chronon.model.diagnostics import Diagnostic
from chronon.model.specs import Spec
from chronon.validators.resolve import findings as all_findings

LEAST = 2_000
SAMPLED = 12
"""One of so many is checked in every run; all of them in those that may be slow."""

RIGHT_AT_LEAST = 0.95

WARNINGS = {"doubtful_choices"}
"""Kinds that stop no plan."""


@functools.cache
def healthy() -> dict[str, Spec]:
    """The documents without an error, read once."""
    read = {}
    for file in files():
        place = place_of(file)
        assert place is not None
        spec, found = load_document(REPOSITORY, place)
        assert spec is not None, found
        read[file] = spec
    return read


def findings(one: Planted, folder: Path) -> tuple[Diagnostic, ...]:
    """What is told about a repository with one error; only the file that has it is read again."""
    file = folder / one.file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(one.source)
    place = place_of(one.file)
    assert place is not None
    spec, loading = load_document(folder, place)
    specs = [spec if name == one.file else other for name, other in healthy().items()]
    return all_findings(folder, repository_of([each for each in specs if each], ""), loading)


def complaint(one: Planted, found: Sequence[Diagnostic]) -> str:
    """What is wrong with the report of an error; empty when nothing is."""
    told = "; ".join(f"{each.span} {each.code} {each.message} ({each.hint})" for each in found)
    if len(found) != 1:
        return f"{one}: {len(found)} findings: {told}"
    (only,) = found
    if (only.span.path, only.span.line, only.span.column) != one.where or only.code not in one.codes:
        return f"{one}: expected {'/'.join(one.codes)}: {told}"
    return ""


def is_suggested(one: Planted, found: Sequence[Diagnostic]) -> bool:
    """Whether the first name that a hint has is the one that was meant."""
    names = re.findall(r"`([^`]+)`|mean (\w+)", found[0].hint) if found else []
    return bool(names) and one.meant in {*names[0]}


@pytest.mark.parametrize("kind", KINDS)
def test_some_planted_errors_when_checked_then_are_told_alone_at_their_tokens(kind: str, tmp_path: Path) -> None:
    complaints = [text for one in planted(kind)[::SAMPLED] if (text := complaint(one, findings(one, tmp_path)))]

    assert complaints == []


@pytest.mark.slow
def test_every_planted_error_when_checked_then_is_told_alone_with_the_right_suggestion(tmp_path: Path) -> None:
    checked = [(one, findings(one, tmp_path)) for kind in KINDS for one in planted(kind)]

    complaints = [text for one, found in checked if (text := complaint(one, found))]
    typing_errors = [(one, found) for one, found in checked if one.meant]
    missed = [f"{one}: {one.meant}" for one, found in typing_errors if not is_suggested(one, found)]
    share = 1 - len(missed) / len(typing_errors)
    print(f"\n{len(checked):,} errors planted, {len(checked) - len(complaints):,} told alone at their tokens")
    print(f"{len(typing_errors):,} typing errors, {share:.1%} with the right suggestion first; the others: {missed}")
    assert complaints == []
    assert share >= RIGHT_AT_LEAST


def test_planted_errors_when_counted_then_are_many_and_of_every_kind() -> None:
    counted = {kind: len(planted(kind)) for kind in KINDS}

    assert min(counted.values()) > 0
    assert sum(counted.values()) >= LEAST


@pytest.mark.parametrize("kind", KINDS)
def test_planted_error_when_met_by_the_command_line_then_no_trace_is_shown(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = planted(kind)[0]
    shutil.copytree(REPOSITORY, tmp_path / "repository")
    (tmp_path / "repository" / first.file).write_text(first.source)

    code = run(["validate", "--repo", str(tmp_path / "repository")])

    told = capsys.readouterr()
    weight = "warning" if kind in WARNINGS else "error"
    assert code == (weight == "error")
    path, line, column = first.where
    assert told.out.startswith(f"{path}:{line}:{column}: {weight} ")
    assert f"1 {weight}" in told.out
    assert "Traceback" not in told.out + told.err
