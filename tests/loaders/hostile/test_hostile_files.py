"""Files that are none, links that lead elsewhere, names that clash: nothing outside the folder is read, nothing hangs."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from children import MOST_CPU_S, MOST_MB, validated
from folders import GOOD, a_repository

from chronon.cli.exits import ExitCode
from chronon.loaders import codes
from chronon.loaders.files import content_of, place_of
from chronon.model.diagnostics import Diagnostic

PATH = "teams/flights/sources/x.yaml"
STOLEN = "source: x\nevents: {table: stolen.secret, time: a, columns: {a: long}}\n"


def a_socket(file: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        os.chdir(file.parent)  # the whole path is longer than an address may be
        made.bind(file.name)


def a_link(target: str) -> Callable[[Path], None]:
    return lambda file: file.symlink_to(target)


def a_ring(file: Path) -> None:
    (file.parent / "z").symlink_to(file.name)
    file.symlink_to("z")


FILES: dict[str, Callable[[Path], None]] = {
    "pipe": os.mkfifo,
    "socket": a_socket,
    "device": a_link("/dev/zero"),
    "endless device": a_link("/dev/urandom"),
    "process file": a_link("/proc/self/environ"),
    "absolute link": a_link("/etc/passwd"),
    "link with ..": a_link("../../../../outside.yaml"),
    "link through a link": a_link("../../../../link.yaml"),
    "dangling link": a_link("nothing.yaml"),
    "link to itself": a_link("x.yaml"),
    "ring of links": a_ring,
    "folder": Path.mkdir,
}


@pytest.mark.parametrize("name", FILES)
def test_validate_when_a_file_is_none_then_tells_it_and_reads_nothing(
    name: str, idle_cpu_s: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "outside.yaml").write_text(STOLEN)
    (tmp_path / "link.yaml").symlink_to("outside.yaml")
    folder = a_repository(tmp_path / "repository")
    FILES[name](folder / PATH)

    ended = validated(folder)

    assert ended.code == ExitCode.FINDINGS
    assert [(one["code"], one["path"], one["line"], one["column"]) for one in ended.findings] == [
        (codes.NOT_A_FILE, PATH, 1, 1)
    ]
    assert "stolen" not in str(ended.findings)
    assert (ended.error, ended.peak_mb <= MOST_MB, ended.cpu_s <= idle_cpu_s + MOST_CPU_S) == ("", True, True)


@pytest.mark.parametrize("named", ["..", "../outside", "/etc", "teams/../..", "linked"])
def test_validate_when_the_teams_lie_outside_then_tells_it(named: str, tmp_path: Path) -> None:
    folder = a_repository(tmp_path / "repository")
    (tmp_path / "outside").mkdir()
    (folder / "linked").symlink_to("../outside")
    (folder / "chronon.yaml").write_text(f"teams: {named}\ntargets: {{local: {{engine: local, home: .c}}}}\n")

    ended = validated(folder)

    assert [(one["code"], one["line"]) for one in ended.findings] == [(codes.NO_TEAMS, 1)]


@pytest.mark.parametrize("named", ["ring", "team"])
def test_validate_when_a_team_is_a_link_then_never_leaves_the_repository(named: str, tmp_path: Path) -> None:
    folder = a_repository(tmp_path / "repository")
    outside = tmp_path / "outside" / "sources"
    outside.mkdir(parents=True)
    (outside / "x.yaml").write_text(STOLEN)
    (folder / "teams" / "linked").symlink_to("linked" if named == "ring" else "../../outside")

    ended = validated(folder)

    assert "stolen" not in str(ended.findings)
    assert ended.code == (ExitCode.DONE if named == "ring" else ExitCode.FINDINGS)


@pytest.mark.parametrize("name", ["X.yaml", "ﬁ.yaml", "x\n.yaml", "x .yaml", "x;rm -rf.yaml", "é.yaml", "x\u202e.yaml"])
def test_validate_when_a_file_has_a_hostile_name_then_tells_it_in_one_line(name: str, tmp_path: Path) -> None:
    folder = a_repository(tmp_path / "repository")
    (folder / "teams" / "flights" / "sources" / name).write_text(STOLEN)

    ended = validated(folder)

    assert [one["code"] for one in ended.findings] == [codes.MISNAMED]


def test_validate_when_a_name_is_no_text_then_tells_it(tmp_path: Path) -> None:
    folder = a_repository(tmp_path / "repository")
    (Path(os.fsdecode(os.fsencode(folder / "teams" / "flights" / "sources") + b"/x\xff.yaml"))).write_text(STOLEN)

    ended = validated(folder)

    assert ([one["code"] for one in ended.findings], ended.error) == ([codes.MISNAMED], "")


def test_validate_when_two_names_differ_in_capitals_then_the_other_is_no_name(tmp_path: Path) -> None:
    folder = a_repository(tmp_path / "repository")
    (folder / "teams" / "flights" / "sources" / "Y.yaml").write_text(GOOD)
    (folder / "teams" / "Flights").mkdir()
    (folder / "teams" / "Flights" / "team.yaml").write_text("team: flights\n")

    ended = validated(folder)

    assert [one["code"] for one in ended.findings] == [codes.MISNAMED, codes.MISNAMED]


def test_content_when_a_file_grows_while_it_is_read_then_is_bounded(tmp_path: Path) -> None:
    folder = a_repository(tmp_path / "repository")
    place = place_of("teams/flights/sources/y.yaml")
    assert place is not None
    with (folder / place.path).open("wb") as stream:
        stream.truncate(1 << 40)

    found = content_of(folder, place)

    assert isinstance(found, bytes)
    assert len(found) < 1 << 20


@pytest.mark.parametrize("become", [os.mkfifo, a_link("/dev/zero"), a_link("../../../../outside.yaml")])
def test_content_when_the_file_becomes_something_else_after_the_scan_then_is_refused(
    become: Callable[[Path], None], tmp_path: Path
) -> None:
    (tmp_path / "outside.yaml").write_text(STOLEN)
    folder = a_repository(tmp_path / "repository")
    place = place_of(PATH)
    assert place is not None
    become(folder / PATH)

    found = content_of(folder, place)

    assert isinstance(found, Diagnostic)
    assert found.code == codes.NOT_A_FILE


def test_content_when_the_file_is_gone_after_the_scan_then_is_told(tmp_path: Path) -> None:
    place = place_of(PATH)
    assert place is not None

    found = content_of(a_repository(tmp_path / "repository"), place)

    assert isinstance(found, Diagnostic)
    assert found.code == codes.UNREADABLE
