"""Tables that give values to random joins."""

from __future__ import annotations

import random
from typing import Any


def given(chance: random.Random, found: dict[str, Any], group_bys: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A table that gives one or two of the features and derivations of a join. Errors: IndexError when it has none."""
    names = {part.removeprefix("shop.") for part in found["parts"]} & group_bys.keys()
    columns = {f"shop_{name}_{feature}": "n" for name in sorted(names) for feature in _longs(group_bys[name])}
    columns |= {name: "amount" for name in ("double_total",) if name in found.get("derivations", {})}
    chosen = {chance.choice(sorted(columns)) for _ in range(2)}
    return {
        "source": "shop.old",
        "keys": chance.choice([["user"], ["card"], ["user", "card"]]),
        "select": {name: columns[name] for name in sorted(chosen)},
        **({"where": [chance.choice(["amount IS NOT NULL", "n > 7"])]} if chance.random() < 0.3 else {}),
        **({"end": f"2024-01-0{chance.randint(2, 6)}"} if chance.random() < 0.4 else {}),
    }


def _longs(group_by: dict[str, Any]) -> list[str]:
    """The names of features that are of type long, by their operations."""
    return [
        f"{one['input']}_{operation}" + ("" if window == "unbounded" else f"_{window}")
        for one in group_by.get("aggregations", [])
        for operation in one["operations"]
        if operation in {"count", "unique_count"} or (one["input"] == "n" and operation in {"sum", "min", "max"})
        for window in one["windows"]
    ]
