"""Forgetting what nobody points at, as rows. Every function runs inside a transaction of its caller.

What is forgotten is nobody's from that transaction on; only then it is removed. So a kill in the middle leaves files that
hold nothing that is read, and values that are on the list of the trash, and the next time they go.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from chronon.model.errors import ChrononError
from chronon.model.jobs import Digest, Job
from chronon.model.retention import Attempted, Garbage, Recent, StrayFile, Trash
from chronon.model.state import Snapshot
from chronon.schemas.wire import from_json
from chronon.stores.state.sql import Sql

Cell = tuple[Digest, Digest]


def forget(db: Sql, garbage: Garbage, now: float) -> None:
    """Record that nothing of it is there any more. What has to be removed of the KV store is put on the list."""
    cells = sorted(garbage.cells)
    db.executemany('DELETE FROM fragments WHERE "left" = ? AND "column" = ?', cells)
    db.executemany('DELETE FROM computed WHERE "left" = ? AND "column" = ?', cells)
    db.executemany('DELETE FROM stale WHERE "left" = ? AND "column" = ?', cells)
    lefts = [(left, left) for left in sorted({left for left, _column in cells})]
    db.executemany(
        'DELETE FROM within WHERE "left" = ? AND NOT EXISTS (SELECT 1 FROM computed WHERE "left" = ?)', lefts
    )
    uploads = [(upload.dataset, upload.generation) for upload in garbage.uploads]
    db.executemany("DELETE FROM uploads WHERE dataset = ? AND generation = ?", uploads)
    datasets = sorted({(dataset,) for dataset, _generation in uploads})
    db.executemany("DELETE FROM stale_uploads WHERE dataset = ?", datasets)
    tiles = sorted(garbage.tiles)
    db.executemany("DELETE FROM streams WHERE dataset = ?", [(dataset,) for dataset in tiles])
    db.executemany(
        "INSERT INTO trash (dataset, generation) VALUES (?, ?) ON CONFLICT (dataset, generation) DO NOTHING",
        [*uploads, *((dataset, "") for dataset in tiles)],
    )
    cleaned = [(now, environment, serial) for environment, serial in garbage.moves]
    db.executemany("UPDATE moves SET cleaned = ? WHERE environment = ? AND serial = ? AND cleaned IS NULL", cleaned)


def stray_files(db: Sql, without: Collection[Cell]) -> tuple[StrayFile, ...]:
    """The recorded files that hold nothing that is read, once some cells are forgotten; by path."""
    used: set[int] = set()
    for left, column, file in db.execute('SELECT "left", "column", file FROM fragments'):
        if (left, column) not in without:
            used.add(file)
    rows = db.execute("SELECT number, path, bytes FROM files ORDER BY path").fetchall()
    return tuple(StrayFile(path=path, bytes=size) for number, path, size in rows if number not in used)


def trash_of(db: Sql) -> tuple[Trash, ...]:
    """What is still to be removed. Pages that a stream has begun anew meanwhile are none of it."""
    query = (
        "SELECT dataset, generation FROM trash"
        " WHERE generation <> '' OR dataset NOT IN (SELECT dataset FROM streams) ORDER BY dataset, generation"
    )
    return tuple(Trash(dataset=Digest(dataset), generation=generation) for dataset, generation in db.execute(query))


def swept(db: Sql, trash: Iterable[Trash], files: Iterable[StrayFile]) -> None:
    """Record that things are removed: pages too that came to life again."""
    db.executemany(
        "DELETE FROM trash WHERE dataset = ? AND generation = ?", [(each.dataset, each.generation) for each in trash]
    )
    db.execute("DELETE FROM trash WHERE generation = '' AND dataset IN (SELECT dataset FROM streams)")
    db.executemany("DELETE FROM files WHERE path = ?", [(file.path,) for file in files])


def recent(db: Sql, since: float) -> Recent:
    """What the plans need that were begun since a moment, or are being applied."""
    query = "SELECT id, status, json FROM plans WHERE status = 'applying' OR started >= ?"
    jobs: list[Job] = []
    snapshots: list[Snapshot] = []
    for plan, status, text in db.execute(query, (since,)).fetchall():
        said: Mapping[str, Any] = json.loads(text)
        steps = {step for (step,) in db.execute("SELECT id FROM steps WHERE plan = ?", (plan,))}
        jobs += [_job(step["job"]) for step in said["steps"] if step["id"] in steps and "job" in step]
        if status == "applying":
            snapshots += [from_json(json.dumps(each), Snapshot) for each in said.get("snapshots", ())]
    return Recent(jobs=tuple(jobs), snapshots=tuple(snapshots))


def attempted(db: Sql) -> Attempted:
    """What attempts were made at that came to no record, and by which plans.

    What another version of chronon wrote of a plan that goes on cannot be read, so then nothing counts as over.
    """
    query = (
        "SELECT plans.id, plans.status, steps.id FROM steps JOIN plans ON plans.id = steps.plan"
        " WHERE steps.status <> 'done' OR steps.attempts > 1 ORDER BY plans.number, steps.number"
    )
    steps: dict[tuple[str, bool], set[str]] = {}
    for plan, status, step in db.execute(query).fetchall():
        steps.setdefault((plan, status == "applying"), set()).add(step)
    going_on = tuple(plan for (plan,) in db.execute("SELECT id FROM plans WHERE status = 'applying'"))
    found: dict[bool, list[Job]] = {True: [], False: []}
    for (plan, is_held), of_plan in steps.items():
        jobs = _jobs(db, plan, of_plan)
        if jobs is None and is_held:
            return Attempted(plans=going_on)
        found[is_held] += jobs or ()
    return Attempted(ended=tuple(found[False]), held=tuple(found[True]), plans=going_on)


def unrecorded(db: Sql, paths: Collection[str]) -> frozenset[str]:
    """Those of some paths under which no file is recorded."""
    known = [path for path in paths if db.execute("SELECT 1 FROM files WHERE path = ?", (path,)).fetchone()]
    return frozenset(paths) - frozenset(known)


def _jobs(db: Sql, plan: str, steps: Collection[str]) -> list[Job] | None:
    """The jobs of some steps of a plan; None when another version of chronon wrote them."""
    (text,) = db.execute("SELECT json FROM plans WHERE id = ?", (plan,)).fetchone()
    said: Mapping[str, Any] = json.loads(text)
    try:
        return [_job(step["job"]) for step in said["steps"] if step["id"] in steps]
    except (KeyError, ChrononError):
        return None


def _job(plain: object) -> Job:
    found: Job = from_json(json.dumps(plain), Job)  # type: ignore[arg-type]  # a union is no class
    return found
