"""A topic that is read in several runs, each from where the last one stopped, is read as one that is read at once."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronon.model.savepoints import FilePlace, Savepoint
from chronon.model.time import Day
from chronon.model.types import Scalar
from chronon.runners.flink.topic import DEAD_LETTERS, event_files, letters_before, take_in
from chronon.stores.topics import broken_by

TYPES = {"n": Scalar.LONG}
LINES = st.sampled_from([b'{"n": 1}', b'{"n": 22}', b'{"n": "x"}', b"", b"  ", b"{", b'{"n": 3}\r', b"[1]"])


def naive(text: bytes) -> tuple[list[int], list[int]]:
    """Values of the good lines, numbers of the bad ones."""
    good, bad = [], []
    for number, line in enumerate(text.split(b"\n"), start=1):
        try:
            if line.strip():
                good.append(naive_value(line))
        except ValueError:
            bad.append(number)
    return good, bad


def naive_value(line: bytes) -> int:
    event = json.loads(line)
    if not isinstance(event, dict) or type(event.get("n")) is not int:
        raise ValueError
    return int(event["n"])


class Topic:
    """A topic of files that grow, and what runs have taken in of it since one of them began from nothing."""

    def __init__(self, root: Path) -> None:
        self.root, self.savepoint, self.values, self.runs = root, None, list[int](), 0
        self.folder = root / "streams" / "t"
        self.folder.mkdir(parents=True)

    def append(self, name: str, text: bytes) -> None:
        with (self.folder / name).open("ab") as file:
            file.write(text)

    def run(self) -> str:
        """Take in what is new; why it was all that there is, where it was."""
        found: Savepoint | None = self.savepoint
        why = broken_by(found, self.root / "streams") if found else "the first run"
        if why:
            found, self.values = None, []
        self.runs += 1
        into, letters = self.root / str(self.runs), self.root / f"{self.runs}-{DEAD_LETTERS}"
        kept = self.root / f"{self.runs - 1}-{DEAD_LETTERS}"
        letters_before(kept, [found] if found else [], letters)
        taken = take_in(self.folder, TYPES, into, letters, behind=found)
        self.values += [
            json.loads(line)["n"] for path in event_files(into) for line in path.read_bytes().splitlines() if line
        ]
        self.savepoint = Savepoint(topic="file://t", since=Day(0), files=taken.files)
        return why

    @property
    def letters(self) -> list[tuple[str, int]]:
        lines = (self.root / f"{self.runs}-{DEAD_LETTERS}").read_bytes().splitlines()
        return [(letter["file"], letter["line"]) for letter in map(json.loads, lines)]


@given(
    files=st.lists(st.lists(LINES, max_size=5).map(b"\n".join), min_size=1, max_size=2),
    cuts=st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=4),
)
def test_topic_cut_anywhere_is_taken_in_as_when_it_is_taken_in_at_once(
    files: Sequence[bytes], cuts: Sequence[tuple[float, float]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        topic, done = Topic(Path(folder)), [0] * len(files)
        for shares in (*sorted(cuts), (1.0, 1.0)):
            for number, (text, share) in enumerate(zip(files, shares, strict=False)):
                end = max(done[number], round(share * len(text)))
                topic.append(f"{number}.jsonl", text[done[number] : end])
                done[number] = end
            topic.run()

        expected = [naive(text) for text in files]
        assert sorted(topic.values) == sorted(value for good, _ in expected for value in good)
        assert sorted(topic.letters) == [(f"{n}.jsonl", line) for n, (_, bad) in enumerate(expected) for line in bad]


@pytest.fixture
def topic(tmp_path: Path) -> Topic:
    """Three lines are folded, the second of which is none."""
    made = Topic(tmp_path)
    made.append("a.jsonl", b'{"n": 1}\nno\n{"n": 2}\n')
    made.run()
    return made


def test_topic_that_grows_is_read_from_where_it_ended(topic: Topic) -> None:
    topic.append("a.jsonl", b'{"n": 3}\n')
    topic.append("b.jsonl", b'{"n": 4}\n[]\n')

    assert topic.run() == ""

    assert topic.values == [1, 2, 3, 4]
    assert topic.letters == [("a.jsonl", 2), ("b.jsonl", 2)]
    assert topic.savepoint is not None
    assert [(place.name, place.bytes, place.lines) for place in topic.savepoint.files] == [
        ("a.jsonl", 30, 4), ("b.jsonl", 12, 2)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda file: file.write_bytes(b'{"n": 7}\nno\n{"n": 2}\n{"n": 3}\n'), "a.jsonl has other lines than those that were folded"),
        (lambda file: file.write_bytes(b'{"n": 1}\n'), "a.jsonl holds 9 bytes, and 21 of it were folded"),
        (lambda file: file.rename(file.with_name("b.jsonl")), "a.jsonl is gone, of which 3 lines were folded"),
        (lambda file: file.unlink(), "a.jsonl is gone, of which 3 lines were folded"),
    ],
    ids=["an earlier line edited", "shorter", "renamed", "gone"],
)  # fmt: skip
def test_topic_with_other_lines_than_were_folded_does_not_go_on(topic: Topic, change: Any, why: str) -> None:
    change(topic.folder / "a.jsonl")
    topic.append("c.jsonl", b'{"n": 9}\n')

    assert topic.run() == why

    at_once = Topic(topic.root / "again")
    for path in topic.folder.iterdir():
        at_once.append(path.name, path.read_bytes())
    at_once.run()
    assert topic.values == at_once.values


def test_last_line_without_an_end_is_an_event_that_may_get_one(topic: Topic) -> None:
    topic.append("a.jsonl", b'{"n": 5}')
    topic.run()
    topic.append("a.jsonl", b"\nnone\n")

    assert topic.run() == ""

    assert topic.values == [1, 2, 5]
    assert topic.letters == [("a.jsonl", 2), ("a.jsonl", 5)]


def test_last_line_that_goes_on_after_it_was_an_event_is_another_line(topic: Topic) -> None:
    topic.append("a.jsonl", b'{"n": 5}')
    topic.run()
    topic.append("a.jsonl", b'{"n": 6}\n')

    assert topic.run() == "line 4 of a.jsonl goes on where it had ended"

    assert topic.values == [1, 2]


def test_last_line_that_is_half_written_is_read_once_it_is_whole(topic: Topic) -> None:
    topic.append("a.jsonl", b'{"n"')
    topic.run()
    assert topic.letters == [("a.jsonl", 2), ("a.jsonl", 4)]
    topic.append("a.jsonl", b": 6}\n")

    assert topic.run() == ""

    assert topic.values == [1, 2, 6]
    assert topic.letters == [("a.jsonl", 2)]


def test_what_is_written_while_a_file_is_read_is_of_the_next_run(topic: Topic, monkeypatch: pytest.MonkeyPatch) -> None:
    size = (topic.folder / "a.jsonl").stat().st_size
    monkeypatch.setattr("chronon.runners.flink.topic.topic_files", lambda folder: [_Grown(folder / "a.jsonl")])
    topic.savepoint = None

    topic.run()

    assert topic.savepoint is not None
    assert topic.savepoint.bytes == size
    assert topic.values == [1, 2]


class _Grown(type(Path())):  # type: ignore[misc]
    """A file that grows as soon as somebody has asked how long it is."""

    def stat(self, *, follow_symlinks: bool = True) -> Any:
        found = super().stat(follow_symlinks=follow_symlinks)
        with Path(self).open("ab") as file:
            file.write(b'{"n": 8}\n')
        return found


def test_place_of_a_file_that_was_not_there_is_its_beginning() -> None:
    savepoint = Savepoint(topic="file://t", since=Day(0), files=())

    assert savepoint.place("new.jsonl") == FilePlace(name="new.jsonl")
