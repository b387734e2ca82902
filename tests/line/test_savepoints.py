"""A stream that goes on from its savepoint on the real Flink: every byte of its tiles is that of one fold of all events.

Whatever happens between: more lines for tiles that are there, a process that is killed beside a write, a topic that is edited, a rollback.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from stream_world import (
    ASKED,
    END,
    Event,
    a_plan,
    a_repository,
    an_event,
    append,
    apply,
    kept,
    statuses,
    values,
    write,
    write_day,
)

from chronon.cli.app import run
from chronon.model.time import DAY, HOUR

pytestmark = pytest.mark.engine

COMMON = "source: shop.orders\nkeys: [{key}]\nonline: true\naggregations:\n  - input: amount\n"
OPERATIONS = "[sum, count, average, max, first, last_k(3), histogram, approx_unique_count, approx_percentile(0.5)]"
GROUP_BYS = {
    "user": COMMON.format(key="user") + f"    operations: {OPERATIONS}\n    windows: [1d]\n    buckets: [card]\n",
    "card": COMMON.format(key="card") + f"    operations: {OPERATIONS}\n    windows: [1d, 2d]\n",
}


def a_shop(root: Path) -> list[Event]:
    """Two readers of the topic; every event. Some lines are of none."""
    events = a_repository(root, random.Random(9))
    write(root, GROUP_BYS)
    return events


def more_lines(root: Path) -> list[Event]:
    """Lines for tiles that are there and for others, in a file that is there and in another one."""
    chance = random.Random(10)
    found = append(root, [an_event(chance, END, hours=14) for _ in range(30)], "a")
    with (root / "streams/shop.orders/a.jsonl").open("a") as file:
        file.write("no event\n")
    return found + append(root, [an_event(chance, END + 10 * HOUR, hours=4) for _ in range(20)], "b")


def at_once(root: Path, into: Path) -> dict[bytes, bytes]:
    """The tiles and savepoints of the same files when all lines are folded by a first apply."""
    shutil.copytree(root, into, ignore=shutil.ignore_patterns("home"))
    assert set(apply(into).values()) == {"replay"}
    return kept(into)


@pytest.fixture(scope="module")
def folded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop whose topic is folded; then it gets more lines."""
    root = tmp_path_factory.mktemp("folded") / "shop"
    a_shop(root)
    assert apply(root) == {"user": "replay", "card": "replay"}
    more_lines(root)
    return root


@pytest.fixture(scope="module")
def whole(folded: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[bytes, bytes]:
    return at_once(folded, tmp_path_factory.mktemp("whole") / "shop")


def test_restart_folds_the_rest_and_leaves_the_bytes_of_one_fold(
    folded: Path, whole: dict[bytes, bytes], tmp_path: Path
) -> None:
    root = shutil.copytree(folded, tmp_path / "shop")
    made = a_plan(root)
    (figures,) = {change.figures for change in made.streams}
    assert figures is not None
    assert (figures.events, figures.hours) == (51, 4)

    assert apply(root) == {"user": "restart", "card": "restart"}

    assert kept(root) == whole
    assert a_plan(root).is_empty
    letters = (root / "home/dead_letters/shop.orders.jsonl").read_text().splitlines()
    assert len(letters) == 1
    assert '"line":91' in letters[0]


@pytest.mark.parametrize(("side", "write"), [("before", 1), ("after", 1), ("after", 2)])
def test_restart_that_is_killed_beside_a_write_counts_nothing_twice(
    folded: Path, whole: dict[bytes, bytes], tmp_path: Path, side: str, write: int
) -> None:
    root = shutil.copytree(folded, tmp_path / "shop")
    program = [sys.executable, str(Path(__file__).with_name("stream_killed.py")), str(root), side, str(write)]

    killed = subprocess.run(program, env=os.environ | {"CHRONON_CACHE": "off"}, check=False, capture_output=True)

    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert sum(kept(root)[key] == value for key, value in whole.items() if key.endswith(b"\0")) == (
        write if side == "after" else 0
    )
    assert apply(root) == {"user": "restart", "card": "restart"}
    assert kept(root) == whole
    assert a_plan(root).is_empty


def test_topic_that_was_edited_is_folded_anew_and_the_reason_is_told(folded: Path, tmp_path: Path) -> None:
    root = shutil.copytree(folded, tmp_path / "shop")
    topic = root / "streams/shop.orders/a.jsonl"
    first, *others = topic.read_text().splitlines(keepends=True)
    topic.write_text("".join([first.replace("u", "v"), *others]))

    made = a_plan(root)

    assert {(str(change.verdict), change.reason) for change in made.streams} == {
        ("replay", "a.jsonl has other lines than those that were folded")
    }
    apply(root)
    assert kept(root) == at_once(root, tmp_path / "once")


def test_rollback_of_an_edited_stream_serves_its_tiles_of_before_which_the_next_apply_completes(
    folded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = shutil.copytree(folded, tmp_path / "shop")
    apply(root)
    served = values(root, "card", card="c0")
    edited = GROUP_BYS["card"].replace("[sum, count,", "[min,")
    write(root, {"card": edited})
    assert apply(root) == {"card": "replay"}
    assert "amount_sum_1d" not in values(root, "card", card="c0")
    later = append(root, [{"user": "u0", "card": "c0", "amount": 7, "at": END + 19 * HOUR}], "c")

    monkeypatch.chdir(root)
    assert run(["rollback", "--yes", "--reason", "too early"]) == 0

    assert values(root, "card", card="c0") == served
    write(root, GROUP_BYS)
    assert apply(root) == {"user": "restart", "card": "restart"}
    found = values(root, "card", card="c0")
    assert found["amount_sum_1d"] == served["amount_sum_1d"] + sum(event["amount"] for event in later)
    assert found["amount_count_2d"] == served["amount_count_2d"] + 1
    assert ASKED - DAY <= END + 19 * HOUR
    assert kept(root).items() >= at_once(root, tmp_path / "once").items()


def test_edit_that_may_warm_up_folds_nothing_and_is_stale_until_an_upload_counts_what_was_before(
    tmp_path: Path,
) -> None:
    events = a_shop(tmp_path)
    apply(tmp_path)
    write(tmp_path, {"card": f"{GROUP_BYS['card'].replace('[sum, count,', '[sum, min, count,')}warm_up: true\n"})

    assert apply(tmp_path) == {"card": "partial"}

    assert a_plan(tmp_path).is_empty
    assert [status for status, _ in statuses(tmp_path, "card", at=ASKED, card="c0")] == ["stale"]
    assert "tiles begin only at 2024-03-05" in statuses(tmp_path, "card", at=ASKED, card="c0")[0][1]
    chance = random.Random(11)
    next_day = [an_event(chance, END + DAY, hours=10) for _ in range(30)]
    append(tmp_path, next_day, "a")
    write_day(tmp_path, [event for event in events if event["at"] >= END], "2024-03-04")
    assert apply(tmp_path) == {"user": "restart", "card": "restart"}
    at = END + DAY + 12 * HOUR
    for card in ("c0", "c1"):
        mine = [
            event["amount"] for event in (*events, *next_day) if event["card"] == card and at - DAY <= event["at"] < at
        ]
        found = values(tmp_path, "card", at=at, card=card)
        assert (found["amount_sum_1d"], found["amount_min_1d"]) == (sum(mine), min(mine))
        assert statuses(tmp_path, "card", at=at, card=card) == []
