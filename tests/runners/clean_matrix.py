"""Kills a clean at one of its moments after another, cleans again, and tells what there is.

Run as a program, so that it can fork processes that kill themselves: this one starts no thread and opens no store.

    python clean_matrix.py <folder> <first> <step>

The first line of JSON is of what is there to clean and of a clean that nobody kills; then one line per moment first, first + step, … until there is
none left. A
moment lies before a transaction of the state begins, before it is committed and after; before and after every write of the KV
store; before and after every file or folder that is removed.

What is cleaned is a shop whose prod is live, after: an environment that was destroyed; an apply that was killed between moving its files and recording
them, and was given up; another one that is killed there and goes on later.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

from kill_matrix import DeadlyFile, DeadlyKv, Moments

sys.path.insert(0, str(Path(__file__).parents[1] / "stories"))

from telling import shop

from chronon.cli.app import run
from chronon.cli.tidying import find_sweep
from chronon.cli.views.cleaned import leavings_plain, sweep_plain
from chronon.loaders.config import Config, load_config
from chronon.runners.attempts import note_generation
from chronon.runners.cleaning import clean
from chronon.runners.deployment import open_deployment
from chronon.stores.kv import open_kv
from chronon.stores.kv.layout import batch_key
from chronon.stores.state import open_state
from chronon.stores.state.contract import Done, PlanStatus
from chronon.stores.state.store import SqlState

AS_OF = ("--as-of", "2024-01-06")
USER = "teams/shop/group_bys/user.yaml"
CHECKOUT = "teams/shop/joins/checkout.yaml"
PRELOADED = (
    "chronon.cli.commands.fetch",
    "chronon.cli.commands.show",
    "chronon.runners.training",
    "chronon.serving",
    "chronon.stores.kv.lmdb",
    "chronon.stores.state.sqlite",
    "chronon.validators",
    "duckdb",
    "pyarrow.parquet",
    "sqlglot",
)
"""Loaded once, not by every process."""
READ = (
    ("show", "shop.checkout", "--rows", "--json"),
    ("fetch", "shop.checkout", "--keys", "user=u1", "--at", "2024-01-07T00:00:00Z", "--json"),
)


def config_in(folder: Path) -> Config:
    config, _found = load_config(folder)
    assert config is not None
    return config


def said(*arguments: str) -> str:
    output = io.StringIO()
    with redirect_stdout(output), redirect_stderr(io.StringIO()):
        code = run(arguments)
    assert code == 0, (arguments, code, output.getvalue())
    return output.getvalue()


def killed_before_its_record(*arguments: str) -> None:
    """An apply whose first step that is done is never recorded."""
    record = SqlState.record

    def deadly(self: SqlState, lease: Any, plan: Any, transitions: Sequence[object]) -> object:
        if any(isinstance(each, Done) for each in transitions):
            os.kill(os.getpid(), signal.SIGKILL)
        return record(self, lease, plan, transitions)  # type: ignore[arg-type]

    with mock.patch.object(SqlState, "record", deadly):
        said(*arguments)


def windows(text: str) -> None:
    Path(USER).write_text(Path(USER).read_text().partition("windows:")[0] + f"windows: [{text}]\n")


def populate() -> None:
    """What the module says, in the current folder."""
    child(lambda: said("apply", "--yes", *AS_OF))
    windows("1d, 2d, 3d")
    child(lambda: said("apply", "--yes", "--env", "gone", *AS_OF))
    child(lambda: said("env", "destroy", "gone", "--yes"))
    windows("1d, 3d, 7d")
    child(lambda: killed_before_its_record("apply", "--yes", "--env", "given-up", *AS_OF), is_killed=True)
    # Only pointers move, so nothing looks for what interrupted attempts have left.
    child(lambda: said("promote", "prod", "--to", "other", "--yes", *AS_OF))
    windows("1d, 3d")
    text = Path(CHECKOUT).read_text()
    Path(CHECKOUT).with_name("visit.yaml").write_text(
        text.replace("join: checkout", "join: visit")
        .replace("total: total}}", "spent: total}}")
        .replace("total /", "spent /")
    )
    child(lambda: killed_before_its_record("apply", "--yes", "--env", "later", *AS_OF), is_killed=True)
    child(killed_upload)


def killed_upload() -> None:
    """What an upload leaves that is killed among its values, of the plan that was given up."""
    with open_deployment(config_in(Path.cwd())) as deployment:
        given_up = next(plan.id for plan in deployment.state.history() if plan.status is PlanStatus.SUPERSEDED)
        staging = deployment.warehouse.staging(f"{given_up}-{'0' * 24}-1")
        dataset = min(deployment.state.read().uploads)
        note_generation(staging, dataset, "19728-killed")
        deployment.kv.write([(batch_key(dataset, "19728-killed", b"entity"), b"value")])


def deadly_clean(folder: Path, moment: int) -> None:
    config = config_in(folder)
    target = config.target()
    with closing(open_state(target.state)) as store:
        now = time.time()
        sweep = find_sweep(store, target, now)
    moments = Moments(moment, folder / "label")
    with open_deployment(config) as deployment:
        state = SqlState(DeadlyFile(target.home / "state.db", moments))
        kv: Any = DeadlyKv(deployment.kv, moments)
        inside = replace(deployment, state=state, kv=kv)
        with mock.patch.multiple(Path, unlink=around(Path.unlink, moments), rmdir=around(Path.rmdir, moments)):
            again = partial(find_sweep, deployment.state, target, now)
            clean(inside, sweep, again, what="cleaned", holder=f"ann@here pid {os.getpid()}", clock=time.time)


def around(remove: Callable[..., None], moments: Moments) -> Callable[..., None]:
    def removing(path: Path, *arguments: object, **options: object) -> None:
        moments.pass_(f"before {remove.__name__}")
        remove(path, *arguments, **options)
        moments.pass_(f"after {remove.__name__}")

    return removing


def left(folder: Path) -> dict[str, Any]:
    """What there is: files, keys, what is recorded of them, and what can be cleaned still."""
    target = config_in(folder).target()
    root = target.warehouse
    with closing(open_kv(f"lmdb:{target.kv}", read_only=True)) as kv:
        keys = [key.hex() for key, _value in kv.scan(b"") if key != b"fence"]
    with closing(open_state(target.state)) as store:
        state = store.read()
        sweep = find_sweep(store, target, time.time())
        return {
            "files": sorted(file.relative_to(root).as_posix() for file in root.rglob("*.parquet")),
            "attempts": sorted(folder.name for folder in (root / "staging").glob("*")),
            "keys": keys,
            "computed": sorted(f"{left} {column} {days}" for (left, column), days in state.computed.items()),
            "uploads": sorted(map(str, state.uploads)),
            "trash": list(map(str, store.trash())),
            "log": str(store.verify_log()),
            "sweep": {**sweep_plain(sweep), "is_empty": sweep.is_empty},
            "never_recorded": leavings_plain(sweep.leavings),
        }


def child(work: Callable[[], object], *, is_killed: bool | None = False) -> object:
    """What something makes in a process of its own; None when that was killed. is_killed: whether it has to be; None: perhaps."""
    read, write = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            os.close(read)
            with os.fdopen(write, "w") as out:
                json.dump(work(), out)
        except BaseException:  # noqa: BLE001  # whatever it is, this child must not go on as its parent
            import traceback

            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as answer:
        text = answer.read()
    _pid, status = os.waitpid(process, 0)
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    assert killed or status == 0, f"a process ended with status {status}"
    assert is_killed in (None, killed), f"killed: {killed}"
    return None if killed else json.loads(text)


def answers() -> list[str]:
    return [said(*arguments) for arguments in READ]


def main(folder: Path, first: int, step: int) -> None:
    for module in PRELOADED:
        importlib.import_module(module)
    assert threading.active_count() == 1
    folder.mkdir(parents=True, exist_ok=True)
    here = folder / "repository"
    child(lambda: str(shop(here)))
    os.chdir(here)
    populate()
    before = {"left": child(lambda: left(here)), "answers": child(answers)}
    home, kept = here / ".chronon", folder / "home"
    shutil.copytree(home, kept)
    moment = 0
    while True:
        shutil.rmtree(home)
        shutil.copytree(kept, home)
        (here / "label").unlink(missing_ok=True)
        is_whole = (
            child(partial(deadly_clean, here, moment), is_killed=None if moment else False) is None
            and not (here / "label").exists()
        )
        same = child(answers) == before["answers"]
        if not is_whole:
            child(lambda: deadly_clean(here, 0))
        found = {
            "moment": moment,
            "label": (here / "label").read_text() if not is_whole else "",
            "same": same,
            "left": child(lambda: left(here)),
        }
        found["same_after"] = child(answers) == before["answers"]
        if moment == 0:
            found["before"] = before["left"]
            shutil.copytree(home, folder / "cleaned")
        print(json.dumps(found), flush=True)
        if moment and is_whole:
            return
        moment = moment + step if moment else first


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:4]))
