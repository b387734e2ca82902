"""The memory of earlier runs is relied on only where it is whole, of this program, of this user, of this repository."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from chronon.loaders import memory as rooms
from chronon.loaders.memory import MAX_FILES, Memory, memory_of
from chronon.loaders.summaries import UNCERTAIN, is_certain, look
from chronon.validators.review import review


class Note(msgspec.Struct, frozen=True):
    text: str


def homes(folder: Path) -> dict[str, str]:
    return {"XDG_CACHE_HOME": str(folder / "cache"), "XDG_STATE_HOME": str(folder / "state")}


def a_memory(folder: Path) -> Memory:
    made = memory_of(folder / "repository", homes(folder))
    assert made is not None
    return made


def written(folder: Path, name: str = "note") -> Path:
    """The one file of a note."""
    (file,) = (folder / "cache/chronon").glob(f"*.{name}")
    return file


def test_read_when_written_before_then_gives_the_same(tmp_path: Path) -> None:
    a_memory(tmp_path).write("note", Note("one"))
    a_memory(tmp_path).write("note", Note("two"))

    assert a_memory(tmp_path).read("note", Note) == Note("two")


def test_folders_when_made_then_are_of_their_user_alone(tmp_path: Path) -> None:
    a_memory(tmp_path).write("note", Note("one"))

    modes = {path: path.stat().st_mode & 0o777 for path in tmp_path.rglob("*") if "chronon" in str(path)}
    assert modes.pop(tmp_path / "cache/chronon") == modes.pop(tmp_path / "state/chronon") == 0o700
    assert set(modes.values()) == {0o600}


@pytest.mark.parametrize("at", [0, 31, 32, 40, -1])
def test_read_when_a_byte_is_damaged_then_gives_nothing(at: int, tmp_path: Path) -> None:
    a_memory(tmp_path).write("note", Note("one and a little more"))
    content = bytearray(written(tmp_path).read_bytes())
    content[at] ^= 1
    written(tmp_path).write_bytes(content)

    assert a_memory(tmp_path).read("note", Note) is None


@pytest.mark.parametrize("length", [0, 10, 32, 40])
def test_read_when_cut_off_then_gives_nothing(length: int, tmp_path: Path) -> None:
    a_memory(tmp_path).write("note", Note("one and a little more"))
    written(tmp_path).write_bytes(written(tmp_path).read_bytes()[:length])

    assert a_memory(tmp_path).read("note", Note) is None


def test_read_when_planted_with_another_key_then_gives_nothing(tmp_path: Path) -> None:
    mine = a_memory(tmp_path)
    replace(mine, key=bytes(32)).write("note", Note("planted"))

    assert mine.read("note", Note) is None


def test_read_when_moved_from_another_repository_or_name_then_gives_nothing(tmp_path: Path) -> None:
    mine = a_memory(tmp_path)
    replace(mine, repository="other").write("note", Note("other"))
    mine.write("second", Note("second"))
    written(tmp_path).rename(mine.folder / f"{mine.repository}.note")

    assert mine.read("note", Note) is None
    written(tmp_path, "second").rename(mine.folder / f"{mine.repository}.note")
    assert mine.read("note", Note) is None


def test_read_when_of_another_program_then_gives_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_memory(tmp_path).write("note", Note("one"))
    monkeypatch.setattr(rooms, "program_stamp", lambda: b"another")

    assert a_memory(tmp_path).read("note", Note) is None


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_read_when_the_file_is_none_then_gives_nothing_and_does_not_wait(kind: str, tmp_path: Path) -> None:
    a_memory(tmp_path).write("note", Note("one"))
    file = written(tmp_path)
    moved = file.rename(tmp_path / "moved")
    match kind:
        case "link":
            file.symlink_to(moved)
        case "pipe":
            os.mkfifo(file)
        case _:
            file.mkdir()

    assert a_memory(tmp_path).read("note", Note) is None


def test_memory_when_switched_off_then_is_none_and_writes_nothing(tmp_path: Path) -> None:
    assert memory_of(tmp_path, {**homes(tmp_path), "CHRONON_CACHE": "off"}) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("environment", [{}, {"HOME": "relative"}, {"XDG_CACHE_HOME": "relative"}])
def test_memory_when_nobody_has_a_home_then_is_none(environment: dict[str, str], tmp_path: Path) -> None:
    assert memory_of(tmp_path, environment) is None


@pytest.mark.parametrize("which", ["cache", "state"])
def test_memory_when_others_can_write_its_folder_then_is_none(which: str, tmp_path: Path) -> None:
    a_memory(tmp_path)
    (tmp_path / which / "chronon").chmod(0o777)

    assert memory_of(tmp_path, homes(tmp_path)) is None


@pytest.mark.parametrize("damage", ["readable", "short", "link"])
def test_memory_when_its_key_is_no_secret_then_is_none(damage: str, tmp_path: Path) -> None:
    a_memory(tmp_path)
    key = tmp_path / "state/chronon/memory.key"
    match damage:
        case "readable":
            key.chmod(0o644)
        case "short":
            key.write_bytes(b"short")
        case _:
            key.symlink_to(key.rename(tmp_path / "moved"))

    assert memory_of(tmp_path, homes(tmp_path)) is None


@pytest.mark.parametrize("which", ["cache", "state"])
def test_memory_when_a_folder_cannot_be_made_then_is_none(which: str, tmp_path: Path) -> None:
    (tmp_path / which).write_text("a file in its place")

    assert memory_of(tmp_path, homes(tmp_path)) is None


def test_write_when_the_folder_is_gone_then_changes_nothing(tmp_path: Path) -> None:
    mine = a_memory(tmp_path)
    mine.folder.rmdir()

    mine.write("note", Note("one"))

    assert mine.read("note", Note) is None


def test_write_when_many_write_at_once_then_one_of_them_stays_whole(tmp_path: Path) -> None:
    mine = a_memory(tmp_path)
    notes = [Note(str(number) * 50_000) for number in range(8)]
    writers = [threading.Thread(target=lambda note=note: mine.write("note", note)) for note in notes]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert mine.read("note", Note) in notes
    assert len(list(mine.folder.iterdir())) == 1


def test_write_when_there_are_many_repositories_then_the_oldest_make_room(tmp_path: Path) -> None:
    mine = a_memory(tmp_path)
    for number in range(MAX_FILES + 2):
        replace(mine, repository=str(number)).write("note", Note("one"))
        os.utime(mine.folder / f"{number}.note", ns=(number, number))
    mine.write("note", Note("the newest"))

    left = {file.name for file in mine.folder.iterdir()}
    assert len(left) == MAX_FILES
    assert not left & {"0.note", "1.note"}


def a_repository(folder: Path) -> Path:
    (folder / "teams/t").mkdir(parents=True)
    (folder / "chronon.yaml").write_text("targets: {local: {engine: local, home: .chronon/local}}\n")
    (folder / "teams/t/team.yaml").write_text("team: t\n")
    return folder.resolve()


def test_stamp_when_a_file_was_just_written_then_its_content_is_compared(tmp_path: Path) -> None:
    root, mine = a_repository(tmp_path / "repository"), a_memory(tmp_path)
    status = (root / "teams/t/team.yaml").stat()
    stamp = (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)

    assert not is_certain(stamp, status.st_ctime_ns + UNCERTAIN)
    assert is_certain(stamp, status.st_ctime_ns + UNCERTAIN + 1)
    assert review(root, mine, time.time_ns()).found == ()
    assert look(root, mine, time.time_ns()).answer is not None


def test_unchanged_when_size_and_time_of_writing_are_the_same_then_the_edit_is_seen(tmp_path: Path) -> None:
    root, mine = a_repository(tmp_path / "repository"), a_memory(tmp_path)
    later = time.time_ns() + 10 * UNCERTAIN
    review(root, mine, later)
    file = root / "teams/t/team.yaml"
    before = file.stat()

    assert look(root, mine, later).answer is not None
    while file.stat().st_ctime_ns == before.st_ctime_ns:  # until the clock by which the system stamps files has ticked
        file.write_text("team: x\n")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert look(root, mine, later).answer is None
    assert [one.code for one in review(root, mine, later).found] == ["CHR-S021"]


@pytest.mark.parametrize("moment", ["config", "new file", "removed", "other folder"])
def test_unchanged_when_something_else_lies_there_then_gives_nothing(moment: str, tmp_path: Path) -> None:
    root, mine = a_repository(tmp_path / "repository"), a_memory(tmp_path)
    review(root, mine, time.time_ns())
    match moment:
        case "config":
            (root / "chronon.yaml").write_text("targets: {other: {engine: local, home: .chronon/local}}\n")
        case "new file":
            (root / "teams/t/joins").mkdir()
            (root / "teams/t/joins/x.yml").write_text("")
        case "removed":
            (root / "teams/t/team.yaml").unlink()
        case _:
            (root / "teams").rename(root / "elsewhere")

    assert look(root, mine, time.time_ns()).answer is None
