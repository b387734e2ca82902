"""What a live table adds to a contract, and that nothing else in the file moves."""

from __future__ import annotations

import difflib
import threading
from pathlib import Path

import pytest

from chronon.loaders.columns_text import with_columns
from chronon.loaders.contracts import contracts_of, difference_of
from chronon.loaders.pulling import pull
from chronon.loaders.repository import load
from chronon.model.errors import ChrononError
from chronon.model.live import Fit, LiveTable, held
from chronon.model.specs import ColumnSpec, SourceSpec
from chronon.model.types import DataType, Decimal, ListOf, MapOf, Scalar, StructOf

PRICE = Decimal(9, 2)
PARTS = StructOf((("a", Scalar.INT), ("b", PRICE)))


def a_live(others: dict[str, str] | None = None, **columns: DataType) -> LiveTable:
    return LiveTable(columns=columns, others=others or {})


def a_repo(tmp_path: Path, body: str, name: str = "orders") -> Path:
    folder = tmp_path / "teams" / "shop" / "sources"
    folder.mkdir(parents=True, exist_ok=True)
    (tmp_path / "data").mkdir(exist_ok=True)
    (tmp_path / "chronon.yaml").write_text("targets:\n  local: {engine: local, home: .chronon}\n")
    (tmp_path / "teams" / "shop" / "team.yaml").write_text("team: shop\n")
    (folder / f"{name}.yaml").write_bytes(body.encode())
    return folder / f"{name}.yaml"


def the_source(root: Path) -> SourceSpec:
    repository, found = load(root)
    assert found == ()
    (source,) = repository.sources.values()
    return source


def changed_lines(old: str, new: str) -> list[str]:
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), n=0, lineterm="")
    return [line for line in lines if line[:1] in "+-" and not line.startswith(("+++", "---"))]


BLOCK = """\
# What is ordered, and when.
source:   orders
description: >
  Orders, "paid"
  or not
events:
  time: 'at'
  table: shop.orders   # the one of the warehouse
  columns:

    # who
    user:   string     # never null
    "total": {description: "with tax, in cents", type: int}
    city: {type: string, alias: [town, place]}
    at: 'long'
    # the end of the columns

  end: 2024-03-01
"""


def test_pull_when_columns_are_new_and_types_differ_then_only_these_lines_differ(tmp_path: Path) -> None:
    file = a_repo(tmp_path, BLOCK)
    live = a_live(user=Scalar.STRING, total=Scalar.LONG, town=Scalar.STRING, at=Scalar.TIMESTAMP, parts=PARTS)

    source, written = pull(tmp_path, the_source(tmp_path), {"shop.orders": live})

    assert changed_lines(BLOCK, file.read_text()) == [
        '-    "total": {description: "with tax, in cents", type: int}',
        '+    "total": {description: "with tax, in cents", type: long}',
        "-    at: 'long'",
        "+    at: 'timestamp'",
        "+    parts: struct<a:int,b:decimal(9,2)>",
    ]
    assert (dict(written[0].added), dict(written[0].retyped)) == (
        {"parts": PARTS},
        {"total": Scalar.LONG, "at": Scalar.TIMESTAMP},
    )
    assert source.columns[-1] == ColumnSpec(name="parts", type=PARTS)
    assert the_source(tmp_path).columns == source.columns


def test_pull_when_done_again_then_writes_nothing(tmp_path: Path) -> None:
    file = a_repo(tmp_path, BLOCK)
    live = {"shop.orders": a_live(user=Scalar.STRING, total=Scalar.LONG, city=Scalar.STRING, at=Scalar.LONG)}
    pull(tmp_path, the_source(tmp_path), live)
    before = file.stat()

    _source, written = pull(tmp_path, the_source(tmp_path), live)

    assert written == ()
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


FLOW = "events:\n  columns: {user: string, at: long}\n"
OPEN = "events:\n  columns: {\n    user: string, # who\n    at: long # when\n  }\n"
OPEN_COMMA = "events:\n  columns: {\n    user: string,\n    at: long, # when\n  }\n"
HANGING = "events:\n  columns: {user: string,\n            at: long}\n"
LONG = f"events:\n  columns: {{{'u' * 90}: string, at: long}}\n"
DEEP = "events:\n  columns:\n    user: string\n    at:\n      type: long\n      alias:\n        - when\n\n# the end"
TEXT = "events:\n  columns:\n    at:\n      type: long\n      description: |\n        when\n\n        it was\n\n  table: a.b\n"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (FLOW, ['+  columns: {user: string, at: long, price: "decimal(9,2)", "no": list<int>}']),
        (OPEN, ["+    at: long, # when", '+    price: "decimal(9,2)",', '+    "no": list<int>']),
        (OPEN_COMMA, ['+    price: "decimal(9,2)",', '+    "no": list<int>,']),
        (HANGING, ["+            at: long,", '+            price: "decimal(9,2)",', '+            "no": list<int>}']),
        (
            LONG,
            [
                f"+  columns: {{{'u' * 90}: string, at: long,",
                f'+{" " * 12}price: "decimal(9,2)",',
                f'+{" " * 12}"no": list<int>}}',
            ],
        ),
        (DEEP, ["+    price: decimal(9,2)", '+    "no": list<int>']),
        (TEXT, ["+    price: decimal(9,2)", '+    "no": list<int>']),
    ],
    ids=["flow", "open", "comma", "hanging", "long", "deep", "text"],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_columns_when_appended_then_stand_in_the_style_of_the_others(text: str, lines: list[str], newline: str) -> None:
    added = {"price": PRICE, "no": ListOf(Scalar.INT)}

    edited = with_columns(text.replace("\n", newline), ("events", "columns"), added, {})

    assert edited is not None
    assert edited.count("\r\n") == (edited.count("\n") if newline == "\r\n" else 0)
    assert [line for line in changed_lines(text, edited.replace("\r\n", "\n")) if line.startswith("+")] == lines


def test_type_when_replaced_in_brackets_then_is_quoted_where_it_has_commas() -> None:
    edited = with_columns(FLOW, ("events", "columns"), {}, {"user": MapOf(Scalar.LONG), "at": PARTS})

    assert edited == 'events:\n  columns: {user: "map<string,long>", at: "struct<a:int,b:decimal(9,2)>"}\n'


def test_difference_when_a_column_went_and_one_of_its_type_came_then_suspects_a_rename(tmp_path: Path) -> None:
    a_repo(tmp_path, BLOCK)
    (contract,) = contracts_of(the_source(tmp_path))

    found = difference_of(contract, a_live(user=Scalar.STRING, total=Scalar.INT, at=Scalar.LONG, burg=Scalar.STRING))

    assert (found.gone, dict(found.renamed), dict(found.appended)) == (("city",), {"burg": "city"}, {})


@pytest.mark.parametrize(
    ("live", "gone", "renamed"),
    [
        (a_live(user=Scalar.STRING, at=Scalar.LONG, a=Scalar.INT, b=Scalar.INT, city=Scalar.STRING), ("total",), {}),
        (a_live(at=Scalar.LONG, total=Scalar.INT, a=Scalar.STRING), ("user", "city"), {}),
        (a_live(user=Scalar.STRING, at=Scalar.LONG, city=Scalar.STRING, a=Scalar.LONG), ("total",), {}),
    ],
    ids=["two came", "two went", "another type"],
)
def test_difference_when_it_is_not_plain_what_was_renamed_then_suspects_nothing(
    tmp_path: Path, live: LiveTable, gone: tuple[str, ...], renamed: dict[str, str]
) -> None:
    a_repo(tmp_path, BLOCK)
    (contract,) = contracts_of(the_source(tmp_path))

    found = difference_of(contract, live)

    assert (found.gone, dict(found.renamed)) == (gone, renamed)


def test_difference_when_types_cannot_be_declared_then_tells_new_and_declared_ones_apart(tmp_path: Path) -> None:
    a_repo(tmp_path, BLOCK)
    (contract,) = contracts_of(the_source(tmp_path))
    live = a_live(
        {"total": "uint64", "big": "decimal128(38, 2)"}, user=Scalar.STRING, city=Scalar.STRING, at=Scalar.INT
    )

    found = difference_of(contract, live)

    assert dict(found.unusable) == {"big": "decimal128(38, 2)"}
    assert {name: (one.live, one.type, one.is_wider) for name, one in found.retyped.items()} == {
        "total": ("uint64", None, False)
    }


def test_partition_when_files_have_its_column_too_then_is_no_new_column(tmp_path: Path) -> None:
    a_repo(tmp_path, BLOCK)
    (contract,) = contracts_of(the_source(tmp_path))
    live = a_live(user=Scalar.STRING, total=Scalar.INT, city=Scalar.STRING, at=Scalar.LONG, ds=Scalar.STRING)

    assert difference_of(contract, live).is_empty


@pytest.mark.parametrize(
    ("column", "fit"),
    [
        (ColumnSpec(name="x", type=Scalar.INT), Fit.SAME),
        (ColumnSpec(name="x", type=Scalar.LONG), Fit.NARROWER),
        (ColumnSpec(name="w", type=Scalar.INT), Fit.WIDER),
        (ColumnSpec(name="x", type=Scalar.STRING), Fit.OTHER),
        (ColumnSpec(name="odd", type=Scalar.LONG), Fit.OTHER),
        (ColumnSpec(name="y", type=Scalar.INT, aliases=("z", "x")), Fit.SAME),
        (ColumnSpec(name="y", type=Scalar.INT, optional=True), Fit.ABSENT),
        (ColumnSpec(name="y", type=Scalar.INT), Fit.MISSING),
    ],
)
def test_column_when_held_against_a_table_then_fits_as_readers_see_it(column: ColumnSpec, fit: Fit) -> None:
    assert held(a_live({"odd": "uint64"}, x=Scalar.INT, w=Scalar.LONG), column).fit is fit


ENTITIES = """\
source: orders
entities:
  table: shop.users
  columns: {user: string, level: int}
  mutations:
    table: shop.user_changes
    time: at
    reversal: is_old
    columns:
      at: long
      is_old: boolean
"""


def test_pull_when_entities_change_then_each_table_has_its_own_columns(tmp_path: Path) -> None:
    file = a_repo(tmp_path, ENTITIES)
    users = a_live(user=Scalar.STRING, level=Scalar.INT, city=Scalar.STRING)
    changes = a_live(
        user=Scalar.STRING,
        level=Scalar.INT,
        city=Scalar.STRING,
        at=Scalar.LONG,
        is_old=Scalar.BOOLEAN,
        why=Scalar.STRING,
    )

    pull(tmp_path, the_source(tmp_path), {"shop.users": users, "shop.user_changes": changes})

    assert changed_lines(ENTITIES, file.read_text()) == [
        "-  columns: {user: string, level: int}",
        "+  columns: {user: string, level: int, city: string}",
        "+      why: string",
    ]


def test_pull_when_columns_are_shared_by_an_anchor_then_refuses_and_changes_nothing(tmp_path: Path) -> None:
    body = ENTITIES.replace("{user: string, level: int}", "&all {user: string, level: int}")
    body = body.replace("    columns:\n      at: long\n      is_old: boolean\n", "    columns: *all\n")
    file = a_repo(tmp_path, body)
    live = {"shop.users": a_live(user=Scalar.STRING, level=Scalar.INT, city=Scalar.STRING)}

    with pytest.raises(ChrononError, match=r"CHR-K100 teams/shop/sources/orders.yaml: .*by hand"):
        pull(tmp_path, the_source(tmp_path), live)

    assert file.read_text() == body


NEW = {"shop.orders": a_live(user=Scalar.STRING, at=Scalar.LONG, city=Scalar.STRING)}
SMALL = "source: orders\nevents:\n  table: shop.orders\n  time: at\n  columns:\n    user: string\n    at: long\n"


def test_pull_when_the_file_became_a_link_out_of_the_repository_then_refuses(tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text(SMALL)
    file = a_repo(tmp_path / "repo", SMALL)
    source = the_source(tmp_path / "repo")
    file.unlink()
    file.symlink_to(outside)

    with pytest.raises(ChrononError, match=r"CHR-K101 .*leads out of the repository"):
        pull(tmp_path / "repo", source, NEW)

    assert outside.read_text() == SMALL


def test_pull_when_the_file_is_a_link_within_the_repository_then_the_file_behind_it_is_written(tmp_path: Path) -> None:
    file = a_repo(tmp_path, SMALL)
    real = tmp_path / "shared.yaml"
    file.rename(real)
    file.symlink_to(real)

    pull(tmp_path, the_source(tmp_path), NEW)

    assert file.is_symlink()
    assert real.read_text() == SMALL + "    city: string\n"


def test_pull_when_written_then_keeps_the_mode_and_leaves_no_draft(tmp_path: Path) -> None:
    file = a_repo(tmp_path, SMALL)
    file.chmod(0o640)

    pull(tmp_path, the_source(tmp_path), NEW)

    assert file.stat().st_mode & 0o777 == 0o640
    assert [each.name for each in file.parent.iterdir()] == ["orders.yaml"]


def test_pull_when_the_file_begins_with_a_byte_order_mark_then_keeps_it(tmp_path: Path) -> None:
    file = a_repo(tmp_path, "\ufeff" + SMALL)

    pull(tmp_path, the_source(tmp_path), NEW)

    assert file.read_bytes() == b"\xef\xbb\xbf" + (SMALL + "    city: string\n").encode()


def test_pull_when_two_pull_at_once_then_both_are_in_the_file_once(tmp_path: Path) -> None:
    file = a_repo(tmp_path, SMALL)
    source = the_source(tmp_path)
    kinds = (Scalar.INT, Scalar.DOUBLE, Scalar.DATE, Scalar.BINARY)  # of one type they would be renames of each other
    lives = [{"shop.orders": a_live(user=Scalar.STRING, at=Scalar.LONG, **{f"c_{kind}": kind})} for kind in kinds * 2]
    threads = [threading.Thread(target=pull, args=(tmp_path, source, live)) for live in lives]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    names = [column.name for column in the_source(tmp_path).columns]
    assert sorted(names) == ["at", "c_binary", "c_date", "c_double", "c_int", "user"]
    assert [each.name for each in file.parent.iterdir()] == ["orders.yaml"]


def test_pull_when_a_name_needs_quotes_then_is_read_back_as_it_is(tmp_path: Path) -> None:
    a_repo(tmp_path, SMALL)
    names = ("a b", "null", "Größe", "x: y", "#1", '"q"', "-")

    pull(tmp_path, the_source(tmp_path), {"shop.orders": LiveTable(columns=dict.fromkeys(names, Scalar.INT))})

    assert [column.name for column in the_source(tmp_path).columns][2:] == list(names)
