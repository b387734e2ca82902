"""The tables of the shop: few keys, so that rows meet; nulls, both zeros, NaN, equal times, the borders of days."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from chronon.model.time import DAY, parse_day

FIRST = parse_day("2024-01-01") or 0
N_DAYS = 20

_TEXT, _LONG, _DOUBLE = pa.string(), pa.int64(), pa.float64()
_PAID = {"user": _TEXT, "card": _TEXT, "category": _TEXT, "amount": _DOUBLE, "n": _LONG, "paid_ms": _LONG}
_ACCOUNT = {"user": _TEXT, "balance": _DOUBLE, "kind": _TEXT, "opened_ms": _LONG}
SCHEMAS = {
    "purchases": _PAID | {"note": _TEXT, "n": pa.int32()},
    "imports": _PAID,
    "visits": {"user": _TEXT, "page": _TEXT, "address": _TEXT, "seconds": _DOUBLE, "seen_ms": _LONG},
    "checkouts": {"user": _TEXT, "card": _TEXT, "city": _TEXT, "total": _DOUBLE, "asked_ms": _LONG},
    "refunds": {"user": _TEXT, "card": _TEXT, "asked_ms": _LONG},
    "users": {"user": _TEXT, "level": _LONG, "country": _TEXT},
    "accounts": _ACCOUNT,
    "account_changes": _ACCOUNT | {"changed_ms": _LONG, "is_before": pa.bool_()},
    "parcels": {"user": _TEXT, "sender": _TEXT, "weight": _DOUBLE, "sent_ms": _LONG},
    "returns": {"user": _TEXT, "worth": _DOUBLE, "back_ms": _LONG},
    "standings": {"user": _TEXT, "level": _LONG, "stars": _LONG},
}
SPARE = {name: of for schema in SCHEMAS.values() for name, of in schema.items()}
"""`spare` has the columns of all others, so that any source can be read from it."""

_VALUES: dict[str, tuple[Any, ...]] = {
    "user": ("u0", "u1", "U1", None),
    "card": ("c0", "c1"),
    "category": ("book", "Book", None),
    "note": ("a", None),
    "address": ("home", "cart", None),
    "page": ("home", "Home", "cart", None),
    "city": ("Rome", "Oslo"),
    "country": ("it", "no", None),
    "kind": ("gold", None),
    "amount": (0.1, 0.2, -0.0, 1e16, -1e16, 7.5, None, float("nan")),
    "seconds": (1.5, 61.0, 90.0, None),
    "total": (1.5, 20.0, -3.0, None),
    "balance": (5.0, -2.5, 0.1, None),
    "n": (0, 1, 2, 3, None),
    "level": (1, 2, None),
    "stars": (0, 5, None),
    "sender": ("u0", "u1", None),
    "weight": (0.5, 2.0, None),
    "worth": (9.9, 0.1, -0.0, None),
    "is_before": (True, False),
}


def write_tables(root: Path) -> None:
    """All tables of every day, the same whenever they are made. Purchases have folders called by `day` too."""
    chance = random.Random(0)
    for day in range(N_DAYS):
        for table, schema in {**SCHEMAS, "spare": SPARE}.items():
            rows = [_row(chance, schema, day) for _ in range(chance.randint(1, 4))]
            found = pa.Table.from_pylist(rows, schema=pa.schema(list(schema.items())))
            for name in ("ds", "day") if table == "purchases" else ("ds",):
                folder = root / f"shop/{table}/{name}=2024-01-{day + 1:02}"
                folder.mkdir(parents=True)
                pq.write_table(found, folder / "part-0.parquet")


def _row(chance: random.Random, schema: dict[str, pa.DataType], day: int) -> dict[str, Any]:
    return {name: _moment(chance, day) if name.endswith("_ms") else chance.choice(_VALUES[name]) for name in schema}


def _moment(chance: random.Random, day: int) -> int:
    """A time of the day, now and then of the day after, as a partition may have it."""
    within = chance.choice([0, 1, DAY // 24, DAY // 2, DAY - 1, chance.randrange(DAY), DAY + DAY // 3])
    return (FIRST + day) * DAY + within
