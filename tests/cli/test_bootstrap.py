"""A bootstrap from the command line: what is shown, planned and fetched of a join to which a table gives a feature."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chronon.cli.app import run
from chronon.model.time import DAY, parse_day

FIRST, DAYS = parse_day("2024-01-01") or 0, 3
FILES = {
    "chronon.yaml": "tables: data\ntargets: {local: {engine: local, home: home}}\n",
    "teams/shop/team.yaml": "team: shop\nowners: [shop@example.com]\n",
    "teams/shop/sources/asks.yaml": (
        "source: asks\nevents: {table: shop.asks, time: ms, columns: {user: string, ms: long}}\n"
    ),
    "teams/shop/sources/buys.yaml": (
        "source: buys\nevents: {table: shop.buys, time: ms, columns: {user: string, amount: long, ms: long}}\n"
    ),
    "teams/shop/sources/old.yaml": (
        "source: old\nentities: {table: shop.old, columns: {who: string, total: long}, end: 2024-01-03}\n"
    ),
    "teams/shop/group_bys/buys.yaml": (
        "group_by: buys\nsource: buys\nkeys: [user]\naccuracy: snapshot\nonline: true\n"
        "aggregations: [{input: amount, operations: [sum, count], windows: [1d]}]\n"
    ),
    "teams/shop/joins/ask.yaml": (
        "join: ask\nleft: {source: asks, select: {user: user}}\nonline: true\nparts: [buys]\n"
        "bootstrap:\n  - source: old\n    keys: user\n    select: {user: who, shop_buys_amount_sum_1d: total}\n"
        'derivations: {"*": "*", mean: shop_buys_amount_sum_1d / shop_buys_amount_count_1d}\n'
    ),
}
SUM, COUNT = "shop_buys_amount_sum_1d", "shop_buys_amount_count_1d"
TABLES: Mapping[str, Mapping[str, pa.DataType]] = {
    "asks": {"user": pa.string(), "ms": pa.int64()},
    "buys": {"user": pa.string(), "amount": pa.int64(), "ms": pa.int64()},
    "old": {"who": pa.string(), "total": pa.int64()},
}


def moment(day: int) -> int:
    return (FIRST + day) * DAY + DAY // 2


def rows_of(table: str, day: int) -> list[dict[str, Any]]:
    """Two users ask and buy for 3 every day; of one of them the old system knew something else."""
    if table == "asks":
        return [{"user": user, "ms": moment(day)} for user in ("ann", "bob")]
    if table == "buys":
        return [{"user": user, "amount": 3, "ms": moment(day)} for user in ("ann", "bob")]
    return [{"who": "ann", "total": 100 + day}, {"who": "bob", "total": None}]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("shop")
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    for table, schema in TABLES.items():
        for day in range(DAYS):
            folder = root / f"data/shop/{table}/ds=2024-01-{day + 1:02}"
            folder.mkdir(parents=True)
            pq.write_table(pa.Table.from_pylist(rows_of(table, day), pa.schema(schema)), folder / "part.parquet")
    for day in range(DAYS):
        assert run(["apply", "--yes", "--as-of", f"2024-01-{day + 1:02}", "--repo", str(root)]) == 0
    return root


def said(root: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    capsys.readouterr()
    code = run([*arguments, "--repo", str(root)])
    return code, capsys.readouterr().out


def test_rows_when_shown_then_have_what_the_table_gives(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = {}
    for day in ("2024-01-02", "2024-01-03"):
        _code, out = said(shop, capsys, "show", "shop.ask", "--rows", "--day", day, "--json")
        found[day] = {row["user"]: (row[SUM], row[COUNT], row["mean"]) for row in json.loads(out)}

    assert found == {
        "2024-01-02": {"ann": (101, 1, 101.0), "bob": (3, 1, 3.0)},
        "2024-01-03": {"ann": (102, 1, 102.0), "bob": (3, 1, 3.0)},
    }


def test_join_when_shown_then_says_who_gives_what(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out = said(shop, capsys, "show", "shop.ask")

    assert code == 0
    assert "bootstrap table shop.old (entities), on user, days .. 2024-01-03" in out
    assert "given by shop.old, else sum of amount over 1d" in out


def test_lineage_when_asked_then_leads_to_the_table(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out = said(shop, capsys, "lineage", f"shop.ask.{SUM}")

    assert code == 0
    assert "shop.old.total" in out


def test_fetch_when_compared_then_given_cells_are_shown_and_not_counted(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = tmp_path / "keys.jsonl"
    keys.write_text("".join(json.dumps({"user": user}) + "\n" for user in ("ann", "bob")))
    asked = ("fetch", "shop.ask", "--keys", f"@{keys}", "--at", str(moment(2)), "--compare")

    code, out = said(shop, capsys, *asked)
    _code, plain = said(shop, capsys, *asked, "--json")

    (of_ann, of_bob), lines = out.split("shop.ask at")[1:], [line.split() for line in out.splitlines()]
    assert code == 0
    assert "1 of 1 equal, 2 not compared" in of_ann
    assert "3 of 3 equal" in of_bob
    assert [SUM, "3", "·", "102", "given", "by", "the", "bootstrap"] in lines
    ann, bob = ({each["column"]: each for each in one["compared"]} for one in json.loads(plain)["results"])
    assert ann[SUM] == {"column": SUM, "served": 3, "trained": 102, "given": True}
    assert ann["mean"]["given"]
    assert bob[SUM]["equal"]


def test_plan_when_the_tables_are_as_they_were_then_is_empty(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out = said(shop, capsys, "plan", "--detailed-exitcode")

    assert (code, "Nothing changes" in out) == (0, True)


@pytest.mark.parametrize(
    ("column", "place"),
    [("total", "teams/shop/joins/ask.yaml:8:50"), ("who", "teams/shop/joins/ask.yaml:8:20")],
)
def test_plan_when_the_table_lacks_a_column_then_says_who_reads_it_where(
    column: str, place: str, shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = shutil.copytree(shop, tmp_path / "shop")
    for file in (root / "data/shop/old").rglob("*.parquet"):
        pq.write_table(pq.read_table(file).drop_columns([column]), file)

    code, out = said(root, capsys, "plan")

    assert code == 0
    assert f"lacks {column}" in out
    assert f"shop.ask.{SUM}" in out or SUM in out
    assert place in out


def test_day_of_the_table_when_it_is_written_again_then_is_given_again(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = shutil.copytree(shop, tmp_path / "shop")
    again = pa.Table.from_pylist([{"who": "bob", "total": 7}], pa.schema(TABLES["old"]))
    pq.write_table(again, root / "data/shop/old/ds=2024-01-02/part.parquet")

    assert run(["apply", "--yes", "--as-of", "2024-01-03", "--repo", str(root)]) == 0
    _code, out = said(root, capsys, "show", "shop.ask", "--rows", "--day", "2024-01-02", "--json")

    assert {row["user"]: row[SUM] for row in json.loads(out)} == {"ann": 3, "bob": 7}
