"""What can be told of a topic without folding it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chronon.model.time import DAY, HOUR, Millis
from chronon.model.verdicts import Figures
from chronon.stores.topics import topic_figures

BOUNDARY = Millis(19_000 * DAY)


def write(root: Path, name: str, *lines: object) -> None:
    folder = root / "shop.orders"
    folder.mkdir(parents=True, exist_ok=True)
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    (folder / name).write_text("".join(f"{text}\n" for text in texts))


def figures(root: Path, field: str = "at") -> Figures | None:
    return topic_figures("file://shop.orders", root, field, BOUNDARY)


def test_figures_count_lines_and_hours_from_the_boundary_to_the_last_event(tmp_path: Path) -> None:
    write(tmp_path, "a.jsonl", {"at": BOUNDARY + HOUR}, {"at": BOUNDARY + 2 * HOUR + 1})
    write(tmp_path, "b.jsonl", {"at": BOUNDARY - HOUR}, "", {"at": BOUNDARY})

    found = figures(tmp_path)

    size = sum(path.stat().st_size for path in (tmp_path / "shop.orders").iterdir())
    assert found == Figures(bytes=size, events=4, hours=3)


@pytest.mark.parametrize(
    ("last", "hours"),
    [
        ({"at": "2022-01-08T05:30:00Z"}, 6),  # 19,000 days after 1970 is 2022-01-08
        ({"at": BOUNDARY - 5 * HOUR}, 0),
        ({"at": None}, 1),
        ({"other": 1}, 1),
        ("no JSON", 1),
        ("[1]", 1),
        ({"at": "soon"}, 1),
    ],
)
def test_hours_are_those_of_the_last_line_that_has_a_time(last: object, hours: int, tmp_path: Path) -> None:
    write(tmp_path, "a.jsonl", {"at": BOUNDARY + HOUR}, last)

    found = figures(tmp_path)

    assert found is not None
    assert found.hours == hours


def test_hours_are_not_told_where_no_field_is_the_time(tmp_path: Path) -> None:
    write(tmp_path, "a.jsonl", {"at": BOUNDARY})

    assert figures(tmp_path, field="") == Figures(bytes=22, events=1, hours=None)


def test_topic_that_is_not_there_has_no_figures(tmp_path: Path) -> None:
    assert figures(tmp_path) is None
    assert topic_figures("kafka://shop.orders", tmp_path, "at", BOUNDARY) is None
