"""A review that remembers finds what one that does not finds: both are held against the checks of the whole repository."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_cases import CASES, TODAY, all_codes

from chronon.loaders.memory import Memory
from chronon.loaders.summaries import NOT_LOOKED, heard, look
from chronon.model.diagnostics import Diagnostic
from chronon.model.time import DAY, Day, day_text
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
    seen = look(root, memory, begun) if memory else NOT_LOOKED
    return heard(seen.answer.found) if seen.answer else review(root, memory, begun, seen).found


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
        expected = validate(root, TODAY)[2]

        assert review(root, None, time.time_ns()).found == expected
        for _ in range(2):
            assert reviewed(root, memory) == expected


FEATURES = """
source: arrivals
select: {delay: arr_delay}
keys: [carrier]
online: true
aggregations: [{input: delay, operations: [count], windows: [1d]}]
"""
LEFT = "left: {source: departures, select: {carrier: carrier}}"
GROUP_BYS, JOINS, SOURCES = (f"teams/flights/{folder}" for folder in ("group_bys", "joins", "sources"))


def chained(name: str, join: str) -> str:
    """A group_by that reads a join."""
    return f"""group_by: {name}
sources: [{{join: {join}, select: {{carrier: carrier, n: carrier}}}}]
keys: [carrier]
aggregations: [{{input: n, operations: [count], windows: [1d]}}]
"""


def joining(name: str, part: str) -> str:
    return f"join: {name}\n{LEFT}\nparts: [{part}]\n"


TANGLE = {
    f"{GROUP_BYS}/a.yaml": chained("a", "b"),
    f"{JOINS}/b.yaml": joining("b", "c"),
    f"{GROUP_BYS}/c.yaml": chained("c", "d"),
    f"{GROUP_BYS}/e.yaml": chained("e", "d"),
    f"{JOINS}/d.yaml": joining("d", "a"),
}
OFFLINE = FEATURES.replace("online: true\n", "")
ROOT_FILE = (CASES / "base" / "chronon.yaml").read_text()
UNREAD = "source: z\nevents: {table: d.z, time: at, columns: {carrier: string, arr_delay: long, at: long}}\n"
READING = f"group_by: z{FEATURES}".replace("source: arrivals", "source: z")


def changing(name: str, kind: str) -> str:
    """Entities of their own table whose mutations share one topic."""
    return f"""source: {name}
entities:
  table: d.{name}
  columns: {{x: {kind}}}
  mutations: {{table: d.changes_{name}, topic: file://d.changes, time: at, reversal: before, columns: {{at: long, before: boolean}}}}
"""


DEPARTURES = """
source: departures
events: {table: flights.departures, time: departs_ms, columns: {carrier: string, distance: string, departs_ms: long}}
"""
AROUND: dict[str, tuple[dict[str, str], dict[str, str | None], str]] = {
    "a group_by takes the name of a join": (
        {f"{GROUP_BYS}/other.yaml": f"group_by: other{FEATURES}", f"{JOINS}/same.yaml": joining("same", "other")},
        {f"{GROUP_BYS}/same.yaml": f"group_by: same{FEATURES}"},
        f"{JOINS}/same.yaml",
    ),
    "the first source of a table goes": (
        {
            f"{SOURCES}/z.yaml": "source: z\nevents: {table: d.t, time: at, columns: {x: long, at: long}}\n",
            f"{SOURCES}/y.yaml": "source: y\nevents: {table: d.t, time: at, columns: {x: int, at: long}}\n",
        },
        {f"{SOURCES}/y.yaml": None},
        f"{SOURCES}/z.yaml",
    ),
    "a cycle takes another way": (TANGLE, {f"{JOINS}/b.yaml": joining("b", "e")}, f"{GROUP_BYS}/a.yaml"),
    "a cycle is cut": (TANGLE, {f"{JOINS}/d.yaml": joining("d", "carrier")}, f"{GROUP_BYS}/a.yaml"),
    "a name comes that is nearer": (
        {f"{JOINS}/lost.yaml": joining("lost", "carriage")},
        {f"{GROUP_BYS}/carriages.yaml": f"group_by: carriages{FEATURES}"},
        f"{JOINS}/lost.yaml",
    ),
    "an object of another kind comes that has the name": (
        {f"{JOINS}/lost.yaml": joining("lost", "found")},
        {f"{SOURCES}/found.yaml": "source: found\nevents: {table: d.f, time: at, columns: {at: long}}\n"},
        f"{JOINS}/lost.yaml",
    ),
    "a second version comes": (
        {},
        {f"{GROUP_BYS}/carrier@2.yaml": f"group_by: carrier\nversion: 2{FEATURES}"},
        f"{JOINS}/departure.yaml",
    ),
    "a third version comes": (
        {f"{GROUP_BYS}/carrier@2.yaml": f"group_by: carrier\nversion: 2{FEATURES}"},
        {f"{GROUP_BYS}/carrier@3.yaml": f"group_by: carrier\nversion: 3{FEATURES}"},
        f"{JOINS}/departure.yaml",
    ),
    "what is read breaks": (
        {f"{JOINS}/lost.yaml": joining("lost", "carrier@7")},
        {f"{GROUP_BYS}/carrier.yaml": "group_by: carrier\nkeys: 1\n"},
        f"{JOINS}/lost.yaml",
    ),
    "the last reader of a source goes": (
        {f"{SOURCES}/z.yaml": UNREAD, f"{GROUP_BYS}/z.yaml": READING},
        {f"{GROUP_BYS}/z.yaml": None},
        f"{SOURCES}/z.yaml",
    ),
    "another reference leads nowhere": (
        {f"{SOURCES}/z.yaml": UNREAD},
        {f"{JOINS}/lost.yaml": joining("lost", "nobody")},
        f"{SOURCES}/z.yaml",
    ),
    "what is to be read in place of something goes": (
        {
            f"{GROUP_BYS}/old.yaml": f"group_by: old\ndeprecated: {{use: other}}{FEATURES}",
            f"{GROUP_BYS}/other.yaml": f"group_by: other{FEATURES}",
        },
        {f"{GROUP_BYS}/other.yaml": None},
        f"{GROUP_BYS}/old.yaml",
    ),
    "what is read shall go": (
        {},
        {f"{GROUP_BYS}/carrier.yaml": f"group_by: carrier\ndeprecated: 2999-12-31{FEATURES}"},
        f"{JOINS}/departure.yaml",
    ),
    "the root file asks for descriptions": (
        {},
        {"chronon.yaml": f"{ROOT_FILE}checks: {{descriptions: warning}}\n"},
        f"{JOINS}/departure.yaml",
    ),
    "a team asks for none": (
        {"chronon.yaml": f"{ROOT_FILE}checks: {{descriptions: warning}}\n"},
        {"teams/flights/team.yaml": "team: flights\ndescription: Who flies\nowners: x\nchecks: {descriptions: off}\n"},
        f"{JOINS}/departure.yaml",
    ),
    "the last reader of a group_by goes": (
        {
            "chronon.yaml": f"{ROOT_FILE}checks: {{unread_group_bys: warning}}\n",
            f"{GROUP_BYS}/z.yaml": f"group_by: z{OFFLINE}",
            f"{JOINS}/z.yaml": joining("z", "z"),
        },
        {f"{JOINS}/z.yaml": None},
        f"{GROUP_BYS}/z.yaml",
    ),
    "a team serves something": (
        {"teams/flights/team.yaml": "team: flights\n", f"{GROUP_BYS}/carrier.yaml": f"group_by: carrier{OFFLINE}"},
        {f"{GROUP_BYS}/other.yaml": f"group_by: other{FEATURES}"},
        "teams/flights/team.yaml",
    ),
    "the first source of a topic of mutations goes": (
        {f"{SOURCES}/y.yaml": changing("y", "int"), f"{SOURCES}/z.yaml": changing("z", "long")},
        {f"{SOURCES}/y.yaml": None},
        f"{SOURCES}/z.yaml",
    ),
    "a source behind two others changes": (
        {f"{GROUP_BYS}/a.yaml": chained("a", "departure").replace("n: carrier", "n: distance").replace("count", "sum")},
        {f"{SOURCES}/departures.yaml": DEPARTURES},
        f"{GROUP_BYS}/a.yaml",
    ),
}  # fmt: skip
"""What else findings depend on: files, an edit of others, and the file whose findings the edit changes."""


def lay(root: Path, written: Mapping[str, str | None]) -> None:
    for path, text in written.items():
        if text is None:
            (root / path).unlink()
        else:
            (root / path).write_text(text)


@pytest.mark.parametrize("edit", AROUND)
def test_review_when_something_around_an_object_changes_then_its_findings_do(edit: str, tmp_path: Path) -> None:
    root, memory = tmp_path / "repository", a_memory(tmp_path / "memory")
    shutil.copytree(CASES / "base", root)
    first, second, told = AROUND[edit]
    lay(root, first)
    before = validate(root, TODAY)[2]

    assert reviewed(root, memory) == before
    lay(root, second)
    after = validate(root, TODAY)[2]
    assert reviewed(root, memory) == after
    assert told not in second
    assert [one for one in before if one.span.path == told] != [one for one in after if one.span.path == told]


UNTIL = Day(30_000)
"""A day in 2052: what is written now has stamps that are relied on by then."""


def test_review_when_a_last_day_passes_or_comes_again_then_its_readers_are_told(tmp_path: Path) -> None:
    root, memory = tmp_path / "repository", a_memory(tmp_path / "memory")
    shutil.copytree(CASES / "base", root)
    last = f"deprecated: {day_text(UNTIL)}"
    lay(
        root,
        {
            f"{GROUP_BYS}/carrier.yaml": f"group_by: carrier\n{last}{FEATURES}",
            f"{JOINS}/departure.yaml": joining("departure", "carrier"),
        },
    )
    told = {0: ["CHR-V112"], 1: ["CHR-V115", "CHR-V113"]}

    for late in (0, 0, 1, 1, 0, 1):
        begun = (UNTIL + late) * DAY * 1_000_000
        seen = look(root, memory, begun)
        found = heard(seen.answer.found) if seen.answer else review(root, memory, begun, seen).found
        assert found == validate(root, Day(UNTIL + late))[2]
        assert [one.code for one in found] == told[late]
        assert look(root, memory, begun).answer


def files(root: Path) -> list[Path]:
    """Those of teams that are files."""
    return sorted(file for file in root.rglob("*.yaml") if file.is_file() and file.parent != root)


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
                edit = random.choice(EDITS) if files(root) else return_of_the_base
                edit(root, random)

            assert reviewed(root, memory, random.choice((0, LATER))) == validate(root, TODAY)[2]


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


REVIEWING = """
import sys, time
from pathlib import Path
from chronon.loaders.memory import Memory
from chronon.validators.review import review
root, folder = map(Path, sys.argv[1:])
made = review(root, Memory(folder=folder, repository="a", key=bytes(32)), time.time_ns())
print(len(made.checked) > 0, "sqlglot" in sys.modules)
"""


def test_expressions_of_shapes_that_were_met_are_checked_without_the_parser(tmp_path: Path) -> None:
    root, memory = tmp_path / "repository", a_memory(tmp_path / "memory")
    laid(root, "CHR-V001", "good")
    file = root / GROUP_BYS / "late.yaml"
    told = []
    for bound in (15, 30):
        written = FEATURES.replace("arr_delay", f"'IF(arr_delay > {bound}, 1, NULL)'")
        file.write_text(f"group_by: late{written}", encoding="utf-8")
        command = [sys.executable, "-c", REVIEWING, str(root), str(memory.folder)]
        told.append(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())

    assert told == [["True", "True"], ["True", "False"]]
