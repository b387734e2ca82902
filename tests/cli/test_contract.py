"""The contract of `apply` with a saved plan: what must not be applied is refused before the first job, with its cause and exit code."""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import re
import shutil
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chronon.cli.app import run
from chronon.cli.exits import ExitCode
from chronon.cli.views.plan_json import read_plan
from chronon.schemas.wire import to_json
from chronon.stores.state import Done, Started, StateStore, open_state

pytestmark = pytest.mark.slow  # two dozen commands

STORIES = Path(__file__).parents[1] / "stories"
HOME = ".chronon/local"
USER, CHECKOUT = "teams/shop/group_bys/user.yaml", "teams/shop/joins/checkout.yaml"


def chronon(folder: Path, *arguments: str) -> tuple[int, str]:
    output = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        code = run(list(arguments))
    return code, output.getvalue()


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository that was applied up to one day, with a saved plan up to a later one."""
    sys.path.insert(0, str(STORIES))
    try:
        from shop_data import write_tables
    finally:
        sys.path.remove(str(STORIES))
    folder = tmp_path_factory.mktemp("base") / "shop"
    shutil.copytree(STORIES / "shop", folder)
    write_tables(folder / "data")
    shutil.copytree(folder, folder.parent / "new")
    assert chronon(folder.parent / "new", "apply", "--yes", "--as-of", "2024-01-07")[0] == ExitCode.DONE
    assert chronon(folder, "apply", "--yes", "--as-of", "2024-01-08")[0] == ExitCode.DONE
    shutil.copy(folder / HOME / "state.db", folder / "older.db")
    assert chronon(folder, "plan", "--as-of", "2024-01-09", "--out", "other.json")[0] == ExitCode.DONE
    assert chronon(folder, "plan", "--out", "plan.json")[0] == ExitCode.DONE
    return folder


@contextlib.contextmanager
def state_of(folder: Path) -> Iterator[StateStore]:
    state = open_state(f"sqlite:{folder / HOME / 'state.db'}")
    try:
        yield state
    finally:
        state.close()


def another_plan_applied(folder: Path) -> None:
    assert chronon(folder, "apply", "other.json")[0] == ExitCode.DONE


def a_step_of_another_plan_done(folder: Path) -> None:
    begin(folder, "other.json", done=1)


def begin(folder: Path, file: str, *, done: int) -> None:
    """An apply that was interrupted after some steps, which published nothing."""
    plan = read_plan((folder / file).read_text())
    with state_of(folder) as state:
        lease = state.acquire("bob@far pid 7", lease_s=60, now=0.0)
        state.begin(lease, plan.id, to_json(plan), plan.base_serial, 0.0)
        for step in plan.steps[:done]:
            state.record(lease, plan.id, [Started(step=step.id, at=0.0)])
            state.record(lease, plan.id, [Done(step=step.id, job=step.job, output=(), at=0.0)])
        state.release(lease)


def this_plan_applied(folder: Path) -> None:
    assert chronon(folder, "apply", "plan.json")[0] == ExitCode.DONE


def this_plan_applied_and_the_file_renamed(folder: Path) -> None:
    shutil.copy(folder / "plan.json", folder / "copy.json")
    assert chronon(folder, "apply", "copy.json")[0] == ExitCode.DONE


def this_plan_edited(folder: Path) -> None:
    replace(folder / "plan.json", '"untouched":0', '"untouched":1')


def this_plan_begun_and_edited(folder: Path) -> None:
    begin(folder, "plan.json", done=1)
    this_plan_edited(folder)


def this_plan_cut_off(folder: Path) -> None:
    (folder / "plan.json").write_text((folder / "plan.json").read_text()[:500])


def state_gone(folder: Path) -> None:
    for file in (folder / HOME).glob("state.db*"):
        file.unlink()


def state_of_another_target(folder: Path) -> None:
    """It has as many serials behind it, and not the same."""
    shutil.copy(folder.parent / "base-new.db", folder / HOME / "state.db")


def state_restored_from_a_backup(folder: Path) -> None:
    another_plan_applied(folder)
    assert chronon(folder, "plan", "--out", "plan.json")[0] == ExitCode.DONE
    for file in (folder / HOME).glob("state.db*"):
        file.unlink()
    shutil.copy(folder / "older.db", folder / HOME / "state.db")


def state_of_a_newer_version(folder: Path) -> None:
    with sqlite3.connect(folder / HOME / "state.db") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()


def state_damaged(folder: Path) -> None:
    (folder / HOME / "state.db").write_bytes(b"no database " * 100)


def definition_edited(folder: Path) -> None:
    replace(folder / USER, "[sum, count]", "[sum, max]")


def definition_added(folder: Path) -> None:
    text = (folder / USER).read_text()
    (folder / "teams/shop/group_bys/more.yaml").write_text(text.replace("group_by: user", "group_by: more"))


def definition_removed(folder: Path) -> None:
    (folder / CHECKOUT).unlink()


def definition_broken(folder: Path) -> None:
    replace(folder / USER, "[sum, count]", "[sum, cuont]")


def table_gone(folder: Path) -> None:
    shutil.rmtree(folder / "data/shop/purchases")


def partition_gone(folder: Path) -> None:
    shutil.rmtree(folder / "data/shop/checkouts/ds=2024-01-10")


def column_of_another_type(folder: Path) -> None:
    for file in (folder / "data/shop/purchases/ds=2024-01-10").iterdir():
        table = pq.read_table(file, partitioning=None)
        place = table.column_names.index("amount")
        texts = pa.array([str(value) for value in table["amount"].to_pylist()])
        pq.write_table(table.set_column(place, "amount", texts), file)


def removal_that_nobody_approved(folder: Path) -> None:
    definition_removed(folder)
    assert chronon(folder, "plan", "--out", "plan.json")[0] == ExitCode.DONE


def locked_on_another_host(folder: Path) -> None:
    with state_of(folder) as state:
        state.acquire("bob@far pid 7", lease_s=60, now=time.time())


def locked_by_a_host_whose_clock_is_ahead(folder: Path) -> None:
    with state_of(folder) as state:
        state.acquire("bob@far pid 7", lease_s=60, now=time.time() + 3600)


def home_of_somebody_else(folder: Path) -> None:
    shutil.move(folder / HOME, folder / "moved")
    (folder / HOME).write_text("a file, no folder")


MOVED = r"CHR-K011 plan p-\w+ was made from state \d+, and the state is at \d+ now"
MEANS = r"CHR-R091 .* mean"
SCENARIOS: list[tuple[Callable[[Path], None], ExitCode, str]] = [
    (another_plan_applied, ExitCode.STALE, MOVED + r": \S+@\S+ pid \d+ finished plan p-"),
    (a_step_of_another_plan_done, ExitCode.STALE, MOVED + r": bob@far pid 7 finished step"),
    (this_plan_applied, ExitCode.STALE, r"CHR-K012 plan p-\w+ was applied already, at \d{4}-"),
    (this_plan_applied_and_the_file_renamed, ExitCode.STALE, r"CHR-K012 plan p-\w+ was applied already, at \d{4}-"),
    (this_plan_edited, ExitCode.FINDINGS, "CHR-P090 the file is not plan p-"),
    (this_plan_begun_and_edited, ExitCode.STALE, "CHR-K020 plan p-.* its file was changed"),
    (this_plan_cut_off, ExitCode.FINDINGS, "CHR-S900 plan.json: "),
    (state_gone, ExitCode.STALE, MOVED),
    (state_restored_from_a_backup, ExitCode.STALE, MOVED),
    (state_of_another_target, ExitCode.FINDINGS, "CHR-P090 the file is not plan p-"),
    (state_of_a_newer_version, ExitCode.FINDINGS, "CHR-K015 .* has version 99"),
    (state_damaged, ExitCode.FINDINGS, "CHR-K016 "),
    (definition_edited, ExitCode.STALE, MEANS + " something else than when plan p-"),
    (definition_added, ExitCode.STALE, r"CHR-R091 group_by shop\.more means"),
    (definition_removed, ExitCode.STALE, r"CHR-R091 join shop\.checkout means"),
    (definition_broken, ExitCode.STALE, r"CHR-R091 definitions have changed since plan p-\w+ was made, and 1 error"),
    (table_gone, ExitCode.FINDINGS, "CHR-R091|CHR-K021 .*shop.purchases"),
    (partition_gone, ExitCode.FINDINGS, "CHR-R010 .*2024-01-10"),
    (column_of_another_type, ExitCode.FINDINGS, "CHR-R012 .*amount"),
    (removal_that_nobody_approved, ExitCode.APPROVAL, "CHR-R070 .*must be approved"),
    (locked_on_another_host, ExitCode.LOCKED, r"CHR-K010 the lock is held by bob@far pid 7 since .*, until"),
    (locked_by_a_host_whose_clock_is_ahead, ExitCode.LOCKED, r"CHR-K010 the lock is held by bob@far pid 7 since"),
    (home_of_somebody_else, ExitCode.FINDINGS, "CHR-R002 "),
]


@pytest.mark.parametrize(("moved", "exit_code", "cause"), SCENARIOS, ids=lambda each: getattr(each, "__name__", ""))
def test_plan_that_must_not_be_applied_is_refused_before_its_first_job(
    base: Path, tmp_path: Path, moved: Callable[[Path], None], exit_code: ExitCode, cause: str
) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(base, folder)
    shutil.copy(base.parent / "new" / HOME / "state.db", tmp_path / "base-new.db")
    moved(folder)
    before = published(folder)

    code, said = chronon(folder, "apply", "plan.json")

    assert (code, bool(re.search(cause, said))) == (exit_code, True), said
    assert published(folder) == before
    assert "[1/" not in said


def published(folder: Path) -> dict[str, bytes]:
    """Everything that a job could have left. The lock names whoever asked for it last, and SQLite keeps a memory file."""
    files = [path for path in folder.rglob("*") if path.is_file() and ".chronon/" in str(path)]
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in files
        if "warehouse" in path.parts or ("kv" in path.parts and path.name == "data.mdb")
    }


def test_apply_beside_one_of_the_same_host_is_refused_whatever_the_clock_says(base: Path, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(base, folder)
    with state_of(folder) as state:
        state.acquire("bob@here pid 7", lease_s=60, now=time.time())
    descriptor = os.open(folder / HOME / "apply.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(descriptor, fcntl.LOCK_EX)

    code, said = chronon(folder, "apply", "plan.json")

    os.close(descriptor)
    assert code == ExitCode.LOCKED
    assert "CHR-K010 the lock is held by bob@here pid 7" in said


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text, f"{old} is not in {file}"
    file.write_text(text.replace(old, new))
