"""Every hostile text is a finding with its place; the dearest also through the real command, in bounds of time and memory."""

from __future__ import annotations

from pathlib import Path

import pytest
from children import MOST_CPU_S, MOST_MB, validated
from folders import GOOD, a_repository
from texts import TEXTS

from chronon.cli.exits import ExitCode
from chronon.loaders import load
from chronon.loaders.files import place_of
from chronon.loaders.quick import fits, quick_document
from chronon.model.diagnostics import Severity
from chronon.validators import validate

DEAREST = [
    "quadratic aliases", "nested anchors", "many anchors", "a scalar of 10 MB", "a file full of keys",
    "a file full of values", "nothing but directives", "deep lists", "an endless tag of escapes", "no character",
    "thousands of wrong types", "an expression without end",
]  # fmt: skip
"""One of each kind that was slow, large or a crash, through the command; in process all of them are read."""

UNSEEN = {"an expression without end"}
"""What no parser and no schema refuses, but a check of expressions."""


@pytest.mark.slow
@pytest.mark.parametrize("name", DEAREST)
def test_validate_when_a_text_is_hostile_then_tells_its_place_in_bounds(
    name: str, idle_cpu_s: float, tmp_path: Path
) -> None:
    hostile = TEXTS[name]
    folder = a_repository(tmp_path / "repository")
    file = folder / hostile.path
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(hostile.make())

    ended = validated(folder)

    first = next(one for one in ended.findings if one["severity"] == Severity.ERROR)
    assert (ended.code, ended.error) == (ExitCode.FINDINGS, "")
    assert (first["path"], first["line"], first["column"]) == (hostile.path, hostile.line, hostile.column)
    assert first["code"] == hostile.code
    assert ended.cpu_s <= idle_cpu_s + MOST_CPU_S
    assert ended.peak_mb <= MOST_MB
    assert {one["path"] for one in ended.findings} == {hostile.path}, "the other files are as they were"


@pytest.mark.parametrize("name", TEXTS)
def test_load_when_a_text_is_hostile_then_returns_findings_and_the_other_specs(name: str, tmp_path: Path) -> None:
    hostile = TEXTS[name]
    folder = a_repository(tmp_path / "repository")
    file = folder / hostile.path
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(hostile.make())

    repository, _found = load(folder)
    _repository, catalog, found = validate(folder)

    assert "flights.y" in {str(one) for one in repository.sources}
    assert catalog is None
    first = next(one for one in found if one.severity is Severity.ERROR)
    assert (first.code, first.span.line, first.span.column) == (hostile.code, hostile.line, hostile.column)


@pytest.mark.parametrize("name", TEXTS)
def test_quick_when_a_text_is_hostile_then_leaves_it_to_the_exact_parser(name: str) -> None:
    hostile = TEXTS[name]
    place = place_of(hostile.path)
    assert place is not None

    document = quick_document(hostile.make(), hostile.path)

    assert document is None or name in UNSEEN or not fits(document.data, place.kind)


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_load_when_lines_end_as_elsewhere_then_reads_the_same(ending: str, tmp_path: Path) -> None:
    folder = a_repository(tmp_path / "repository")
    (folder / "teams" / "flights" / "sources" / "y.yaml").write_bytes(GOOD.replace("\n", ending).encode())

    assert validate(folder)[2] == ()


def test_load_when_a_byte_order_mark_stands_first_then_reads_the_same(tmp_path: Path) -> None:
    folder = a_repository(tmp_path / "repository")
    (folder / "teams" / "flights" / "sources" / "y.yaml").write_bytes(GOOD.encode("utf-8-sig"))

    assert validate(folder)[2] == ()
