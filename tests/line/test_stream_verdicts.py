"""The verdicts of streams on the real Flink: after each of them values are those that a fold of all events from nothing has.

The batch ends on 4 March 00:00, and the topic has the events of the 4th. A first apply folds them for every group_by; an edit then
adds a window (keep), adds lines (restart), and changes what tiles hold (replay), and the values are asked again.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from stream_world import ASKED, END, Event, a_plan, a_repository, an_event, append, apply, values, write

from chronon.model.time import DAY, HOUR

pytestmark = pytest.mark.engine

COMMON = "source: shop.orders\nkeys: [user]\nonline: true\naggregations:\n  - input: amount\n"
BEFORE = {
    "window": COMMON + "    operations: [sum]\n    windows: [1d]\n",
    "operation": COMMON + "    operations: [sum]\n    windows: [2d]\n",
    "condition": COMMON + "    operations: [count]\n    windows: [1d]\n",
    "key": COMMON + "    operations: [sum]\n    windows: [1d]\n",
    "off": COMMON + "    operations: [min]\n    windows: [1d]\n",
}
AFTER = {
    "operation": BEFORE["operation"].replace("[sum]", "[sum, max]"),
    "condition": BEFORE["condition"].replace("keys:", "where: [amount > 50]\nkeys:"),
    "key": BEFORE["key"].replace("keys: [user]", "keys: [card]"),
    "off": BEFORE["off"].replace("online: true", "online: false"),
}


def amounts(events: list[Event], days: int, **keys: str) -> list[int]:
    """What a window of days counts at the moment asked, of a key."""
    return [
        event["amount"]
        for event in events
        if ASKED - days * DAY <= event["at"] < ASKED and all(event[key] == value for key, value in keys.items())
    ]


def test_values_after_every_verdict_are_those_of_all_events(tmp_path: Path) -> None:
    chance = random.Random(4711)
    events = a_repository(tmp_path, chance)
    write(tmp_path, BEFORE)
    assert apply(tmp_path) == dict.fromkeys(BEFORE, "replay")

    write(tmp_path, {"window": BEFORE["window"].replace("[1d]", "[1d, 3d]")})
    assert apply(tmp_path) == {"window": "keep"}
    for user in ("u0", "u1", "u2"):
        assert values(tmp_path, "window", user=user) == {
            "amount_sum_1d": sum(amounts(events, 1, user=user)),
            "amount_sum_3d": sum(amounts(events, 3, user=user)),
        }

    events += append(tmp_path, [an_event(chance, END + 10 * HOUR, hours=9) for _ in range(40)], "b")
    write(tmp_path, AFTER)
    verdicts = {"window": "restart", "operation": "replay", "condition": "replay", "key": "replay", "off": "drop state"}
    assert apply(tmp_path) == verdicts
    for user in ("u0", "u1", "u2"):
        mine = {"user": user}
        two = amounts(events, 2, **mine)
        assert values(tmp_path, "window", **mine)["amount_sum_1d"] == sum(amounts(events, 1, **mine))
        assert values(tmp_path, "operation", **mine) == {"amount_sum_2d": sum(two), "amount_max_2d": max(two)}
        large = [amount for amount in amounts(events, 1, **mine) if amount > 50]
        assert values(tmp_path, "condition", **mine) == {"amount_count_1d": len(large)}
    for card in ("c0", "c1"):
        assert values(tmp_path, "key", card=card) == {"amount_sum_1d": sum(amounts(events, 1, card=card))}
    assert a_plan(tmp_path).is_empty
