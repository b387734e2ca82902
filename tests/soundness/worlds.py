"""Random repositories over a few small tables, and random edits of them; written as the files that a user would write."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from bootstraps import given

from chronon.model.time import DAY, parse_day

N_DAYS = 8
FIRST = parse_day("2024-01-01") or 0

Definitions = dict[str, dict[str, dict[str, Any]]]
"""Kind → name → document, without the line that names it."""

EVENTS = ("purchases", "visits")
WINDOWS = ("1h", "6h", "1d", "2d", "3d", "12d", "unbounded")
OPERATIONS = ("sum", "count", "average", "min", "max", "first", "last", "last_k(2)", "unique_count", "variance")
INPUTS = {
    "amount": ("amount", "amount * 2", "COALESCE(amount, 0.0)", "-amount"),
    "n": ("n", "n + 1", "CASE WHEN n > 2 THEN n ELSE 0 END"),
}
FILTERS = ("amount > 1", "category = 'book'", "n IS NOT NULL", "amount < 50 OR n = 1")


TABLES = (*EVENTS, "checkouts", "users", "old")


def write_tables(root: Path, seed: int) -> None:
    """The tables of one world: few keys, so that rows meet; nulls, both zeros, NaN, equal times, hours at the borders."""
    chance = random.Random(seed)
    for day in range(N_DAYS):
        for table in TABLES:
            write_day(root, table, day, chance)


def write_day(root: Path, table: str, day: int, chance: random.Random) -> None:
    """Other rows for a day of a table; those that were there are gone."""
    if table in EVENTS:
        _write(root, table, day, [_event(chance, day) for _ in range(chance.randint(0, 7))], _EVENT)
    elif table == "checkouts":
        asked = [{"asked_ms": _moment(chance, day), **_keys(chance)} for _ in range(chance.randint(1, 5))]
        _write(root, table, day, [{**row, "total": chance.choice([1.5, 20.0, None])} for row in asked], _LEFT)
    elif table == "old":
        values = [{"n": chance.choice([7, 8, None]), "amount": chance.choice([0.5, None])} for _ in range(4)]
        _write(root, table, day, [{**_keys(chance), **value} for value in values], _OLD)
    else:
        users = [{"user": f"u{n}", "level": chance.choice([1, 2, None])} for n in range(3) if chance.random() < 0.8]
        _write(root, table, day, users, {"user": pa.string(), "level": pa.int64()})


_KEYS = {"user": pa.string(), "card": pa.string()}
_EVENT = {**_KEYS, "category": pa.string(), "amount": pa.float64(), "n": pa.int64(), "paid_ms": pa.int64()}
_OLD = {**_KEYS, "amount": pa.float64(), "n": pa.int64()}
_LEFT = {**_KEYS, "total": pa.float64(), "asked_ms": pa.int64()}


def _keys(chance: random.Random) -> dict[str, Any]:
    return {"user": chance.choice(["u0", "u1", "u2", None]), "card": chance.choice(["c0", "c1"])}


def _moment(chance: random.Random, day: int) -> int:
    within = chance.choice([0, 1, DAY // 24, DAY // 2, DAY - 1, chance.randrange(DAY)])
    # A row may lie a day off its partition. Behind it only: one that comes with tomorrow's partition is counted by a rebuild,
    # and by answers that are published before it only once somebody says that their day was corrected (docs/planning.md).
    off = int(chance.random() < 0.03)
    return (FIRST + day + off) * DAY + within


def _event(chance: random.Random, day: int) -> dict[str, Any]:
    amount = chance.choice([0.1, 0.2, -0.0, 0.0, 1e16, -1e16, 7.5, None, float("nan")])
    return {
        **_keys(chance),
        "category": chance.choice(["book", "food", None]),
        "amount": amount,
        "n": chance.choice([0, 1, 2, 3, None]),
        "paid_ms": _moment(chance, day),
    }


def day_folder(root: Path, table: str, day: int) -> Path:
    return root / f"data/shop/{table}/ds=2024-01-{day + 1:02}"


def _write(root: Path, table: str, day: int, rows: list[dict[str, Any]], schema: dict[str, pa.DataType]) -> None:
    folder = day_folder(root, table, day)
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema=pa.schema(list(schema.items()))), folder / "part-0.parquet")


SOURCES: dict[str, dict[str, Any]] = {
    **{
        name: {
            "events": {
                "table": f"shop.{name}",
                "time": "paid_ms",
                "columns": {
                    "user": "string",
                    "card": "string",
                    "category": "string",
                    "amount": "double",
                    "n": "long",
                    "paid_ms": "long",
                },
            }
        }
        for name in EVENTS
    },
    "checkouts": {
        "events": {
            "table": "shop.checkouts",
            "time": "asked_ms",
            "columns": {"user": "string", "card": "string", "total": "double", "asked_ms": "long"},
        }
    },
    "users": {"entities": {"table": "shop.users", "columns": {"user": "string", "level": "long"}}},
    "old": {
        "entities": {
            "table": "shop.old",
            "columns": {"user": "string", "card": "string", "amount": "double", "n": "long"},
        }
    },
}


def write_definitions(root: Path, tables: Path, definitions: Definitions) -> None:
    """A repository around tables that lie elsewhere. JSON is YAML, so documents are written as JSON."""
    teams = root / "teams/shop"
    _text(
        root / "chronon.yaml",
        {"tables": str(tables / "data"), "targets": {"local": {"engine": "local", "home": "home"}}},
    )
    _text(teams / "team.yaml", {"team": "shop", "owners": ["@shop"]})
    for name, source in SOURCES.items():
        _text(teams / f"sources/{name}.yaml", {"source": name, **source})
    for kind, documents in definitions.items():
        for name, document in documents.items():
            _text(teams / f"{kind}s/{name}.yaml", {kind: name, **document})


def _text(file: Path, document: dict[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(document, indent=1), encoding="utf-8")


def some_definitions(chance: random.Random) -> Definitions:
    """One to three group_bys and one or two joins; now and then one of them chained behind a join."""
    group_bys = {f"g{n}": a_group_by(chance) for n in range(chance.randint(1, 3))}
    joins = {"j0": a_join(chance, group_bys)}
    if chance.random() < 0.3:
        joins["j1"] = a_join(chance, group_bys)
    if chance.random() < 0.3:
        group_bys["chained"] = chained(chance)
        joins["after"] = {**a_join(chance, {"chained": group_bys["chained"]}), "derivations": {"*": "*"}}
    return {"group_by": group_bys, "join": joins}


def a_group_by(chance: random.Random) -> dict[str, Any]:
    if chance.random() < 0.15:
        return {"source": "shop.users", "keys": ["user"], "select": {"user": "user", "level": "level"}}
    return {
        "source": f"shop.{chance.choice(EVENTS)}",
        "select": {
            "user": "user",
            "card": "card",
            **{name: chance.choice(spellings) for name, spellings in INPUTS.items()},
        },
        **({"where": [chance.choice(FILTERS)]} if chance.random() < 0.3 else {}),
        "keys": chance.choice([["user"], ["card"], ["user", "card"]]),
        "accuracy": chance.choice(["temporal", "snapshot"]),
        "online": chance.random() < 0.5,
        "aggregations": [an_aggregation(chance, name) for name in INPUTS if chance.random() < 0.7]
        or [an_aggregation(chance, "n")],
    }


def an_aggregation(chance: random.Random, name: str) -> dict[str, Any]:
    windows = chance.sample(WINDOWS, chance.randint(1, 2))
    return {"input": name, "operations": chance.sample(OPERATIONS, chance.randint(1, 2)), "windows": windows}


def a_join(chance: random.Random, group_bys: dict[str, dict[str, Any]]) -> dict[str, Any]:
    parts = chance.sample(sorted(group_bys), chance.randint(1, len(group_bys)))
    found = {
        "left": {"source": "shop.checkouts", "select": {"user": "user", "card": "card", "total": "total"}},
        "start": f"2024-01-0{chance.randint(1, 4)}",
        "parts": [f"shop.{name}" for name in parts],
        **({"derivations": {"*": "*", "double_total": "total * 2"}} if chance.random() < 0.4 else {}),
        **({"labels": some_labels(chance, sorted(group_bys))} if chance.random() < 0.5 else {}),
    }
    with suppress(IndexError):
        return found | {"bootstrap": [given(chance, found, group_bys)]} if chance.random() < 0.5 else found
    return found


def some_labels(chance: random.Random, group_bys: list[str]) -> list[str | dict[str, Any]]:
    """One or two group_bys as labels; those without a window for every feature are refused by the checks."""
    named = chance.sample(group_bys, min(len(group_bys), chance.randint(1, 2)))
    return [_label(chance, name) for name in named]


def _label(chance: random.Random, name: str) -> str | dict[str, Any]:
    """Half of those over events; the others are for entities, which have to say when."""
    return (
        f"shop.{name}" if chance.random() < 0.7 else {"group_by": f"shop.{name}", "after": chance.choice(["1d", "2d"])}
    )


def chained(chance: random.Random) -> dict[str, Any]:
    read = {"card": "card", "total": chance.choice(["total", "total + 1"])}
    return {
        "sources": [{"join": "shop.j0", "select": read}],
        "keys": ["card"],
        "accuracy": chance.choice(["temporal", "snapshot"]),
        "aggregations": [{"input": "total", "operations": ["max", "count"], "windows": [chance.choice(WINDOWS)]}],
    }


Edit = Callable[[random.Random, Definitions], None]
"""Changes some definitions in place. What comes out may be refused by the checks."""


def _of(chance: random.Random, documents: dict[str, dict[str, Any]], field: str = "") -> dict[str, Any]:
    """One of the documents, of those that have a field."""
    return chance.choice([one for one in documents.values() if not field or field in one] or [{}])


def _aggregation(chance: random.Random, found: Definitions) -> dict[str, Any]:
    group_by = _of(chance, found["group_by"], "aggregations")
    return chance.choice(group_by["aggregations"]) if group_by else {}


def other_windows(chance: random.Random, found: Definitions) -> None:
    one = _aggregation(chance, found)
    one["windows"] = sorted({*one["windows"][: chance.randint(0, 2)], chance.choice(WINDOWS)})


def other_operations(chance: random.Random, found: Definitions) -> None:
    one = _aggregation(chance, found)
    one["operations"] = sorted({*one["operations"][: chance.randint(0, 2)], chance.choice(OPERATIONS)})


def another_aggregation(chance: random.Random, found: Definitions) -> None:
    group_by = _of(chance, found["group_by"], "aggregations")
    absent = sorted(INPUTS.keys() - {one["input"] for one in group_by["aggregations"]})
    group_by["aggregations"].append(an_aggregation(chance, chance.choice(absent)))


def other_order(chance: random.Random, found: Definitions) -> None:
    chance.shuffle(_of(chance, found["group_by"], "aggregations")["aggregations"])
    chance.shuffle(_of(chance, found["join"])["parts"])


def other_expression(chance: random.Random, found: Definitions) -> None:
    name = chance.choice(list(INPUTS))
    _of(chance, found["group_by"], "aggregations")["select"][name] = chance.choice(INPUTS[name])


def other_filter(chance: random.Random, found: Definitions) -> None:
    _of(chance, found["group_by"], "aggregations")["where"] = chance.sample(FILTERS, chance.randint(0, 2))


def other_keys(chance: random.Random, found: Definitions) -> None:
    _of(chance, found["group_by"], "aggregations")["keys"] = chance.choice(
        [["user"], ["card"], ["user", "card"], ["card", "user"]]
    )


def other_accuracy(chance: random.Random, found: Definitions) -> None:
    group_by = _of(chance, found["group_by"], "accuracy")
    group_by["accuracy"] = "snapshot" if group_by["accuracy"] == "temporal" else "temporal"


def other_source(chance: random.Random, found: Definitions) -> None:
    _of(chance, found["group_by"], "aggregations")["source"] = f"shop.{chance.choice(EVENTS)}"


def online_or_not(chance: random.Random, found: Definitions) -> None:
    group_by = _of(chance, found["group_by"], "online")
    group_by["online"] = not group_by["online"]


def other_parts(chance: random.Random, found: Definitions) -> None:
    join = _of(chance, found["join"])
    plain = [name for name in found["group_by"] if name != "chained"]
    join["parts"] = [f"shop.{name}" for name in chance.sample(plain, chance.randint(1, len(plain)))]


def other_labels(chance: random.Random, found: Definitions) -> None:
    join = _of(chance, found["join"])
    plain = [name for name in found["group_by"] if name != "chained"]
    join["labels"] = some_labels(chance, plain)


def no_labels(chance: random.Random, found: Definitions) -> None:
    del _of(chance, found["join"], "labels")["labels"]


def other_start(chance: random.Random, found: Definitions) -> None:
    _of(chance, found["join"])["start"] = f"2024-01-0{chance.randint(1, 6)}"


def other_left(chance: random.Random, found: Definitions) -> None:
    join = _of(chance, found["join"])
    join["left"]["select"]["total"] = chance.choice(["total", "total + 1", "COALESCE(total, 0.0)"])


def left_filter(chance: random.Random, found: Definitions) -> None:
    _of(chance, found["join"])["left"]["where"] = chance.choice([[], ["total > 2"], ["card = 'c0'"]])


def other_derivations(chance: random.Random, found: Definitions) -> None:
    join = _of(chance, found["join"])
    join["derivations"] = chance.choice(
        [{"*": "*"}, {"*": "*", "double_total": "total * 2"}, {"*": "*", "again": "total"}, {"only": "total + 1"}]
    )


def other_bootstrap(chance: random.Random, found: Definitions) -> None:
    """A table more, at either end of the list, one less, or another order."""
    join = _of(chance, found["join"])
    known = join.get("bootstrap", [])
    one = given(chance, join, found["group_by"])
    choices = [[*known, one], [one, *known], known[::-1], known[1:], [one]]
    join["bootstrap"] = chance.choice([choice for choice in choices if choice])


def no_bootstrap(chance: random.Random, found: Definitions) -> None:
    del _of(chance, found["join"], "bootstrap")["bootstrap"]


def new_group_by(chance: random.Random, found: Definitions) -> None:
    found["group_by"][f"g{chance.randint(3, 5)}"] = a_group_by(chance)


def no_join(chance: random.Random, found: Definitions) -> None:
    if len(found["join"]) > 1:
        del found["join"][chance.choice(sorted(found["join"]))]


def new_join(chance: random.Random, found: Definitions) -> None:
    plain = {name: one for name, one in found["group_by"].items() if name != "chained"}
    found["join"][f"j{chance.randint(2, 3)}"] = a_join(chance, plain)


def renamed_join(chance: random.Random, found: Definitions) -> None:
    name = chance.choice(sorted(found["join"]))
    found["join"][f"{name}x"] = found["join"].pop(name)


def renamed_group_by(chance: random.Random, found: Definitions) -> None:
    name = chance.choice(sorted(found["group_by"]))
    found["group_by"][f"{name}x"] = found["group_by"].pop(name)
    for join in found["join"].values():
        join["parts"] = [f"{part}x" if part == f"shop.{name}" else part for part in join["parts"]]
        if "labels" in join:
            join["labels"] = [_renamed(label, f"shop.{name}") for label in join["labels"]]


def _renamed(label: str | dict[str, Any], name: str) -> str | dict[str, Any]:
    if isinstance(label, str):
        return f"{label}x" if label == name else label
    return {**label, "group_by": _renamed(label["group_by"], name)}


def description(chance: random.Random, found: Definitions) -> None:
    _of(chance, found[chance.choice(["group_by", "join"])])["description"] = f"described {chance.randint(0, 9)} times"


EDITS: tuple[Edit, ...] = (
    other_windows,
    other_operations,
    another_aggregation,
    other_order,
    other_expression,
    other_filter,
    other_keys,
    other_accuracy,
    other_source,
    online_or_not,
    other_parts,
    other_labels,
    no_labels,
    other_start,
    other_left,
    left_filter,
    other_derivations,
    other_bootstrap,
    no_bootstrap,
    new_group_by,
    no_join,
    new_join,
    renamed_join,
    renamed_group_by,
    description,
)


def edited(chance: random.Random, found: Definitions) -> Iterator[tuple[str, Definitions]]:
    """Edits of the same definitions one after the other, each tried for itself, with their names; without an end."""
    while True:
        edit = chance.choice(EDITS)
        copy = deepcopy(found)
        try:
            edit(chance, copy)
        except (KeyError, IndexError):
            continue  # there is nothing of the kind that it edits
        yield edit.__name__, copy
