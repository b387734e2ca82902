"""A small repository whose apply is killed at a chosen moment, and what can be seen then and after applying again.

Run as a program, so that it can fork processes that kill themselves: this one starts no thread and opens no store.

    python killed.py <folder> <same|fresh> <first> <step>     one line of JSON per moment first, first + step, …

A moment lies before a call that changes something, of the state store, the KV store, the warehouse or the engine, before every
rename of a file, and after the last calls of all. What is after a call is before the next one. Nothing in the product knows about it.
"""

from __future__ import annotations

import hashlib
import importlib
import io
import json
import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from inline import Inline

from chronon.cli.drafting import tables_of
from chronon.loaders.config import load_config
from chronon.model.errors import ChrononError
from chronon.model.plan import Plan
from chronon.model.time import DAY, Millis, parse_day
from chronon.planners import make_plan
from chronon.runners.apply import World, apply_plan
from chronon.runners.deployment import Deployment, open_deployment
from chronon.runners.training import training_rows
from chronon.schemas.wire import from_json, to_json
from chronon.serving import Fetcher, Request
from chronon.stores.kv.layout import FENCE
from chronon.validators import validate

FILES = {
    "chronon.yaml": "tables: data\ntargets:\n  local: {engine: local, home: home}\n",
    "teams/shop/team.yaml": "team: shop\ndescription: Sells\nowners: [shop@example.com]\n",
    "teams/shop/sources/checkouts.yaml": (
        "source: checkouts\ndescription: Carts\nevents:\n  table: shop.checkouts\n  time: asked_ms\n"
        "  columns: {user: string, category: string, total: double, asked_ms: long}\n"
    ),
    "teams/shop/sources/purchases.yaml": (
        "source: purchases\ndescription: Orders\nevents:\n  table: shop.purchases\n  time: paid_ms\n"
        "  columns: {user: string, category: string, amount: double, paid_ms: long}\n"
    ),
    "teams/shop/group_bys/user.yaml": (
        "group_by: user\ndescription: Users\nsource: shop.purchases\nkeys: [user]\nonline: true\n"
        "aggregations:\n  - input: amount\n    operations: [sum, count]\n    windows: [1d, 3d]\n"
    ),
    "teams/shop/group_bys/category.yaml": (
        "group_by: category\ndescription: Goods\nsource: shop.purchases\nkeys: [category]\nonline: true\n"
        "aggregations:\n  - input: amount\n    operations: [max]\n    windows: [2d]\n"
    ),
    "teams/shop/joins/checkout.yaml": (
        "join: checkout\ndescription: Asks\nstart: 2024-01-03\nonline: true\n"
        "left: {source: shop.checkouts, select: {user: user, category: category, total: total}}\n"
        "parts:\n  - shop.user\n  - shop.category\n"
        'derivations:\n  "*": "*"\n  share: total / NULLIF(shop_user_amount_sum_3d, 0)\n'
    ),
}
EDITS = {
    "teams/shop/group_bys/user.yaml": ("[1d, 3d]", "[1d, 3d, 2d]"),
    "teams/shop/joins/checkout.yaml": ("total / N", "100 * total / N"),
}
OLDER, OLD, NEW = "2024-01-04", "2024-01-05", "2024-01-06"
FIRST_DAY = "2024-01-01"
DAYS = 6
STATE = ("acquire", "begin", "record", "finish", "release")
KV = ("write", "replace", "delete_prefix")
LAST = ("finish", "release")
WAREHOUSE = ("staging", "sync", "publish", "discard", "sweep")


INLINE = World(hands=Inline)


class Moments:
    """Counts the moments that pass, and ends this process at one of them."""

    def __init__(self, deadly: int = 0) -> None:
        self.labels: list[str] = []
        self._deadly = deadly

    def pass_(self, label: str) -> None:
        self.labels.append(label)
        if len(self.labels) == self._deadly:
            os.kill(os.getpid(), signal.SIGKILL)


class Watched:
    """Another object, with a moment before every call of some methods."""

    def __init__(self, inner: object, methods: tuple[str, ...], moments: Moments) -> None:
        self._inner, self._methods, self._moments = inner, methods, moments

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name not in self._methods:
            return found

        def call(*arguments: object, **options: object) -> object:
            self._moments.pass_(f"before {name}")
            result = found(*arguments, **options)
            if name in LAST:
                self._moments.pass_(f"after {name}")
            return result

        return call


class Logged:
    """An engine that writes down every job it is given."""

    def __init__(self, inner: Any, log: Path) -> None:
        self._inner, self._log = inner, log

    def run(self, job: Any, *others: Any) -> Any:
        self._note(job)
        return self._inner.run(job, *others)

    def upload(self, job: Any, *others: Any) -> Any:
        self._note(job)
        return self._inner.upload(job, *others)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def _note(self, job: Any) -> None:
        with self._log.open("a") as log:
            log.write(job_digest(job) + "\n")


class Silent:
    """An observer that sees nothing."""

    def __getattr__(self, _name: str) -> Callable[..., None]:
        return lambda *_arguments: None


def job_digest(job: Any) -> str:
    return hashlib.blake2b(to_json(job).encode(), digest_size=8).hexdigest()


def write_repository(root: Path) -> None:
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    for day in range(DAYS):
        start = ((parse_day(FIRST_DAY) or 0) + day) * DAY
        hours = range(1, 24, 5)
        columns = {
            "user": [f"u{(hour + day) % 3}" for hour in hours],
            "category": ["book" if hour % 2 else "food" for hour in hours],
        }
        amounts = [round(0.1 * (hour + 1) * (day + 1), 2) for hour in hours]
        times = [start + hour * DAY // 24 for hour in hours]
        write(root, "purchases", day, {**columns, "amount": amounts, "paid_ms": times})
        write(root, "checkouts", day, {**columns, "total": amounts, "asked_ms": times})


def write(root: Path, table: str, day: int, columns: dict[str, list[Any]]) -> None:
    folder = root / f"data/shop/{table}/ds=2024-01-{day + 1:02}"
    folder.mkdir(parents=True)
    pq.write_table(pa.table(columns), folder / "part-0.parquet")


def edit(root: Path) -> None:
    for name, (before, after) in EDITS.items():
        (root / name).write_text((root / name).read_text().replace(before, after))


@contextmanager
def deployed(root: Path) -> Iterator[Deployment]:
    config, _found = load_config(root)
    assert config is not None
    with open_deployment(config) as deployment:
        yield deployment


def planned(root: Path, deployment: Deployment, as_of: str) -> Plan:
    repository, catalog, found = validate(root)
    assert repository is not None, found
    assert catalog is not None, found
    available = deployment.tables.availability(tables_of(catalog))
    state = deployment.state.read()
    return make_plan(catalog, repository, state, available, environment="prod", as_of=parse_day(as_of))


def apply_watched(root: Path, as_of: str, moments: Moments, plan: Plan | None = None) -> None:
    """Apply with moments everywhere. plan: what was saved; made and saved now where there is none."""
    real_replace = Path.replace

    def replace_watched(path: Path, target: Path) -> Path:
        moments.pass_("before rename")
        return real_replace(path, target)

    with deployed(root) as deployment:
        chosen = plan or planned(root, deployment, as_of)
        (root / "plan.json").write_text(to_json(chosen))
        engine = Watched(Logged(deployment.engine(), root / "jobs.log"), ("run", "upload"), moments)
        watched = replace(
            deployment,
            state=Watched(deployment.state, STATE, moments),
            kv=Watched(deployment.kv, KV, moments),
            warehouse=Watched(deployment.warehouse, WAREHOUSE, moments),
            engine=lambda: engine,
        )
        Path.replace = replace_watched  # type: ignore[method-assign]
        try:
            if not chosen.is_empty:
                apply_plan(watched, chosen, holder=f"ann@here pid {os.getpid()}", observer=Silent(), world=INLINE)
        finally:
            Path.replace = real_replace  # type: ignore[method-assign]


def visible(deployment: Deployment) -> dict[str, str]:
    """What readers see now: training rows and served values, each as one text."""
    rows = training_rows(deployment, "prod", "shop.checkout")
    fetcher = Fetcher(deployment.kv, "prod")
    asked = [Request(keys={"user": f"u{n}", "category": "book", "total": 7.0}) for n in range(4)]
    asked += [replace(request, at=Millis((parse_day(OLD) or 0) * DAY + DAY)) for request in asked]
    served = [dict(vector.values) for vector in fetcher.fetch("shop.checkout", asked)]
    return {"trained": digest_of(rows), "served": repr(served)}


def digest_of(rows: pa.Table) -> str:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, rows.schema) as stream:
        stream.write_table(rows.combine_chunks())
    return hashlib.blake2b(sink.getvalue(), digest_size=16).hexdigest()


def kept(root: Path, deployment: Deployment) -> dict[str, Any]:
    """Everything that an apply leaves behind, without what may differ from one apply to the next."""
    state = deployment.state.read()
    uploads = [upload for dataset in state.uploads for upload in deployment.state.uploads(dataset)]
    names = {upload.generation: f"{upload.day}-{place}" for place, upload in enumerate(uploads)}
    entries = [[renamed(key, names), renamed(value, names)] for key, value in deployment.kv.scan(b"") if key != FENCE]
    return {
        "computed": sorted(repr(item) for item in state.computed.items()),
        "uploads": sorted(repr((u.dataset, u.day, u.keys, u.bytes)) for u in uploads),
        "environments": [sorted(map(to_json, env.snapshots.values())) for env in state.environments.values()],
        "kv": sorted(entries),
        "files": file_digests(root / "home/warehouse/left"),
        "staging": sorted(path.name for path in (root / "home/warehouse/staging").glob("*")),
        "holder": repr((deployment.state.holder(), deployment.kv.multi_get([FENCE]))),
        **visible(deployment),
    }


def renamed(raw: bytes, names: dict[str, str]) -> str:
    text = raw.decode("latin-1")
    for generation, name in names.items():
        text = text.replace(generation, name)
    return text


def file_digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.blake2b(path.read_bytes()).hexdigest() for path in files}


def done_jobs(deployment: Deployment, plan: Plan) -> list[str]:
    done = {record.id for record in deployment.state.steps(plan.id) if record.status == "done"}
    return [job_digest(step.job) for step in plan.steps if step.id in done]


def taken_over(root: Path, plan: Plan, finished: list[str]) -> list[str]:
    """Jobs that were finished and not recorded when the plan was killed, if it went on under its own id."""
    applied = from_json((root / "plan.json").read_text(), Plan)
    return [job_digest(s.job) for s in plan.steps if any(f.startswith(f"{applied.id}-{s.id}-") for f in finished)]


def resumed(root: Path, *, same: bool) -> dict[str, Any]:
    """What is visible after the kill, what the next apply runs, and what there is then."""
    plan = from_json((root / "plan.json").read_text(), Plan)
    with deployed(root) as deployment:
        between, done = visible(deployment), done_jobs(deployment, plan)
    finished = [path.parent.name for path in (root / "home/warehouse/staging").glob("*/outcome.json")]
    (root / "jobs.log").unlink(missing_ok=True)
    refused = ""
    try:
        apply_watched(root, NEW, Moments(), plan if same else None)
    except ChrononError as error:
        refused = error.code
    again = (root / "jobs.log").read_text().split() if (root / "jobs.log").exists() else []
    with deployed(root) as deployment:
        after, is_settled = kept(root, deployment), planned(root, deployment, NEW).is_empty
    return {
        "between": between,
        "done": done,
        "again": again,
        "taken_over": taken_over(root, plan, finished),
        "total": len(plan.steps),
        "refused": refused,
        "after": after,
        "is_settled": is_settled,
    }


def in_child(work: Callable[[], Any], answer: Path) -> Any:
    """What `work` returned in a process of its own; None when that process was killed."""
    child = os.fork()
    if child == 0:
        try:
            answer.write_text(json.dumps(work()))
        except BaseException:  # noqa: BLE001  # whatever it is, this child must not go on as its parent
            import traceback

            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return None
    assert status == 0, f"a child ended with status {status}"
    return json.loads(answer.read_text())


def uninterrupted(root: Path) -> dict[str, Any]:
    """The moments of a whole apply, and what it leaves."""
    moments = Moments()
    with deployed(root) as deployment:
        old = visible(deployment)
    apply_watched(root, NEW, moments)
    with deployed(root) as deployment:
        return {"labels": moments.labels, "old": old, "after": kept(root, deployment)}


def warm_up(root: Path) -> None:
    """Load here, once, what every child needs; nothing of it starts a thread."""
    for module in ("chronon.runners.local.engine", "chronon.stores.kv.lmdb", "chronon.stores.state.sqlite"):
        importlib.import_module(module)
    validate(root)
    assert threading.active_count() == 1


def main(folder: Path, mode: str, first: int, step: int) -> None:
    base, answer = folder / "base", folder / "answer.json"
    write_repository(base)
    warm_up(base)
    for as_of in (OLDER, OLD):  # two, so that the next one removes a generation
        in_child(lambda as_of=as_of: apply_watched(base, as_of, Moments()), answer)
    edit(base)
    shutil.copytree(base, folder / "whole")
    whole = in_child(lambda: uninterrupted(folder / "whole"), answer)
    print(json.dumps(whole), flush=True)
    for moment in range(first, len(whole["labels"]) + 1, step):
        root = folder / f"{moment}"
        shutil.copytree(base, root)
        killed = in_child(lambda root=root, moment=moment: apply_watched(root, NEW, Moments(moment)), answer)
        assert killed is None
        found = in_child(lambda root=root: resumed(root, same=mode == "same"), answer)
        print(json.dumps({"moment": moment, "label": whole["labels"][moment - 1], **found}), flush=True)
        shutil.rmtree(root)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
