"""One repository with a column of every type: as a key, passed through from a snapshot, on the left, in conditions."""

from __future__ import annotations

import decimal
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from chronon.expressions.arrow import arrow_type
from chronon.loaders.config import load_config
from chronon.model.time import DAY, parse_day
from chronon.model.types import DataType, parse_type
from chronon.model.values import EPOCH
from chronon.planners import make_plan
from chronon.runners.apply import apply_plan
from chronon.runners.deployment import Deployment, open_deployment
from chronon.runners.training import rows_of
from chronon.validators import validate

FIRST, DAYS = parse_day("2024-01-01") or 0, 4
AS_OF = parse_day("2024-01-04")
PLAIN = {
    "flag": "boolean",
    "small": "int",
    "big": "long",
    "light": "float",
    "heavy": "double",
    "name": "string",
    "seal": "binary",
    "born": "date",
    "seen": "timestamp",
    "price": "decimal(12,2)",
}
NESTED = {
    "days": "list<date>",
    "costs": "map<string,decimal(18,3)>",
    "home": "struct<since:timestamp,seals:list<binary>,tags:map<string,list<long>>,deep:struct<x:float>>",
}
TYPES: Mapping[str, DataType] = {
    name: kind for name, text in {**PLAIN, **NESTED}.items() if (kind := parse_type(text)) is not None
}

_TEAM = "team: lab\ndescription: Tries everything\nowners: [lab@example.com]\n"
_CONFIG = "tables: data\ntarget: local\ntargets:\n  local: {engine: local, home: local}\n  spark: {engine: spark, home: spark}\n"


def files() -> dict[str, str]:
    """The definitions: for every plain type a group_by that has it as its key and passes on everything else."""
    columns = "".join(f"    {name}: {text!r}\n" for name, text in {**PLAIN, **NESTED}.items())
    found = {
        "chronon.yaml": _CONFIG,
        "teams/lab/team.yaml": _TEAM,
        "teams/lab/sources/asks.yaml": "source: asks\ndescription: Left\nevents:\n  table: lab.asks\n  time: ms\n  columns:\n    ms: long\n"
        + columns,
        "teams/lab/sources/things.yaml": "source: things\ndescription: Evening\nentities:\n  table: lab.things\n  columns:\n"
        + columns,
        "teams/lab/sources/sold.yaml": "source: sold\ndescription: Facts\nevents:\n  table: lab.asks\n  time: ms\n  columns:\n    ms: long\n"
        + columns,
        "teams/lab/group_bys/counted.yaml": (
            "group_by: counted\ndescription: Conditions\nsource: lab.sold\nkeys: [seal, born, seen, price]\naccuracy: snapshot\n"
            "online: true\nwhere:\n  - born >= DATE '1969-12-31' OR seen < TIMESTAMP '2013-02-27T14:05:00.000002Z'\n"
            "  - price <> CAST('7.00' AS decimal(12,2)) AND seal > CAST('' AS binary)\n  - days IS NOT NULL\n"
            "aggregations:\n  - {input: name, operations: [count, last], windows: [1d, unbounded]}\n"
        ),
    }
    parts = ["{group_by: lab.counted}"]
    for key in PLAIN:
        others = ", ".join(f"{name}: {name}" for name in TYPES if name != key)
        found[f"teams/lab/group_bys/by_{key}.yaml"] = (
            f"group_by: by_{key}\ndescription: Passed on\nsource: lab.things\nselect: {{{others}}}\nkeys: [{key}]\nonline: true\n"
        )
        parts.append(f"{{group_by: lab.by_{key}}}")
    selects = ", ".join(f"{name}: {name}" for name in TYPES)
    found["teams/lab/joins/ask.yaml"] = (
        f"join: ask\ndescription: Everything\nstart: 2024-01-02\nonline: true\nleft: {{source: lab.asks, select: {{{selects}}}}}\n"
        f"parts: [{', '.join(parts)}]\n"
        'derivations:\n  "*": "*"\n  born_before: born < lab_by_name_born\n'
        "  paid: COALESCE(lab_by_name_price, price, CAST('0.5' AS decimal(12,2)))\n"
        "  first_seen: CASE WHEN seen < lab_by_name_seen THEN seen ELSE lab_by_name_seen END\n"
        "  sealed: lab_by_name_seal IN (CAST('AP8=' AS binary))\n  homeless: lab_by_name_home IS NULL\n"
    )
    return found


POOLS: Mapping[str, list[Any]] = {
    "flag": [True, False],
    "small": [0, -1, 2**31 - 1],
    "big": [0, 7, -(2**63), 2**63 - 1],
    "light": [0.5, 0.10000000149011612, 0.0],
    "heavy": [0.1, -2.5, 1e300],
    "name": ["", "a", "é😀"],
    "seal": [b"", b"\0\xff", b"a\0b"],
    "born": [date(1970, 1, 1), date(1969, 12, 31), date(2013, 2, 27), date(9999, 12, 31)],
    "seen": [EPOCH, EPOCH - timedelta(microseconds=1), EPOCH + timedelta(microseconds=1_361_973_900_000_001)],
    "price": [decimal.Decimal(text) for text in ("0.00", "1.50", "-9999999999.99", "7.00")],
    "days": [[], [date(2013, 2, 27), None], [date(1, 1, 1)]],
    "costs": [[], [("a", decimal.Decimal("0.001")), ("é", None)], [("a", decimal.Decimal("123456789012345.678"))]],
    "home": [
        {"since": None, "seals": None, "tags": None, "deep": None},
        {
            "since": EPOCH + timedelta(microseconds=1),
            "seals": [b"\0", None, b""],
            "tags": [("x", [1, None]), ("y", None)],
            "deep": {"x": 0.5},
        },
    ],
}


def write_tables(root: Path) -> None:
    """Four days of left rows and snapshots; of two files a day one has narrow integers and timestamps without a zone: INT96
    in the snapshots, as Spark writes them."""
    chance = random.Random(3)
    for day in range(DAYS):
        for table in ("asks", "things"):
            rows = [a_row(table, day, chance) for _ in range(24)]
            folder = root / f"lab/{table}/ds=2024-01-{day + 1:02}"
            folder.mkdir(parents=True)
            pq.write_table(arrow_rows(rows[:12]), folder / "part-0.parquet")
            other = narrow(arrow_rows(rows[12:]))
            pq.write_table(other, folder / "part-1.parquet", use_deprecated_int96_timestamps=table == "things")


def a_row(table: str, day: int, chance: random.Random) -> dict[str, Any]:
    row = {name: None if chance.random() < 0.1 else chance.choice(pool) for name, pool in POOLS.items()}
    if table == "asks":
        row["ms"] = (FIRST + day) * DAY + chance.randrange(DAY)
    return row


def arrow_rows(rows: list[dict[str, Any]]) -> pa.Table:
    kinds = {name: arrow_type(kind) for name, kind in TYPES.items()} | ({"ms": pa.int64()} if "ms" in rows[0] else {})
    return pa.table({name: pa.array([row[name] for row in rows], kind) for name, kind in kinds.items()})


def narrow(table: pa.Table) -> pa.Table:
    """The same values in other types that a file may have for them."""
    zoneless = table["seen"].cast(pa.timestamp("us"))
    table = table.set_column(table.schema.get_field_index("seen"), "seen", zoneless)
    bytes_ = pa.array([min(value, 7) if value is not None else None for value in table["small"].to_pylist()], pa.int8())
    return table.set_column(table.schema.get_field_index("small"), "small", bytes_)


def things_of(root: Path, day: str) -> list[dict[str, Any]]:
    """The rows of a snapshot, as programs have them."""
    found = []
    for part in (0, 1):
        table = pq.read_table(root / f"data/lab/things/ds={day}/part-{part}.parquet", partitioning=None)
        found += rows_of(table.cast(pa.schema([(name, arrow_type(TYPES[name])) for name in table.column_names])))
    return found


class Silent:
    def __getattr__(self, _name: str) -> Any:
        return lambda *_arguments: None


@contextmanager
def applied(root: Path, target: str) -> Iterator[Deployment]:
    """A target on which everything is applied."""
    config, _found = load_config(root)
    assert config is not None
    repository, catalog, found = validate(root)
    assert repository is not None, found
    assert catalog is not None, found
    with open_deployment(config, target) as deployment:
        tables = deployment.tables.availability(["lab.asks", "lab.things"])
        state = deployment.state.read()
        plan = make_plan(catalog, repository, state, tables, environment="prod", as_of=AS_OF)
        apply_plan(deployment, plan, holder="test", observer=Silent())
        yield deployment


def a_repository(root: Path) -> Path:
    """The repository and its tables, written into a folder."""
    for name, text in files().items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    write_tables(root / "data")
    return root
