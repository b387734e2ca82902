"""Labels of a join, from files to training rows: beside naive Python, while their windows go by, and never served."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chronon.cli.drafting import tables_of
from chronon.loaders.config import load_config
from chronon.model.corrections import Correction
from chronon.model.dayset import DaySet
from chronon.model.jobs import FeatureJob
from chronon.model.live import Observed
from chronon.model.plan import Plan
from chronon.model.time import DAY, HOUR, Day, Millis, parse_day
from chronon.planners import make_plan
from chronon.runners.apply import apply_plan
from chronon.runners.deployment import Deployment, open_deployment
from chronon.runners.training import rows_of, training_rows
from chronon.serving import Fetcher, Request
from chronon.validators import validate

FILES = {
    "chronon.yaml": "tables: data\ntargets:\n  local: {engine: local, home: home}\n",
    "teams/shop/team.yaml": "team: shop\nowners: [shop@example.com]\n",
    "teams/shop/sources/offers.yaml": (
        "source: offers\nevents:\n  table: shop.offers\n  time: ms\n  columns: {user: string, ms: long}\n"
    ),
    "teams/shop/sources/buys.yaml": (
        "source: buys\nevents:\n  table: shop.buys\n  time: ms\n  columns: {user: string, amount: long, ms: long}\n"
    ),
    "teams/shop/sources/users.yaml": (
        "source: users\nentities:\n  table: shop.users\n  columns: {user: string, level: long}\n"
    ),
    "teams/shop/group_bys/spend.yaml": (
        "group_by: spend\nsource: shop.buys\nkeys: [user]\nonline: true\naccuracy: snapshot\n"
        "aggregations:\n  - {input: amount, operations: [count, sum, first], windows: [1d, 3d]}\n"
    ),
    "teams/shop/group_bys/soon.yaml": (
        "group_by: soon\nsource: shop.buys\nkeys: [user]\naccuracy: temporal\n"
        "aggregations:\n  - {input: amount, operations: [count, last], windows: [1h, 36h]}\n"
    ),
    "teams/shop/group_bys/level.yaml": (
        "group_by: level\nsource: shop.users\nselect: {level: level}\nkeys: [user]\n"
    ),
    "teams/shop/joins/offer.yaml": (
        "join: offer\nleft: {source: shop.offers, select: {user: user}}\nonline: true\nstart: 2024-01-03\n"
        "parts: [shop.spend]\nlabels:\n  - shop.spend\n  - shop.soon\n  - {group_by: shop.level, after: 2d}\n"
    ),
}  # fmt: skip
FIRST = parse_day("2024-01-01") or Day(0)
LAST = Day(FIRST + 9)
OVER_AFTER = {
    "spend_amount_count_1d": 1,
    "spend_amount_count_3d": 3,
    "soon_amount_count_1h": 1,
    "soon_amount_last_36h": 2,
}
"""Label → days after the day of a row that must be there until every window of that day is over."""


class Silent:
    """Watches an apply and says nothing."""

    def __getattr__(self, _name: str) -> Any:
        return lambda *_arguments: None


Rows = list[dict[str, Any]]


def some_rows(seed: int) -> dict[str, dict[Day, Rows]]:
    """Three tables of ten days: few users, times at the borders of days and hours, some equal to those of offers."""
    chance = random.Random(seed)
    tables: dict[str, dict[Day, Rows]] = {"offers": {}, "buys": {}, "users": {}}
    for day in map(Day, range(FIRST, LAST + 1)):
        moments = [day * DAY + chance.choice([0, 1, HOUR, 5 * HOUR, DAY - 1, chance.randrange(DAY)]) for _ in range(12)]
        tables["offers"][day] = [{"user": user(chance), "ms": at} for at in moments[:4]]
        tables["buys"][day] = [
            {"user": user(chance), "amount": chance.choice([1, 5, None]), "ms": at} for at in moments[2:]
        ]
        tables["users"][day] = [{"user": f"u{n}", "level": chance.randrange(4)} for n in range(2)]
    return tables


def user(chance: random.Random) -> str | None:
    return chance.choice(["u0", "u0", "u1", "u1", "u2", None])


KINDS = {"user": pa.string(), "ms": pa.int64(), "amount": pa.int64(), "level": pa.int64()}
COLUMNS = {"offers": ("user", "ms"), "buys": ("user", "amount", "ms"), "users": ("user", "level")}


def write(root: Path, table: str, day: Day, rows: Rows) -> None:
    folder = root / f"data/shop/{table}/ds=2024-01-{day - FIRST + 1:02}"
    folder.mkdir(parents=True, exist_ok=True)
    schema = pa.schema([(name, KINDS[name]) for name in COLUMNS[table]])
    pq.write_table(pa.Table.from_pylist(rows, schema), folder / "part-0.parquet")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Deployment]:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    with opened(tmp_path) as deployment:
        yield deployment


@contextmanager
def opened(root: Path) -> Iterator[Deployment]:
    config, _found = load_config(root)
    assert config is not None
    with open_deployment(config) as deployment:
        yield deployment


def applied(root: Path, shop: Deployment, as_of: Day, corrected: tuple[Correction, ...] = ()) -> Plan:
    repository, catalog, found = validate(root)
    assert repository is not None
    assert catalog is not None, found
    available = shop.tables.availability(tables_of(catalog))
    seen = Observed(corrected=corrected)
    plan = make_plan(catalog, repository, shop.state.read(), available, environment="prod", as_of=as_of, observed=seen)
    if not plan.is_empty:
        apply_plan(shop, plan, holder="ann", observer=Silent())
    return plan


def labels(row: dict[str, Any]) -> dict[str, Any]:
    """The labels of a training row, without what stands before all of them."""
    return {name.removeprefix("label_shop_"): value for name, value in row.items() if name.startswith("label_")}


def naive(tables: dict[str, dict[Day, Rows]], row: dict[str, Any], last: Day) -> dict[str, Any]:
    """The labels of an offer, by looking at every row there is up to a day."""
    day, at, who = row["day"], row["ts"], row["user"]
    bought = sorted(
        (buy["ms"], buy["amount"])
        for of_day, rows in tables["buys"].items()
        if of_day <= last
        for buy in rows
        if who is not None and buy["user"] == who and buy["amount"] is not None
    )
    found: dict[str, Any] = {}
    for part, operations, windows in (("spend", "count sum first", (24, 72)), ("soon", "count last", (1, 36))):
        for hours in windows:
            over = last >= day - -hours * HOUR // DAY
            amounts = [amount for ms, amount in bought if at <= ms < at + hours * HOUR] if over else []
            text = f"{hours // 24}d" if hours % 24 == 0 else f"{hours}h"
            for operation in operations.split():
                found[f"{part}_amount_{operation}_{text}"] = {
                    "count": len(amounts), "sum": sum(amounts),
                    "first": amounts[0] if amounts else None, "last": amounts[-1] if amounts else None,
                }[operation] if amounts else None  # fmt: skip
    levels = {one["user"]: one["level"] for one in tables["users"].get(Day(day + 1), [])}
    found["level_level"] = levels.get(who) if last >= day + 1 else None
    return found


def with_days(found: Rows) -> Rows:
    return [{**row, "day": parse_day(row["ds"])} for row in found]


@pytest.mark.parametrize("seed", range(6))
def test_labels_equal_what_naive_python_finds_while_their_windows_go_by(
    seed: int, tmp_path: Path, shop: Deployment
) -> None:
    tables = some_rows(seed)
    for day in map(Day, range(FIRST, LAST + 1)):
        for table, rows in tables.items():
            write(tmp_path, table, day, rows[day])
        if day < FIRST + 3:
            continue

        applied(tmp_path, shop, day)

        found = with_days(rows_of(training_rows(shop, "prod", "shop.offer")))
        assert {row["day"] for row in found} == set(range(FIRST + 2, day + 1)), "every row has its features"
        for row in found:
            assert labels(row) == naive(tables, row, day), row
        assert applied(tmp_path, shop, day).is_empty


def test_each_day_of_a_label_is_made_once_and_as_soon_as_it_is_known(tmp_path: Path, shop: Deployment) -> None:
    made: list[tuple[str, int]] = []
    tables = some_rows(1)
    for day in map(Day, range(FIRST, LAST + 1)):
        for table, rows in tables.items():
            write(tmp_path, table, day, rows[day])
        jobs = [step.job for step in applied(tmp_path, shop, day).steps]
        made += [
            (name.removeprefix("label_shop_"), day - of)
            for job in jobs
            if isinstance(job, FeatureJob) and job.part.ahead
            for _column, name in job.columns
            for of in job.days
        ]

    for name, later in OVER_AFTER.items():
        assert [after for label, after in made if label == name] == [later] * (8 - later), name


def test_corrected_day_makes_the_labels_of_earlier_rows_again(tmp_path: Path, shop: Deployment) -> None:
    tables = some_rows(2)
    for table, by_day in tables.items():
        for day, rows in by_day.items():
            write(tmp_path, table, day, rows)
    applied(tmp_path, shop, LAST)
    corrected = Day(FIRST + 6)
    tables["buys"][corrected] = [{"user": "u0", "amount": 100, "ms": corrected * DAY + 5}]
    write(tmp_path, "buys", corrected, tables["buys"][corrected])

    said = Correction(table="shop.buys", days=DaySet.days([corrected]), within=frozenset({"ms"}))
    plan = applied(tmp_path, shop, LAST, (said,))

    again: dict[str, set[int]] = {}
    for step in plan.steps:
        if isinstance(step.job, FeatureJob) and step.job.part.ahead:
            for _column, name in step.job.columns:
                again.setdefault(name.removeprefix("label_shop_"), set()).update(
                    corrected - day for day in step.job.days
                )
    assert again["spend_amount_count_1d"] == {0, 1}
    assert again["spend_amount_count_3d"] == {0, 1, 2, 3}
    assert "level_level" not in again
    for row in with_days(rows_of(training_rows(shop, "prod", "shop.offer"))):
        assert labels(row) == naive(tables, row, LAST)


def test_labels_are_never_served_and_a_label_alone_uploads_nothing(tmp_path: Path, shop: Deployment) -> None:
    for table, by_day in some_rows(3).items():
        for day, rows in by_day.items():
            write(tmp_path, table, day, rows)
    applied(tmp_path, shop, LAST)

    (vector,) = Fetcher(shop.kv, "prod").fetch(
        "shop.offer", [Request(keys={"user": "u0"}, at=Millis((LAST + 1) * DAY + HOUR))]
    )

    assert vector.values.keys() - {"user"} == {
        f"shop_spend_amount_{op}_{w}" for op in ("count", "sum", "first") for w in ("1d", "3d")
    }
    assert vector.statuses == {}
    assert [key for key, found in shop.kv.scan(b"") if b"label_" in found] == []
