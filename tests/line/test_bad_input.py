"""What the command line says when the world is not as it should be: an exit code, one sentence, what to do, no traces."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import resource
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chronon.cli.app import run
from chronon.cli.exits import ExitCode

pytestmark = pytest.mark.slow  # several commands for each

STORIES = Path(__file__).parents[1] / "stories"
PURCHASES = "data/shop/purchases"
HOME = ".chronon/local"


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop with its tables and a plan that was saved."""
    folder = tmp_path_factory.mktemp("untouched") / "shop"
    sys.path.insert(0, str(STORIES))
    try:
        from shop_data import write_tables
    finally:
        sys.path.remove(str(STORIES))
    shutil.copytree(STORIES / "shop", folder)
    write_tables(folder / "data")
    assert chronon(folder, "plan", "--out", "plan.json").returncode == 0
    return folder


@pytest.fixture
def shop(untouched: Path, tmp_path: Path) -> Path:
    return shutil.copytree(untouched, tmp_path / "shop")


@dataclass(frozen=True, kw_only=True)
class Bad:
    """break_it: what is wrong, done after `chronon plan --out plan.json`.  says: a pattern of the whole answer."""

    break_it: Callable[[Path], object]
    says: str
    code: ExitCode = ExitCode.FINDINGS
    arguments: tuple[str, ...] = ("apply", "--yes")


def part(day: str) -> str:
    return f"{PURCHASES}/ds=2024-01-{day}/part-0.parquet"


def changed(day: str, change: Callable[[pa.Table], pa.Table]) -> Callable[[Path], object]:
    def break_it(shop: Path) -> None:
        pq.write_table(change(pq.read_table(shop / part(day), partitioning=None)), shop / part(day))

    return break_it


def text_amounts(table: pa.Table) -> pa.Table:
    return table.set_column(table.column_names.index("amount"), "amount", table["amount"].cast(pa.string()))


def in_place_of(name: str, content: bytes = b"not what it should be") -> Callable[[Path], object]:
    def break_it(shop: Path) -> None:
        (shop / name).parent.mkdir(parents=True, exist_ok=True)
        (shop / name).write_bytes(content)

    return break_it


def removed(name: str) -> Callable[[Path], object]:
    return lambda shop: shutil.rmtree(shop / name)


def edited(name: str, before: str, after: str) -> Callable[[Path], object]:
    def break_it(shop: Path) -> None:
        text = (shop / name).read_text()
        assert before in text
        (shop / name).write_text(text.replace(before, after, 1))

    return break_it


def newer_state(shop: Path) -> None:
    assert chronon(shop, "apply", "--yes", "--as-of", "2024-01-08").returncode == 0
    connection = sqlite3.connect(shop / HOME / "state.db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()


def damaged_state(shop: Path) -> None:
    assert chronon(shop, "apply", "--yes", "--as-of", "2024-01-08").returncode == 0
    path = shop / HOME / "state.db"
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 8000)


SAVED = ("apply", "plan.json")
CASES = {
    "a table that is missing since the plan": Bad(
        break_it=removed(PURCHASES), arguments=SAVED, says="CHR-K021 there is no table shop.purchases.*shop.checkouts"
    ),
    "no table at all": Bad(break_it=removed("data"), says="CHR-P001 none of the tables.*load data first"),
    "a left partition that vanished": Bad(
        break_it=removed("data/shop/checkouts/ds=2024-01-07"),
        arguments=SAVED,
        says="CHR-R010 table shop.checkouts has no partition for 2024-01-07.*load it again, or make a new plan",
    ),
    "a source partition that vanished": Bad(
        break_it=removed(f"{PURCHASES}/ds=2024-01-10"),
        arguments=SAVED,
        says="CHR-R010 table shop.purchases has no partition for 2024-01-10.*load it again, or make a new plan",
    ),
    "a newest file that is no Parquet": Bad(
        break_it=in_place_of(part("10")),
        arguments=SAVED,
        says=r"CHR-R011 cannot read .*ds=2024-01-10/part-0\.parquet: .*write the file",
    ),
    "a file in the middle that is no Parquet": Bad(
        break_it=in_place_of(part("06")),
        code=ExitCode.PARTIAL,
        says=r"CHR-R011 cannot read .*ds=2024-01-06/part-0\.parquet: .*applied in part.*`chronon apply` goes on",
    ),
    "a column that is missing": Bad(
        break_it=changed("10", lambda table: table.drop_columns(["amount"])),
        arguments=SAVED,
        says=r"CHR-R012 table shop\.purchases lacks the column amount, which is declared as double: .*ds=2024-01-10/",
    ),
    "a column of another type": Bad(
        break_it=changed("10", text_amounts),
        arguments=SAVED,
        says=r"CHR-R012 table shop\.purchases has amount as string, which is declared as double: .*ds=2024-01-10/",
    ),
    "a column of another type in the middle": Bad(
        break_it=changed("06", text_amounts),
        code=ExitCode.PARTIAL,
        says=r"CHR-R012 table shop\.purchases has amount as string, .*ds=2024-01-06/.*applied in part",
    ),
    "a state that is no database": Bad(
        break_it=in_place_of(f"{HOME}/state.db"), says=r"CHR-K016 .*state\.db is no state.*restore the file"
    ),
    "a damaged state": Bad(break_it=damaged_state, says=r"CHR-K016 .*state\.db is no state.*restore the file"),
    "a state of a newer version": Bad(
        break_it=newer_state, says=r"CHR-K015 .*has version 99; this chronon knows .*use the chronon that wrote it"
    ),
    "a file in the place of the home": Bad(
        break_it=in_place_of(HOME), says=r"CHR-R002 the folder .*\.chronon/local .*cannot be made.*set `home`"
    ),
    "a file in the place of the warehouse": Bad(
        break_it=in_place_of(f"{HOME}/warehouse"), says="CHR-K030 cannot write to .*warehouse.*nothing was published"
    ),
    "a file in the place of the KV store": Bad(
        break_it=in_place_of(f"{HOME}/kv"), says="CHR-K009 the system refused .*local/kv"
    ),
    "a KV store that is none": Bad(
        break_it=in_place_of(f"{HOME}/kv/data.mdb"), says="CHR-K002 the key-value store in .* is damaged.*apply again"
    ),
    "a plan edited by hand": Bad(
        break_it=edited("plan.json", '"untouched":0', '"untouched":1'),
        arguments=SAVED,
        says="CHR-P090 the file is not plan p-[0-9a-f]+ of this state: it was edited, or made for another target.*plan again",
    ),
    "a plan cut off": Bad(
        break_it=lambda shop: os.truncate(shop / "plan.json", 300), arguments=SAVED, says="CHR-S900 .*is not a Plan"
    ),
    "a plan made from another state": Bad(
        break_it=lambda shop: chronon(shop, "apply", "--yes", "--as-of", "2024-01-08"),
        arguments=SAVED,
        code=ExitCode.STALE,
        says="CHR-K011 plan p-[0-9a-f]+ was made from state 0, and the state is at .* now.*run `chronon plan`",
    ),
    "a plan applied already": Bad(
        break_it=lambda shop: chronon(shop, *SAVED),
        arguments=SAVED,
        code=ExitCode.STALE,
        says="CHR-K012 plan p-[0-9a-f]+ was applied already, at .*run `chronon plan`",
    ),
    "an unknown target": Bad(
        break_it=lambda _shop: None,
        arguments=("apply", "--yes", "--target", "locl"),
        says="CHR-S031 there is no target `locl`.*did you mean `local`",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_bad_input_when_applied_then_is_told_in_a_sentence_and_half_of_nothing_is_there(name: str, shop: Path) -> None:
    bad = CASES[name]
    bad.break_it(shop)
    before = live(shop)

    answer = chronon(shop, *bad.arguments)

    assert answer.returncode == bad.code, answer.stderr
    assert re.search(bad.says, answer.stderr.replace("\n", " ")), answer.stderr
    assert len(re.findall("^error ", answer.stderr, re.MULTILINE)) == 1
    assert len(re.findall("^hint: ", answer.stderr, re.MULTILINE)) == 1
    assert "Traceback" not in answer.stderr
    assert live(shop) == before
    assert list((shop / HOME / "warehouse").glob("staging/*")) == []


def test_tables_that_cannot_be_read_when_applied_then_the_rest_is_done_and_the_exit_code_says_so(shop: Path) -> None:
    in_place_of(part("10"))(shop)

    answer = chronon(shop, "apply", "--yes")

    assert answer.returncode == ExitCode.FINDINGS
    assert "EXCLUDED: 2 objects that cannot be computed" in answer.stderr


def test_as_of_before_any_data_then_there_is_nothing_to_compute(shop: Path) -> None:
    answer = chronon(shop, "apply", "--yes", "--as-of", "2020-01-01")
    rows = chronon(shop, "show", "shop.checkout", "--rows")

    assert answer.returncode == ExitCode.DONE, answer.stderr
    assert "0 keys" in answer.stderr
    assert rows.returncode == ExitCode.FINDINGS
    assert "CHR-R031 no training rows of shop.checkout" in rows.stderr


def test_start_after_as_of_then_uploads_and_computes_no_rows(shop: Path) -> None:
    edited("teams/shop/joins/checkout.yaml", "2024-01-05", "2030-01-01")(shop)

    answer = chronon(shop, "apply", "--yes")

    assert answer.returncode == ExitCode.DONE, answer.stderr
    assert "1 step: uploads 1" in answer.stderr


@pytest.mark.parametrize("limit", [1_000, 20_000, 60_000, 90_000])
def test_disk_full_then_is_told_and_the_next_apply_goes_on(shop: Path, limit: int) -> None:
    full = chronon(shop, "apply", "--yes", file_bytes=limit)
    again = chronon(shop, "apply", "--yes")

    assert full.returncode in {ExitCode.FINDINGS, ExitCode.PARTIAL}, full.stderr
    assert re.search(r"error CHR-(K003|K018|K030|R006) ", full.stderr), full.stderr
    assert re.search(r"^hint: .*(disk|space)", full.stderr, re.MULTILINE)
    assert "Traceback" not in full.stderr
    assert again.returncode == ExitCode.DONE, again.stderr
    assert chronon(shop, "plan", "--detailed-exitcode").returncode == ExitCode.DONE


@pytest.mark.parametrize(
    ("version", "says"),
    [
        (None, r"CHR-R003 Spark and Flink need a JDK 17, and there is no java in PATH"),
        ("11.0.2", r"CHR-R004 .* is 11$"),
    ],
)
@pytest.mark.parametrize("target", ["spark", "local"])
def test_jdk_that_does_not_fit_then_nothing_is_begun(
    shop: Path, tmp_path: Path, version: str | None, says: str, target: str
) -> None:
    (shop / "chronon.yaml").write_text(
        "tables: data\nstreams: streams\ntarget: local\ntargets:\n"
        "  local: {engine: local, home: .chronon/local}\n  spark: {engine: spark, home: .chronon/spark}\n"
    )
    if target == "local":  # here only the stream needs Java
        edited("teams/shop/sources/purchases.yaml", "  time:", "  topic: file://shop.purchases\n  time:")(shop)
    path = tmp_path / "bin"
    path.mkdir()
    if version:
        (path / "java").write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2019-01-15' >&2\n")
        (path / "java").chmod(0o755)

    answer = chronon(shop, "apply", "--yes", "--target", target, PATH=str(path), JAVA_HOME="")

    assert answer.returncode == ExitCode.FINDINGS, answer.stderr
    assert re.search(says, answer.stderr, re.MULTILINE), answer.stderr
    assert "hint: install a JDK 17" in answer.stderr
    assert "serial 0" in chronon(shop, "status", "--target", target).stdout


def test_mistakes_in_yaml_then_all_are_told_in_one_run_and_nothing_is_written(shop: Path) -> None:
    files = {
        "syntax": "group_by: syntax\nkeys: [user\n",
        "field": "group_by: field\nsource: shop.checkouts\nkeys: [user]\nwindws: [1d]\naggregations: []\n",
        "type": "group_by: type\nsource: shop.checkouts\nkeys: user\n",
        "reference": "group_by: reference\nsource: shop.chekouts\nkeys: [user]\n"
        "aggregations:\n  - {input: total, operations: [sum]}\n",
        "window": "group_by: window\nsource: shop.checkouts\nkeys: [user]\n"
        "aggregations:\n  - {input: total, operations: [sum], windows: [7m]}\n",
    }
    for name, text in files.items():
        (shop / f"teams/shop/group_bys/{name}.yaml").write_text(text)
    before = sorted(shop.rglob("*"))

    for arguments in (("validate",), ("plan",), ("apply", "--yes")):
        answer = chronon(shop, *arguments)
        said = answer.stdout + answer.stderr
        found = re.findall(r"^(\S+?):(\d+):(\d+): error (CHR-[SV]\d{3}) \S.*$", said, re.MULTILINE)

        assert answer.returncode == ExitCode.FINDINGS
        assert {Path(path).stem: code for path, _line, _column, code in found}.keys() == files.keys(), said
        assert "unknown field `windws`" in said
        assert "did you mean `shop.checkouts`?" in said
        assert "Traceback" not in said
    assert sorted(shop.rglob("*")) == before
    assert not (shop / ".chronon").exists()


def live(shop: Path) -> str:
    """What is live, as the next command sees it."""
    answer = chronon(shop, "status", "--json")
    return json.dumps(json.loads(answer.stdout)["objects"]) if answer.returncode == 0 else "unreadable"


@dataclass(frozen=True)
class Answer:
    """What a command said, and how it ended."""

    returncode: int
    stdout: str
    stderr: str


def chronon(shop: Path, *arguments: str, file_bytes: int | None = None, **environment: str) -> Answer:
    """Run a command in this process. file_bytes: no file may become longer, which is how a full disk looks to it."""
    stdout, stderr = io.StringIO(), io.StringIO()
    with (
        contextlib.chdir(shop),
        contextlib.redirect_stdout(stdout),
        contextlib.redirect_stderr(stderr),
        mock.patch.dict(os.environ, {"NO_COLOR": "1", **environment}),
        files_at_most(file_bytes),
    ):
        code = run(arguments)
    return Answer(code, stdout.getvalue(), stderr.getvalue())


@contextlib.contextmanager
def files_at_most(length: int | None) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (length or before[0], before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
