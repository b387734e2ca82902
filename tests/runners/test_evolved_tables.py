"""A table whose files changed over the days gives the numbers of a table that was always as it is declared.

        2024-01-01 .. 03        2024-01-04            2024-01-05 ..
files   who, int, no kind       one file of each      user, long, kind
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from type_world import Silent

from chronon.loaders.config import load_config
from chronon.model.time import parse_day
from chronon.planners import make_plan
from chronon.runners.apply import apply_plan
from chronon.runners.deployment import open_deployment
from chronon.runners.training import training_rows
from chronon.validators import validate

FILES = {
    "chronon.yaml": (
        "tables: data\ntarget: local\n"
        "targets:\n  local: {engine: local, home: local}\n  spark: {engine: spark, home: spark}\n"
    ),
    "teams/shop/team.yaml": "team: shop\n",
    "teams/shop/sources/buys.yaml": """\
source: buys
events:
  table: shop.buys
  time: ms
  columns:
    user: {type: string, alias: [client, who]}
    amount: long
    price: {type: "decimal(14,3)", alias: cost}
    kind: {type: string, optional: true}
    ms: long
""",
    "teams/shop/group_bys/user.yaml": """\
group_by: user
source: buys
select: {amount: amount * 2147483647, price: price, kind: "coalesce(kind, 'none')"}
where: [amount > 1]
accuracy: temporal
keys: [user]
aggregations:
  - {input: amount, operations: [sum, last_k(3)], windows: [1d, 3d]}
  - {input: price, operations: [sum, max], windows: [3d]}
  - {input: amount, operations: count, windows: 3d, buckets: kind}
""",
    "teams/shop/joins/ask.yaml": """\
join: ask
start: 2024-01-01
left: {source: buys, select: {user: user, amount: amount, kind: kind, price: price}}
parts: [user]
""",
}
FIRST, DAYS, LAST_DAY = parse_day("2024-01-01") or 0, 6, "2024-01-06"
NEW = pa.schema(
    [
        ("user", pa.string()),
        ("amount", pa.int64()),
        ("price", pa.decimal128(14, 3)),
        ("kind", pa.string()),
        ("ms", pa.int64()),
    ]
)
OLD = pa.schema([("ms", pa.int64()), ("cost", pa.decimal128(9, 2)), ("amount", pa.int32()), ("who", pa.string())])
NAMES = {"who": "user", "cost": "price"}


def events(day: int, *, is_old: bool) -> pa.Table:
    """Six rows; old ones know no kind."""
    start = (FIRST + day) * 86_400_000
    prices = pa.array([f"{day + at}.50" for at in range(6)]).cast(pa.decimal128(14, 3))
    return pa.table(
        {
            "user": [f"u{(day + at) % 3}" for at in range(6)],
            "amount": [1 + at * (day + 1) for at in range(6)],
            "price": prices,
            "kind": [None if is_old or at == 1 else f"k{at % 2}" for at in range(6)],
            "ms": [start + (at * 2 + (0 if is_old else 1)) * 3_600_000 for at in range(6)],
        },
        schema=NEW,
    )


def as_old(table: pa.Table) -> pa.Table:
    return pa.table({field.name: table[NAMES.get(field.name, field.name)] for field in OLD}).cast(OLD)


def a_shop(root: Path, *, is_evolved: bool) -> Path:
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    for day in range(DAYS):
        folder = root / f"data/shop/buys/ds=2024-01-{day + 1:02}"
        folder.mkdir(parents=True)
        for is_old in (True, False):
            if (is_old and day <= 3) or (not is_old and day >= 3):
                table = events(day, is_old=is_old)
                pq.write_table(
                    as_old(table) if is_old and is_evolved else table, folder / f"{'a' if is_old else 'b'}.parquet"
                )
    return root


def rows_of(root: Path, target: str) -> pa.Table:
    config, _ = load_config(root)
    repository, catalog, found = validate(root)
    assert config is not None
    assert catalog is not None, found
    with open_deployment(config, target) as deployment:
        available = deployment.tables.availability(["shop.buys"])
        plan = make_plan(
            catalog, repository, deployment.state.read(), available, environment="prod", as_of=parse_day(LAST_DAY)
        )
        apply_plan(deployment, plan, holder="test", observer=Silent())
        table = training_rows(deployment, "prod", "shop.ask")
    return table.sort_by([(name, "ascending") for name in ("ms", "user", "row_id") if name in table.column_names])


@pytest.mark.parametrize("target", ["local", pytest.param("spark", marks=pytest.mark.engine)])
def test_files_of_several_shapes_then_give_the_rows_of_one_shape(tmp_path: Path, target: str) -> None:
    always = rows_of(a_shop(tmp_path / "always", is_evolved=False), "local")

    evolved = rows_of(a_shop(tmp_path / "evolved", is_evolved=True), target)

    assert always.num_rows == 6 * (DAYS + 1)
    assert evolved.equals(always)
