"""The verdicts of streams on the real Flink: after each of them values are those that a fold of all events from nothing has.

The batch ends on 4 March 00:00, and the topic has the events of the 4th. A first apply folds them for every group_by; an edit then
adds a window (keep), adds lines (restart), and changes what tiles hold (replay), and the values are asked again.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chronon.cli.drafting import Asked, checked_or_told, planned
from chronon.loaders.config import load_config
from chronon.model.plan import Plan
from chronon.model.time import DAY, HOUR, Millis, parse_day
from chronon.runners.apply import apply_plan
from chronon.runners.deployment import open_deployment
from chronon.serving import Fetcher, Request

pytestmark = pytest.mark.engine

FIRST = (parse_day("2024-03-01") or 0) * DAY
END = FIRST + 3 * DAY
ASKED = END + 20 * HOUR

SOURCE = (
    "source: orders\nevents:\n  table: shop.orders\n  topic: file://shop.orders\n  time: at\n"
    "  columns: {user: string, card: string, amount: long, at: long}\n"
)
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

Event = dict[str, Any]


def write(root: Path, definitions: dict[str, str]) -> None:
    for name, text in definitions.items():
        file = root / f"teams/shop/group_bys/{name}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"group_by: {name}\n{text}")


def a_repository(root: Path, chance: random.Random) -> list[Event]:
    """Three days in the table and most of the fourth in the topic; every event."""
    (root / "teams/shop/sources").mkdir(parents=True)
    (root / "chronon.yaml").write_text(
        "tables: data\nstreams: streams\ntargets:\n  local: {engine: local, home: home}\n"
    )
    (root / "teams/shop/team.yaml").write_text("team: shop\nowners: ['@shop']\n")
    (root / "teams/shop/sources/orders.yaml").write_text(SOURCE)
    events = [an_event(chance, FIRST + day * DAY) for day in range(3) for _ in range(40)]
    for day in range(3):
        rows = [event for event in events if event["at"] // DAY == FIRST // DAY + day]
        folder = root / f"data/shop/orders/ds=2024-03-0{day + 1}"
        folder.mkdir(parents=True)
        pq.write_table(pa.Table.from_pylist(rows), folder / "part-0.parquet")
    return events + append(root, [an_event(chance, END, hours=10) for _ in range(60)], "a")


def an_event(chance: random.Random, start: int, hours: int = 24) -> Event:
    """No event lies at the border of a hop."""
    keys = {"user": f"u{chance.randint(0, 2)}", "card": f"c{chance.randint(0, 1)}"}
    return {**keys, "amount": chance.randint(1, 100), "at": start + chance.randrange(hours) * HOUR + HOUR // 3}


def append(root: Path, events: list[Event], name: str) -> list[Event]:
    folder = root / "streams/shop.orders"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.jsonl").write_text("".join(f"{json.dumps(event)}\n" for event in events))
    return events


def a_plan(root: Path) -> Plan:
    checked = checked_or_told(root, as_json=False)
    assert checked is not None
    return planned(checked, Asked(repo=root, target=None, environment="prod"))[0]


class Silent:
    def __getattr__(self, _name: str) -> Any:
        return lambda *_arguments: None


def apply(root: Path) -> dict[str, str]:
    """Plan and apply; group_by → verdict."""
    made = a_plan(root)
    config, _found = load_config(root)
    assert config is not None
    with open_deployment(config) as deployment:
        for gate in made.gates:
            deployment.state.approve(made.id, made.base_serial, [gate.id], who="ann", reason="test", now=0.0)
        apply_plan(deployment, made, holder="ann", observer=Silent())
    return {change.object.name.name: str(change.verdict) for change in made.streams}


def values(root: Path, name: str, **keys: str) -> dict[str, Any]:
    config, _found = load_config(root)
    assert config is not None
    with open_deployment(config) as deployment:
        (vector,) = Fetcher(deployment.kv, "prod").fetch(f"shop.{name}", [Request(keys=keys, at=Millis(ASKED))])
    return dict(vector.values)


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
