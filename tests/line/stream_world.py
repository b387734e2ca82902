"""A shop with a table of three days and a topic of the fourth, planned and applied on the real Flink."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from chronon.cli.drafting import Asked, checked_or_told, planned
from chronon.loaders.config import load_config
from chronon.model.plan import Plan
from chronon.model.time import DAY, HOUR, Millis, parse_day
from chronon.runners.apply import apply_plan
from chronon.runners.deployment import open_deployment
from chronon.serving import Fetcher, Request, Vector

FIRST = (parse_day("2024-03-01") or 0) * DAY
END = FIRST + 3 * DAY
ASKED = END + 20 * HOUR

SOURCE = (
    "source: orders\nevents:\n  table: shop.orders\n  topic: file://shop.orders\n  time: at\n"
    "  columns: {user: string, card: string, amount: long, at: long}\n"
)
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
        write_day(root, rows, f"2024-03-0{day + 1}")
    return events + append(root, [an_event(chance, END, hours=10) for _ in range(60)], "a")


def write_day(root: Path, rows: list[Event], day: str) -> None:
    """A partition of the table."""
    folder = root / f"data/shop/orders/ds={day}"
    folder.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(rows), folder / "part-0.parquet")


def an_event(chance: random.Random, start: int, hours: int = 24) -> Event:
    """No event lies at the border of a hop."""
    keys = {"user": f"u{chance.randint(0, 2)}", "card": f"c{chance.randint(0, 1)}"}
    return {**keys, "amount": chance.randint(1, 100), "at": start + chance.randrange(hours) * HOUR + HOUR // 3}


def append(root: Path, events: list[Event], name: str) -> list[Event]:
    folder = root / "streams/shop.orders"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.jsonl").open("a") as file:
        file.write("".join(f"{json.dumps(event)}\n" for event in events))
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


def values(root: Path, name: str, *, at: int = ASKED, **keys: str) -> dict[str, Any]:
    return dict(_fetched(root, name, at, keys).values)


def statuses(root: Path, name: str, *, at: int, **keys: str) -> list[tuple[str, str]]:
    """What is not as training would have it: statuses with their details."""
    vector = _fetched(root, name, at, keys)
    return [(str(status), vector.details.get(label, "")) for label, status in vector.statuses.items()]


def _fetched(root: Path, name: str, at: int, keys: dict[str, str]) -> Vector:
    config, _found = load_config(root)
    assert config is not None
    with open_deployment(config) as deployment:
        (vector,) = Fetcher(deployment.kv, "prod").fetch(f"shop.{name}", [Request(keys=keys, at=Millis(at))])
    return vector


def kept(root: Path) -> dict[bytes, bytes]:
    """Every page and savepoint of a target."""
    config, _found = load_config(root)
    assert config is not None
    with open_deployment(config) as deployment:
        return dict(deployment.kv.scan(b"t/"))
