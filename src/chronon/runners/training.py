"""Training rows of a join that is live in an environment: what a model is trained on, read by its stable name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from chronon.aggregations import arrow_type
from chronon.model.dayset import DaySet
from chronon.model.definitions import Join, with_aliases
from chronon.model.errors import ChrononError
from chronon.model.jobs import Digest
from chronon.model.names import Kind, parse_reference
from chronon.model.state import Snapshot, State
from chronon.model.time import Day
from chronon.model.values import has_map, in_program
from chronon.runners.deployment import Deployment
from chronon.schemas.wire import from_json
from chronon.stores.tables.sources import data_type


def training_rows(
    deployment: Deployment,
    environment: str,
    name: str,
    days: DaySet | None = None,
    beside: Mapping[str, Digest] | None = None,
) -> pa.Table:
    """`ds`, `ts` and every column of a join, for the days asked for or for all that are computed.

    A label whose window is not over is null: it keeps nobody from the features of its row.

    beside: further columns that are stored of the same rows.
    Errors: CHR-R030 when no join of that name is live; CHR-R031 when no row of those days is computed.
    """
    state = deployment.state.read()
    snapshot = _live_join(state, environment, name)
    left = snapshot.left
    if left is None:
        raise ChrononError("CHR-R030", f"{name} has no left rows", "ask for a join")
    join = from_json(snapshot.definition, Join)
    labels = [column.name for column in with_aliases(join.outcomes)]
    computed = computed_days(state, snapshot, snapshot.columns.keys() - labels)
    wanted = computed if days is None else computed & days
    if not wanted:
        raise ChrononError(
            "CHR-R031",
            f"no training rows of {name} are computed for {days or 'any day'}; there are those of {computed or 'no day'}",
            "run `chronon plan` to see what is missing, then `chronon apply`",
        )
    more = beside or {}
    stored = {**snapshot.columns, **more}
    fragments = deployment.state.fragments(left, {left, *stored.values()}, wanted)
    ordered = ("ts", *_in_order(snapshot, join), *more)
    tables = [
        deployment.warehouse.read_days(left, days, _known(stored, left, ordered, lacking), fragments)
        for lacking, days in _by_lack(state, snapshot, labels, wanted).items()
    ]
    types = {column.name: arrow_type(column.type) for column in with_aliases(join.outcomes)}
    rows = pa.concat_tables([_with_nulls(table, types) for table in tables], promote_options="default")
    return rows.select(["ds", *ordered]).take(_by_day(rows)) if len(tables) > 1 else rows.select(["ds", *ordered])


def _known(
    stored: Mapping[str, Digest], left: Digest, ordered: Sequence[str], lacking: Collection[str]
) -> list[tuple[str, Digest]]:
    return [(name, stored.get(name, left)) for name in ordered if name not in lacking]


def _by_lack(state: State, snapshot: Snapshot, labels: Iterable[str], wanted: DaySet) -> dict[frozenset[str], DaySet]:
    """The labels that are not known yet → the days on which it is these."""
    lacking: dict[Day, set[str]] = {day: set() for day in wanted}
    for label in labels:
        for day in wanted - computed_days(state, snapshot, [label]):
            lacking[day].add(label)
    found: dict[frozenset[str], list[Day]] = {}
    for day, names in lacking.items():
        found.setdefault(frozenset(names), []).append(day)
    return {names: DaySet.days(days) for names, days in found.items()}


def _with_nulls(rows: pa.Table, types: Mapping[str, pa.DataType]) -> pa.Table:
    """With the labels that are not known yet: null until their windows are over."""
    for name, kind in types.items():
        if name not in rows.column_names:
            rows = rows.append_column(name, pa.nulls(rows.num_rows, kind))
    return rows


def _by_day(rows: pa.Table) -> pa.Array:
    """The places of the rows in the order of their days; rows of a day keep theirs."""
    return pc.sort_indices(rows["ds"])


def rows_of(table: pa.Table) -> list[dict[str, object]]:
    """The rows of a table with values as programs have them: maps are dicts at every depth."""
    columns = {name: column.to_pylist() for name, column in zip(table.column_names, table.columns, strict=True)}
    for field in table.schema:
        kind = data_type(field.type)
        if kind is not None and has_map(kind):
            columns[field.name] = [in_program(value, kind) for value in columns[field.name]]
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _in_order(snapshot: Snapshot, join: Join) -> list[str]:
    """The columns as the join lists them, left columns that it does not list before; a mapping keeps no order in JSON."""
    listed = [column.name for column in with_aliases(join.columns)]
    return [*sorted(snapshot.columns.keys() - set(listed)), *listed]


def _live_join(state: State, environment: str, name: str) -> Snapshot:
    reference = parse_reference(name)
    joins = [s for s in state.environment(environment).snapshots.values() if s.id.kind is Kind.JOIN]
    matches = [s for s in joins if reference and s.id.name == reference[0] and reference[1] in (None, s.id.version)]
    if len(matches) == 1:
        return matches[0]
    live = ", ".join(sorted(str(s.id) for s in joins)) or "none: apply a plan first"
    raise ChrononError("CHR-R030", f"no join {name} is live in environment {environment}", f"live joins: {live}")


def computed_days(state: State, snapshot: Snapshot, columns: Iterable[str]) -> DaySet:
    """The days for which the left rows and some columns of a join are there."""
    if snapshot.left is None:
        return DaySet()
    days = state.computed.get((snapshot.left, snapshot.left), DaySet())
    for digest in {snapshot.columns[name] for name in columns}:
        days = days & state.computed.get((snapshot.left, digest), DaySet())
    return days
