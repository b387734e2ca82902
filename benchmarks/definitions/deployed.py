"""A population as if it had been applied: tables with days, a state that lacks nothing, published metadata. No data."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from chronon.cli.context import check
from chronon.cli.drafting import Asked, planned
from chronon.loaders.config import Config, load_config
from chronon.model.dayset import DaySet
from chronon.model.jobs import DerivationJob, FeatureJob, Job, LeftJob, Output, Streamed, StreamJob, Upload, UploadJob
from chronon.model.plan import Plan, PlanId
from chronon.model.time import Day, day_text, parse_day
from chronon.planners import make_plan
from chronon.runners.deployment import Deployment, open_deployment
from chronon.runners.noting import noted_of
from chronon.runners.publish import publish
from chronon.schemas.wire import to_json
from chronon.stores.state import Done, Started
from chronon.stores.tables.sources import SourceTables
from chronon.validators import validate

FIRST, DAYS = Day(parse_day("2026-01-01") or 0), 30
AT_ONCE = 25_000
"""Steps of one apply."""
SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("account", "merchant", "country", "channel")),
        *((name, pa.float64()) for name in ("amount", "fee")),
        *((name, pa.int64()) for name in ("items", "paid_at")),
        ("is_card", pa.bool_()),
    ]
)


def deploy(root: Path, tables: Iterable[str]) -> Plan:
    """Write tables, then the state and the metadata that an apply of everything leaves behind. Returns that plan.

    The work itself is not done: a state is what a plan reads.
    """
    config = load_config(root)[0]
    if config is None:
        raise ValueError(f"{root} has no configuration")
    write_tables(config.tables, tables)
    plan = whole_plan(root, config)
    _make_folders(config.target(None).warehouse, plan)
    with open_deployment(config) as deployment:
        _record(deployment, plan)
        publish(deployment, plan)
    return plan


def record(root: Path, environment: str) -> Plan:
    """What an apply to an environment would leave in a target that is deployed already. Returns its plan."""
    config, checked = load_config(root)[0], check(root)
    if config is None or checked.repository is None or checked.catalog is None:
        raise ValueError(f"{root} has mistakes")
    asked = Asked(repo=root, target=None, environment=environment)
    plan = planned((checked.repository, checked.catalog), asked)[0]
    with open_deployment(config) as deployment:
        _make_folders(config.target(None).warehouse, plan)
        _record(deployment, plan)
        publish(deployment, plan)
    return plan


def whole_plan(root: Path, config: Config) -> Plan:
    """The plan from nothing."""
    from chronon.model.state import State

    repository, catalog, found = validate(root)
    if catalog is None:
        raise ValueError(f"the population has mistakes: {found[:3]}")
    source = SourceTables(config.tables).of(catalog.table_rows)
    available = source.availability(sorted({rows.table for rows in catalog.table_rows}))
    return make_plan(catalog, repository, State(), available, environment="prod", as_of=None)


def write_tables(root: Path, tables: Iterable[str]) -> None:
    """One empty file for every day of every table."""
    root.mkdir(parents=True, exist_ok=True)
    empty = root / "_empty"
    pq.write_table(SCHEMA.empty_table(), empty)
    for table in tables:
        for day in DaySet.span(FIRST, FIRST + DAYS - 1):
            folder = root.joinpath(*table.split("."), f"ds={day_text(day)}")
            folder.mkdir(parents=True, exist_ok=True)
            os.link(empty, folder / "part-0.parquet")
    empty.unlink()


def _record(deployment: Deployment, plan: Plan) -> None:
    """Everything that the plan makes as made, as applies record it: several where the text of one would be too long for a database."""
    state, now = deployment.state, time.time()
    lease = state.acquire("benchmark", lease_s=3_600, now=now)
    begins = range(0, len(plan.steps), AT_ONCE)
    for begin in begins:
        part = replace(plan, id=PlanId(f"{plan.id}-{begin}"), steps=plan.steps[begin : begin + AT_ONCE], snapshots=())
        serial = int(state.mark().split()[0])
        state.begin(lease, part.id, to_json(part), serial, now, noted_of(part, deployment))
        state.record(lease, part.id, [Started(step=step.id, at=now) for step in part.steps])
        done = [Done(step=step.id, job=step.job, output=_output(step.job), at=now) for step in part.steps]
        state.record(lease, part.id, done)
        state.finish(lease, part.id, plan.environment, plan.snapshots if begin == begins[-1] else (), now)
    state.release(lease)


def _output(job: Job) -> Output:
    match job:
        case UploadJob():
            return Upload(dataset=job.dataset, day=job.day, generation="g", keys=0, bytes=0)
        case StreamJob():
            datasets = tuple(reader.dataset for reader in job.readers)
            return Streamed(topic=job.topic, since=job.since, datasets=datasets, events=0, tiles=0)
        case LeftJob() | FeatureJob() | DerivationJob():
            return ()


def _make_folders(warehouse: Path, plan: Plan) -> None:
    """The folders of computed days."""
    for step in plan.steps:
        if isinstance(step.job, LeftJob):
            for day in step.job.days:
                (warehouse / "left" / step.job.left / f"ds={day_text(day)}").mkdir(parents=True, exist_ok=True)
