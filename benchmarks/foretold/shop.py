"""A small repository that moves on round by round: new days, edits and corrections, over tables of three sizes whose days are uneven."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from chronon.model.time import DAY, Day, day_text, parse_day

FIRST = Day(parse_day("2024-01-01") or 0)
HISTORY = 12
"""Days before the first one that is asked for."""
START = Day(FIRST + HISTORY)
TABLES = {"few": 300, "some": 5_000, "many": 60_000}
"""Rows of an ordinary day."""
WINDOWS = ("1d", "2d", "3d", "5d", "7d", "10d", "14d", "21d", "28d", "30d")
COLUMNS = "{user: string, kind: string, amount: double, items: long, paid_at: long}"


@dataclass(kw_only=True)
class Shop:
    """A repository at a folder, and the last day that is asked for. written: days of tables that are there."""

    root: Path
    chance: random.Random
    day: Day = START
    written: int = 0
    windows: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TABLES, 1))
    joins: int = 1
    derivations: int = 1
    rows: np.random.Generator = field(default_factory=lambda: np.random.default_rng(11))

    def rounds(self, count: int) -> Iterator[list[str]]:
        """Makes one round after another, the first of everything; yields further options of its plan."""
        self._definitions()
        self._write_days()
        yield []
        for _ in range(count - 1):
            self.day = Day(self.day + self.chance.choice([1, 1, 2, 4]))
            self._write_days()
            yield self._next(self.chance.choice(["days", "days", "window", "join", "derivation", "corrected"]))

    def _next(self, what: str) -> list[str]:
        table = self.chance.choice(list(TABLES))
        if what == "corrected":
            return ["--corrected", f"shop.{table}={day_text(Day(self.day - 1))}"]
        match what:
            case "window":
                self.windows[table] = min(self.windows[table] + 1, len(WINDOWS))
            case "join":
                self.joins += 1
            case "derivation":
                self.derivations += 1
            case _:  # the days alone
                pass
        self._definitions()
        return []

    def _write_days(self) -> None:
        """What has come until the end of the day."""
        while FIRST + self.written <= self.day:
            for table, rows in TABLES.items():
                self._write_day(table, Day(FIRST + self.written), int(rows * self.rows.lognormal(0, 0.4)))
            self.written += 1

    def _write_day(self, table: str, day: Day, rows: int) -> None:
        folder = self.root / f"data/shop/{table}/ds={day_text(day)}"
        folder.mkdir(parents=True)
        users = self.rows.zipf(1.3, rows) % max(TABLES[table] // 4, 10)
        columns = {
            "user": pa.array([f"user-{number}" for number in users]),
            "kind": pa.array([("book", "food", "toy", "shoe")[number] for number in self.rows.integers(0, 4, rows)]),
            "amount": pa.array(self.rows.gamma(2.0, 20.0, rows).round(2)),
            "items": pa.array(self.rows.integers(1, 9, rows)),
            "paid_at": pa.array(day * DAY + self.rows.integers(0, DAY, rows)),
        }
        pq.write_table(pa.table(columns), folder / "part-0.parquet")

    def _definitions(self) -> None:
        self._text("chronon.yaml", "tables: data\ntargets:\n  local: {engine: local, home: home}\n")
        self._text("teams/shop/team.yaml", "team: shop\nowners: [shop@example.com]\n")
        for table in TABLES:
            source = f"events:\n  table: shop.{table}\n  time: paid_at\n  columns: {COLUMNS}\n"
            self._text(f"teams/shop/sources/{table}.yaml", f"source: {table}\n{source}")
            self._text(f"teams/shop/group_bys/of_{table}.yaml", self._group_by(table))
        for number in range(self.joins):
            self._text(f"teams/shop/joins/train_{number}.yaml", self._join(number))

    def _group_by(self, table: str) -> str:
        return f"""\
group_by: of_{table}
source: shop.{table}
select: {{user: user, amount: amount, items: items, kind: kind}}
keys: [user]
accuracy: snapshot
online: true
aggregations:
  - {{input: amount, operations: [sum, average, max], windows: [{", ".join(WINDOWS[: self.windows[table]])}]}}
  - {{input: kind, operations: [unique_count, last], windows: [3d]}}
"""

    def _join(self, number: int) -> str:
        """Joins take turns in what asks; every second keeps only some of the rows."""
        asks = list(TABLES)[number % 2]
        where = "  where: [amount > 30]\n" if number % 2 else ""
        derived = "".join(f"  derived_{each}: amount * {each + 2}\n" for each in range(self.derivations))
        parts = "".join(f"  - shop.of_{table}\n" for table in list(TABLES)[number % 3 :])
        return f"""\
join: train_{number}
left:
  source: shop.{asks}
  select: {{user: user, amount: amount}}
{where}start: {day_text(START)}
parts:
{parts}derivations:
  "*": "*"
{derived}"""

    def _text(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")
