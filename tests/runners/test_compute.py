"""Jobs over Arrow tables against plain Python over rows that shares no code with them."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import starmap
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chronon.aggregations.finished import decode_row
from chronon.model.dayset import DaySet
from chronon.model.definitions import Column, Feature, GroupBy, Part, Rows, Selected
from chronon.model.jobs import DerivationJob, Digest, FeatureJob, LeftJob, UploadJob
from chronon.model.names import Kind, ObjectId, ObjectName
from chronon.model.specs import Accuracy, OperationCall, SourceKind
from chronon.model.time import DAY, Day, Millis
from chronon.model.types import Scalar
from chronon.runners.compute import (
    batch_entries,
    derived_columns,
    feature_columns,
    left_rows,
    numbered_rows,
    snapshot_instant,
)
from chronon.runners.engine import Partition
from chronon.runners.local.scan import scan
from chronon.runners.timing import PARTITION_DAY, REVERSAL, SINCE

HOUR = DAY // 24
START = 19_000 * DAY
GROUP_BY = ObjectId(Kind.GROUP_BY, ObjectName("shop", "g"), 1)
KEYS = (Column(name="user", type=Scalar.STRING), Column(name="city", type=Scalar.LONG))

Row = tuple[Any, ...]

USERS, CITIES, VALUES = st.sampled_from(["a", "b", None]), st.sampled_from([1, 2, None]), st.none() | st.integers(-3, 3)
TIMES = st.integers(0, 4 * DAY) | st.sampled_from([0, HOUR, DAY - 1, DAY, DAY + 1, 2 * DAY, 3 * DAY])
EVENTS = st.lists(st.tuples(USERS, CITIES, VALUES, TIMES), max_size=25)
QUERIES = st.lists(st.tuples(USERS, CITIES, TIMES), max_size=12)


def selected(name: str, kind: Scalar) -> Selected:
    return Selected(name=name, expression=name, type=kind, reads=(name,))


def rows_of(kind: SourceKind, partition: str) -> Rows:
    columns = (*KEYS, Column(name="v", type=Scalar.LONG))
    return Rows(
        kind=kind,
        table="shop.t",
        partition=partition,
        columns=columns,
        selects=tuple(selected(column.name, Scalar(column.type)) for column in columns),
        time=selected("ms", Scalar.LONG) if kind is SourceKind.EVENTS else None,
    )


def a_group_by(accuracy: Accuracy, windows: tuple[int | None, ...], *, kind: SourceKind = SourceKind.EVENTS) -> GroupBy:
    """Count, sum and last of `v`, for each window."""
    features = [
        Feature(
            name=f"{name}_{window}",
            input="v",
            input_type=Scalar.LONG,
            operation=OperationCall(name),
            window=None if window is None else Millis(window),
            type=Scalar.LONG,
        )
        for window in windows
        for name in ("count", "sum", "max")
    ]
    return GroupBy(
        id=GROUP_BY,
        rows=(rows_of(kind, "ds"),),
        keys=KEYS,
        features=tuple(features),
        accuracy=accuracy,
        online=True,
        tile=Millis(300_000),
    )


def passed_through(partition: str) -> GroupBy:
    """The column `v` of an entity table as it was the day before."""
    feature = Feature(name="v", input="v", input_type=Scalar.LONG, operation=None, type=Scalar.LONG)
    rows = (rows_of(SourceKind.ENTITIES, partition),)
    return GroupBy(
        id=GROUP_BY,
        rows=rows,
        keys=KEYS,
        features=(feature,),
        accuracy=Accuracy.SNAPSHOT,
        online=True,
        tile=Millis(300_000),
    )


def feature_job(group_by: GroupBy) -> FeatureJob:
    return FeatureJob(
        left=Digest("l"),
        left_columns=(Column(name="who", type=Scalar.STRING), Column(name="where", type=Scalar.LONG)),
        group_by=group_by,
        part=Part(group_by=GROUP_BY, keys={"user": "who", "city": "where"}, prefix="g"),
        columns=tuple((Digest(str(n)), f"g_{feature.name}") for n, feature in enumerate(group_by.features)),
        days=DaySet.days([19_000]),
    )


def event_table(events: list[Row]) -> pa.Table:
    users, cities, values, times = zip(*events, strict=True) if events else ([], [], [], [])
    return pa.table(
        {
            "user": pa.array(users, pa.string()),
            "city": pa.array(cities, pa.int64()),
            "v": pa.array(values, pa.int64()),
            "ts": pa.array([START + at for at in times], pa.int64()),
        }
    )


def entity_table(rows: list[Row]) -> pa.Table:
    """Rows of snapshots, each known at its own time."""
    table = event_table(rows)
    return table.append_column(SINCE, table["ts"]).append_column(REVERSAL, pa.nulls(table.num_rows, pa.bool_()))


def image_table(rows: list[Row], images: list[tuple[bool, Row]]) -> pa.Table:
    """Rows of snapshots, then images of mutations, each known at its own time: whether it is of what was before."""
    known = entity_table(rows)
    changed = event_table([image for _, image in images])
    reversal = pa.array([was_before for was_before, _ in images], pa.bool_())
    return pa.concat_tables([known, changed.append_column(SINCE, changed["ts"]).append_column(REVERSAL, reversal)])


def query_table(queries: list[Row]) -> pa.Table:
    users, cities, times = zip(*queries, strict=True) if queries else ([], [], [])
    return pa.table(
        {
            PARTITION_DAY: pa.array([19_000 + at // DAY for at in times], pa.int32()),
            "row_id": pa.array(range(len(queries)), pa.int64()),
            "ts": pa.array([START + at for at in times], pa.int64()),
            "who": pa.array(users, pa.string()),
            "where": pa.array(cities, pa.int64()),
        }
    )


def naive(events: list[Row], key: Row, at: int, window: int | None, *, hop: int) -> list[int | None]:
    """Count, sum and max of the values of a key in [floor(at − window, hop), at)."""
    tail = -math.inf if window is None else (at - window) // hop * hop
    inside = [v for user, city, v, ts in events if (user, city) == key and tail <= START + ts < at and v is not None]
    if None in key or not inside:
        return [None, None, None]
    return [len(inside), sum(inside), max(inside)]


@given(EVENTS, QUERIES)
def test_feature_columns_when_temporal_then_equal_the_naive_ones(events: list[Row], queries: list[Row]) -> None:
    group_by = a_group_by(Accuracy.TEMPORAL, (HOUR, DAY, None))

    found = feature_columns(feature_job(group_by), event_table(events), query_table(queries))

    for place, (user, city, at) in enumerate(queries):
        wanted = [
            value
            for window, hop in ((HOUR, 300_000), (DAY, HOUR), (None, DAY))
            for value in naive(events, (user, city), START + at, window, hop=hop)
        ]
        assert [found[f"g_{feature.name}"][place].as_py() for feature in group_by.features] == wanted
    assert found["row_id"].to_pylist() == list(range(len(queries)))


@given(EVENTS, QUERIES)
def test_feature_columns_when_snapshot_then_answer_as_of_midnight(events: list[Row], queries: list[Row]) -> None:
    group_by = a_group_by(Accuracy.SNAPSHOT, (DAY, 2 * DAY))

    found = feature_columns(feature_job(group_by), event_table(events), query_table(queries))

    for place, (user, city, at) in enumerate(queries):
        midnight = (START + at) // DAY * DAY
        wanted = [v for w in (DAY, 2 * DAY) for v in naive(events, (user, city), midnight, w, hop=DAY)]
        assert [found[f"g_{feature.name}"][place].as_py() for feature in group_by.features] == wanted


@given(st.lists(st.tuples(USERS, CITIES, VALUES, st.integers(0, 3)), max_size=20), QUERIES)
def test_entity_snapshots_when_partitioned_then_the_day_before_alone_answers(
    entities: list[Row], queries: list[Row]
) -> None:
    rows = [(user, city, v, snapshot_instant(Day(19_000 + day)) - START) for user, city, v, day in entities]

    found = feature_columns(feature_job(passed_through("ds")), entity_table(rows), query_table(queries))

    for place, (user, city, at) in enumerate(queries):
        day = at // DAY - 1
        there = [v for u, c, v, d in entities if (u, c, d) == (user, city, day) and v is not None]
        # Duplicates of an entity in one snapshot tie in time: the greatest value, by its bytes, wins.
        wanted = max(there) if there and user is not None and city is not None else None
        assert found["g_v"][place].as_py() == wanted


@given(st.lists(st.tuples(USERS, CITIES, VALUES, st.integers(0, 3)), max_size=20), QUERIES)
@example([("a", 1, 5, 0), ("a", 1, 5, 1)], [("a", 1, 2 * DAY)])
def test_entity_snapshots_when_aggregated_then_the_day_before_alone_counts(
    entities: list[Row], queries: list[Row]
) -> None:
    rows = [(user, city, v, snapshot_instant(Day(19_000 + day)) - START) for user, city, v, day in entities]
    (plain,) = passed_through("ds").features
    counted = replace(passed_through("ds"), features=(replace(plain, operation=OperationCall("count")),))

    found = feature_columns(feature_job(counted), entity_table(rows), query_table(queries))

    for place, (user, city, at) in enumerate(queries):
        there = [v for u, c, v, d in entities if (u, c, d) == (user, city, at // DAY - 1) and v is not None]
        assert found["g_v"][place].as_py() == (len(there) if there and None not in (user, city) else None)


@given(st.lists(st.tuples(USERS, CITIES, VALUES), max_size=12), QUERIES)
def test_entity_table_without_partitions_then_answers_whenever_it_is_asked(
    entities: list[Row], queries: list[Row]
) -> None:
    rows = [(user, city, v, snapshot_instant(None) - START) for user, city, v in entities]

    found = feature_columns(feature_job(passed_through("")), entity_table(rows), query_table(queries))

    for place, (user, city, _at) in enumerate(queries):
        there = [v for u, c, v in entities if (u, c) == (user, city) and v is not None]
        assert found["g_v"][place].as_py() == (max(there) if there and None not in (user, city) else None)


def test_entities_when_changed_then_the_snapshot_and_what_came_after_it_counts() -> None:
    #   snapshots of day 0 and 1   day 2 ──── 01:00 -3 +4 ──── 02:00 +9 ────
    #   queries                        00:00           01:00:00.001         the next day
    snapshots = [("a", 1, 3, 1 * DAY - 1), ("a", 1, 3, 2 * DAY - 1), ("a", 1, 5, 2 * DAY - 1)]
    changes = [
        (True, ("a", 1, 3, 2 * DAY + HOUR)),
        (False, ("a", 1, 4, 2 * DAY + HOUR)),
        (False, ("a", 1, 9, 2 * DAY + 2 * HOUR)),
    ]
    queries = [
        ("a", 1, 2 * DAY),
        ("a", 1, 2 * DAY + HOUR + 1),
        ("a", 1, 3 * DAY - 1),
        ("a", 1, 3 * DAY),
        ("b", 1, 2 * DAY),
    ]
    group_by = a_group_by(Accuracy.TEMPORAL, (None,), kind=SourceKind.ENTITIES)

    found = feature_columns(feature_job(group_by), image_table(snapshots, changes), query_table(queries))

    assert found["g_count_None"].to_pylist() == [2, 2, 3, None, None]
    assert found["g_sum_None"].to_pylist() == [8, 9, 18, None, None]
    assert found["g_max_None"].to_pylist() == [5, 5, 9, None, None]


def test_batch_entries_of_entities_hold_the_windows_of_the_last_snapshot() -> None:
    #   own times   ──day 0────────|──day 1──────────|          snapshot of the end of day 1
    #   windows           [ 2 d ===================)
    #                              [ 1 d =========)
    rows = [("a", 1, 1, 0), ("a", 1, 2, DAY), ("a", 1, 4, 2 * DAY), ("b", 1, None, 0)]
    table = event_table(rows)
    known = pa.array([START + 2 * DAY - 1] * len(rows), pa.int64())
    table = table.append_column(SINCE, known).append_column(REVERSAL, pa.nulls(len(rows), pa.bool_()))
    group_by = a_group_by(Accuracy.SNAPSHOT, (DAY, 2 * DAY, None), kind=SourceKind.ENTITIES)

    found = batch_entries(UploadJob(dataset=Digest("d"), group_by=group_by, day=Day(19_001)), table)

    values = [list(decode_row(value)) for value in found["value"].to_pylist()]
    assert values == [[1, 2, 2, 2, 3, 2, 3, 7, 4], [None] * 9]


@given(EVENTS, st.integers(0, 3))
def test_batch_entries_when_snapshot_then_hold_every_entity_with_its_values(events: list[Row], day: int) -> None:
    group_by = a_group_by(Accuracy.SNAPSHOT, (DAY, None))
    end = START + (day + 1) * DAY

    found = batch_entries(UploadJob(dataset=Digest("d"), group_by=group_by, day=Day(19_000 + day)), event_table(events))

    keys = {(user, city) for user, city, _v, ts in events if None not in (user, city) and START + ts < end}
    values = [decode_row(value) for value in found["value"].to_pylist()]
    wanted = [
        [v for w in (DAY, None) for v in naive([e for e in events if START + e[3] < end], key, end, w, hop=DAY)]
        for key in keys
    ]
    assert sorted(map(repr, map(list, values))) == sorted(map(repr, wanted))
    entities = found["entity"].to_pylist()
    assert entities == sorted(set(entities))
    assert None not in entities


@given(
    st.lists(
        st.tuples(st.sampled_from([0, 5, 9]), st.none() | st.sampled_from(["a", "b"]), st.none() | st.integers(0, 2)),
        max_size=15,
    ),
    st.randoms(use_true_random=False),
)
def test_numbered_rows_are_in_one_order_whatever_order_they_came_in(rows: list[Row], chance: Any) -> None:
    shuffled = chance.sample(rows, len(rows))

    found = numbered_rows(left_table(shuffled))

    def order(row: Row) -> list[tuple[bool, Any]]:
        ts, b, a = row
        return [(True, ts), (a is not None, a or 0), (b is not None, b or "")]  # by ts, then by name: a, b

    wanted = sorted(rows, key=order)
    assert found["row_id"].to_pylist() == list(range(len(rows)))
    assert list(zip(*(found[name].to_pylist() for name in ("ts", "b", "a")), strict=True)) == wanted


def test_numbered_rows_when_they_differ_in_the_sign_of_zero_only_are_equal() -> None:
    rows = pa.table({"ts": pa.array([1, 1], pa.int64()), "x": [0.0, -0.0], "y": ["b", "a"]})

    found = [numbered_rows(rows), numbered_rows(rows.take([1, 0]))]

    assert [repr(table.to_pylist()) for table in found] == [repr(found[0].to_pylist())] * 2
    assert "-0.0" not in repr(found[0].to_pylist())


def left_table(rows: list[Row]) -> pa.Table:
    types = {"ts": pa.int64(), "b": pa.string(), "a": pa.int64()}
    columns = zip(*rows, strict=True) if rows else [[], [], []]
    return pa.table({name: pa.array(values, types[name]) for name, values in zip(types, columns, strict=True)})


@given(st.lists(st.tuples(st.none() | st.integers(-5, 5), st.none() | st.integers(-2, 2)), max_size=12))
def test_derived_columns_equal_the_naive_ones(rows: list[Row]) -> None:
    job = DerivationJob(
        left=Digest("l"),
        derivations=(
            Selected(name="sum", expression="x + y", type=Scalar.LONG, reads=("x", "y")),
            Selected(name="either", expression="COALESCE(x, y)", type=Scalar.LONG, reads=("x", "y")),
        ),
        columns=((Digest("1"), "sum"), (Digest("2"), "either")),
        inputs={"x": Digest("l"), "y": Digest("l")},
        input_types=(Column(name="x", type=Scalar.LONG), Column(name="y", type=Scalar.LONG)),
        days=DaySet.days([19_000]),
    )
    table = pa.table(
        {
            "row_id": pa.array(range(len(rows)), pa.int64()),
            "x": pa.array([x for x, _ in rows], pa.int64()),
            "y": pa.array([y for _, y in rows], pa.int64()),
        }
    )

    found = derived_columns(job, table)

    assert found.column_names == ["row_id", "sum", "either"]
    assert found["sum"].to_pylist() == list(starmap(lambda x, y: None if None in (x, y) else x + y, rows))
    assert found["either"].to_pylist() == [y if x is None else x for x, y in rows]


CHANGES = replace(
    rows_of(SourceKind.ENTITIES, "ds"),
    kind=SourceKind.MUTATIONS,
    columns=(
        *KEYS,
        *(Column(name=name, type=Scalar.LONG) for name in ("v", "ms", "at")),
        Column(name="old", type=Scalar.BOOLEAN),
    ),
    time=selected("ms", Scalar.LONG),
    changed=selected("at", Scalar.LONG),
    reversal=selected("old", Scalar.BOOLEAN),
)


def scanned_images(tmp_path: Path, **columns: list[Any]) -> list[Row]:
    """Value, own time, SINCE and REVERSAL of what is read of a day of images."""
    kinds = {"v": pa.int64(), "ms": pa.int64(), "at": pa.int64(), "old": pa.bool_()}
    n = len(columns["v"])
    table = pa.table(
        {"user": ["a"] * n, "city": pa.array([1] * n, pa.int64())}
        | {name: pa.array(columns[name], kind) for name, kind in kinds.items()}
    )
    path = tmp_path / "images.parquet"
    pq.write_table(table, path)
    names = (("v", Scalar.LONG), ("ts", Scalar.LONG), (SINCE, Scalar.LONG), (REVERSAL, Scalar.BOOLEAN))
    wanted = [Column(name=name, type=kind) for name, kind in names]
    found = scan(CHANGES, [Partition(day=Day(19_000), files=(str(path),))], wanted)
    return [tuple(row.values()) for row in found.to_pylist()]


def test_scan_of_mutations_keeps_the_time_of_the_row_and_that_of_the_change(tmp_path: Path) -> None:
    found = scanned_images(tmp_path, v=[7, 8], ms=[-5, 3], at=[START, START + 1], old=[True, None])

    assert found == [(7, -5, START, True), (8, 3, START + 1, False)]  # not known to be of what was before: it is not


def test_scan_of_mutations_leaves_out_rows_that_lack_a_time(tmp_path: Path) -> None:
    found = scanned_images(tmp_path, v=[1, 2, 3], ms=[None, 1, 1], at=[START, None, START], old=[False, False, False])

    assert [value for value, *_ in found] == [3]


def test_scan_of_mutations_leaves_out_changes_more_than_a_day_off_their_partition(tmp_path: Path) -> None:
    at = [START - DAY - 1, START - DAY, START + 2 * DAY - 1, START + 2 * DAY]

    found = scanned_images(tmp_path, v=[1, 2, 3, 4], ms=[0] * 4, at=at, old=[False] * 4)

    assert [value for value, *_ in found] == [2, 3]


def test_scan_of_a_snapshot_keeps_rows_of_any_age(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    columns = {"user": ["a"] * 3, "city": pa.array([1] * 3, pa.int64()), "v": pa.array([5, 6, None], pa.int64())}
    pq.write_table(pa.table(columns), path)
    rows = replace(rows_of(SourceKind.ENTITIES, "ds"), time=selected("v", Scalar.LONG))
    wanted = [Column(name=name, type=Scalar.LONG) for name in ("ts", SINCE)]

    found = scan(rows, [Partition(day=Day(19_000), files=(str(path),))], wanted)

    assert found.to_pylist() == [{"ts": own, SINCE: START + DAY - 1} for own in (5, 6)]


def test_left_rows_of_entities_ask_at_the_end_of_their_day() -> None:
    rows = pa.table({"ts": pa.array([snapshot_instant(Day(19_000))] * 2, pa.int64()), "v": ["b", "a"]})
    job = LeftJob(left=Digest("l"), rows=rows_of(SourceKind.ENTITIES, "ds"), days=DaySet.days([19_000]))

    found = left_rows(job, rows)

    assert found.to_pylist() == [{"row_id": n, "ts": START + DAY, "v": v} for n, v in enumerate("ab")]


@pytest.mark.parametrize("off", [-2 * DAY, -DAY - 1, -DAY, -1, 0, DAY - 1, DAY, 2 * DAY - 1, 2 * DAY, 3 * DAY])
def test_scan_leaves_out_events_more_than_a_day_off_their_partition(off: int, tmp_path: Path) -> None:
    #  partition      |====|            one day on both sides counts
    #            |----|----|----|
    path = tmp_path / "part-0.parquet"
    pq.write_table(pa.table({"user": ["a"], "city": [1], "v": [7], "ms": [START + off]}), path)
    rows = rows_of(SourceKind.EVENTS, "ds")
    rows = Rows(
        kind=rows.kind,
        table=rows.table,
        columns=(*rows.columns, Column(name="ms", type=Scalar.LONG)),
        selects=rows.selects,
        time=rows.time,
    )

    found = scan(
        rows,
        [Partition(day=Day(19_000), files=(str(path),))],
        [Column(name="v", type=Scalar.LONG), Column(name="ts", type=Scalar.LONG)],
    )

    is_near = abs((START + off) // DAY - 19_000) <= 1
    assert found.to_pylist() == ([{"v": 7, "ts": START + off}] if is_near else [])


def test_left_rows_with_nested_cells_have_one_order_and_one_form() -> None:
    kinds = {"ts": pa.int64(), "tags": pa.map_(pa.string(), pa.int64()), "days": pa.list_(pa.date32())}
    rows = [
        {"ts": 1, "tags": [("b", 1), ("a", 2)], "days": [2]},
        {"ts": 1, "tags": [("a", 2), ("b", 1)], "days": [1, None]},
        {"ts": 1, "tags": None, "days": []},
        {"ts": 0, "tags": [], "days": None},
    ]

    numbered = [numbered_rows(pa.Table.from_pylist(some, pa.schema(kinds))) for some in (rows, rows[::-1])]

    assert numbered[0].equals(numbered[1])
    assert numbered[0].drop_columns(["row_id"]).cast(pa.schema(kinds | {"days": pa.list_(pa.int32())})).to_pylist() == [
        {"ts": 0, "tags": [], "days": None},
        {"ts": 1, "tags": None, "days": []},
        {"ts": 1, "tags": [("a", 2), ("b", 1)], "days": [2]},
        {"ts": 1, "tags": [("a", 2), ("b", 1)], "days": [1, None]},
    ]
