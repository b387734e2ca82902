"""Looks up the statistics that a plan's steps ask for, and hands them to the planner. Writes nothing."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from chronon.model.dayset import DaySet
from chronon.model.errors import ChrononError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from chronon.model.jobs import Digest
    from chronon.model.plan import Plan
    from chronon.model.savepoints import Savepoint, Savepoints
    from chronon.model.sizes import Size, Statistics
    from chronon.model.state import State
    from chronon.model.time import Day
    from chronon.planners.settled import Rest
    from chronon.planners.sizing import Asked, Folded
    from chronon.stores.state.contract import StateStore
    from chronon.stores.tables.sizes import Columns
    from chronon.stores.tables.sources import SourceTables

    Topics = tuple[Path, Savepoints]


def measured(
    plan: Plan,
    store: StateStore,
    state: State,
    tables: SourceTables,
    topics: Topics,
    *,
    rest: Rest | None = None,
    columns: Callable[[Path], Columns] | None = None,
) -> Plan:
    """The plan with what each step takes. Of a plan without steps nothing is looked up.

    topics:  the folder of streams, and the savepoints from which the plan goes on.
    rest:    what the plan counts and does not hold, see `make_plan`.
    columns: how many bytes each column of a file has, by somebody who may know it; None reads the file.
    Errors: CHR-K… of the state.
    """
    if not plan.steps:
        return plan
    from chronon.planners.settled import NO_REST
    from chronon.planners.sizing import asked_of, rows_read, sized

    rows = [each for step in plan.steps for each in rows_read(step.job)]
    available = tables.of(rows).availability(sorted({each.table for each in rows}))
    asked = asked_of(plan, available)
    of_columns, totals = _columns(tables, asked.partitions, columns or _read_columns)
    statistics = replace(_statistics(plan, asked, store, tables, topics), columns=of_columns, totals=totals)
    return sized(plan, statistics, available, state, rest or NO_REST)


def _statistics(plan: Plan, asked: Asked, store: StateStore, tables: SourceTables, topics: Topics) -> Statistics:
    from chronon.model.sizes import Statistics
    from chronon.model.time import day_start
    from chronon.stores.tables.sizes import partition_sizes, stored_sizes
    from chronon.stores.topics import topic_figures

    streams, savepoints = topics
    corrected = {each.table: each.days for each in plan.corrected}
    marks = {
        key: {day: mark for day, mark in known.items() if day not in corrected.get(key[0], DaySet())}
        for key, known in store.marks({table for table, _ in asked.partitions}).items()
    }
    lefts = {left for left, _ in asked.stored}
    stored: dict[tuple[Digest, Digest], dict[Day, Size]] = {}
    for left in sorted(lefts):
        wanted = {column: days for (of, column), days in asked.stored.items() if of == left}
        days = DaySet.of(pair for each in wanted.values() for pair in each.ranges)
        stored |= stored_sizes(store.fragments(left, set(wanted), days))
    return Statistics(
        partitions=partition_sizes(tables, asked.partitions, marks),
        stored=stored,
        topics={
            str(step): found
            for step, each in sorted(asked.topics.items())
            if (found := topic_figures(each.topic, streams, each.time, day_start(each.since), _after(each, savepoints)))
        },
        runs=store.runs(),
    )


def _after(folded: Folded, savepoints: Savepoints) -> Savepoint | None:
    return savepoints.found.get(folded.after) if folded.after else None


def _columns(
    tables: SourceTables, partitions: Mapping[tuple[str, str], DaySet | None], read: Callable[[Path], Columns]
) -> tuple[dict[str, Mapping[str, int]], dict[str, int]]:
    """Table → bytes of each column, and of all, in the newest file of the days that are read."""
    columns: dict[str, Mapping[str, int]] = {}
    totals: dict[str, int] = {}
    for (table, column), days in partitions.items():
        own = tables.partitioned([(table, column)])
        files = own.files(table) if days is None else own.files(table, DaySet.days([days.last]) if days else days)
        if files:
            with suppress(ChrononError):  # a file that cannot be read is told by whoever reads it
                columns[table] = read(files[-1])
                totals[table] = files[-1].stat().st_size
    return columns, totals


def _read_columns(file: Path) -> Columns:
    from chronon.stores.tables.sizes import column_sizes

    return column_sizes(file)[1]
