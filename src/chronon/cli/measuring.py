"""Looks up the statistics that a plan's steps ask for, and hands them to the planner. Writes nothing."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from chronon.model.dayset import DaySet
from chronon.model.errors import ChrononError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from chronon.model.jobs import Digest
    from chronon.model.plan import Plan
    from chronon.model.sizes import Size, Statistics
    from chronon.model.state import State
    from chronon.model.time import Day
    from chronon.planners.settled import Rest
    from chronon.planners.sizing import Asked
    from chronon.stores.state.contract import StateStore
    from chronon.stores.tables.sources import SourceTables


def measured(  # noqa: PLR0917 - the plan, what is looked at, then what the plan leaves out
    plan: Plan, store: StateStore, state: State, tables: SourceTables, streams: Path, rest: Rest | None = None
) -> Plan:
    """The plan with what each step takes. Of a plan without steps nothing is looked up.

    rest: what the plan counts and does not hold, see `make_plan`.
    Errors: CHR-K… of the state.
    """
    if not plan.steps:
        return plan
    from chronon.planners.settled import NO_REST
    from chronon.planners.sizing import asked_of, rows_read, sized

    rows = [each for step in plan.steps for each in rows_read(step.job)]
    available = tables.of(rows).availability(sorted({each.table for each in rows}))
    statistics = _statistics(plan, asked_of(plan, available), store, tables, streams)
    return sized(plan, statistics, available, state, rest or NO_REST)


def _statistics(plan: Plan, asked: Asked, store: StateStore, tables: SourceTables, streams: Path) -> Statistics:
    from chronon.model.sizes import Statistics
    from chronon.model.time import day_start
    from chronon.stores.tables.sizes import partition_sizes, stored_sizes
    from chronon.stores.topics import topic_figures

    corrected = {each.table: each.days for each in plan.corrected}
    marks = {
        key: {day: mark for day, mark in known.items() if day not in corrected.get(key[0], DaySet())}
        for key, known in store.marks({table for table, _ in asked.partitions}).items()
    }
    columns, totals = _columns(tables, asked.partitions)
    lefts = {left for left, _ in asked.stored}
    stored: dict[tuple[Digest, Digest], dict[Day, Size]] = {}
    for left in sorted(lefts):
        wanted = {column: days for (of, column), days in asked.stored.items() if of == left}
        days = DaySet.of(pair for each in wanted.values() for pair in each.ranges)
        stored |= stored_sizes(store.fragments(left, set(wanted), days))
    return Statistics(
        partitions=partition_sizes(tables, asked.partitions, marks),
        columns=columns,
        totals=totals,
        stored=stored,
        topics={
            topic: found
            for topic, (field, since) in sorted(asked.topics.items())
            if (found := topic_figures(topic, streams, field, day_start(since)))
        },
        runs=store.runs(),
    )


def _columns(
    tables: SourceTables, partitions: Mapping[tuple[str, str], DaySet | None]
) -> tuple[dict[str, Mapping[str, int]], dict[str, int]]:
    """Table → bytes of each column, and of all, in the newest file of the days that are read."""
    from chronon.stores.tables.sizes import column_sizes

    columns: dict[str, Mapping[str, int]] = {}
    totals: dict[str, int] = {}
    for (table, column), days in partitions.items():
        own = tables.partitioned([(table, column)])
        files = own.files(table) if days is None else own.files(table, DaySet.days([days.last]) if days else days)
        if files:
            with suppress(ChrononError):  # a file that cannot be read is told by whoever reads it
                columns[table] = column_sizes(files[-1])[1]
                totals[table] = files[-1].stat().st_size
    return columns, totals
