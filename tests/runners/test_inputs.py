"""Which files a job reads, and tables that are not what their source declares or what the plan saw."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chronon.model.dayset import DaySet
from chronon.model.definitions import Column, Feature, GroupBy, Part, Rows, Selected
from chronon.model.errors import ChrononError
from chronon.model.jobs import Digest, FeatureJob, LeftJob, UploadJob
from chronon.model.names import Kind, ObjectId, ObjectName
from chronon.model.specs import Accuracy, OperationCall, SourceKind
from chronon.model.time import DAY, Day, Millis, day_text
from chronon.model.types import DataType, Decimal, ListOf, MapOf, Scalar, StructOf
from chronon.runners.contracts import check_file, check_tables
from chronon.runners.deployment import Deployment
from chronon.runners.inputs import inputs_of
from chronon.stores.state import open_state
from chronon.stores.tables.sources import SourceTables
from chronon.stores.tables.warehouse import Warehouse

DAY_0 = 19_000
NAME = ObjectId(Kind.GROUP_BY, ObjectName("shop", "g"), 1)
KEY, VALUE, MS = (Column(name=n, type=t) for n, t in (("k", Scalar.STRING), ("v", Scalar.LONG), ("ms", Scalar.LONG)))

EVENTS = Rows(
    kind=SourceKind.EVENTS,
    table="shop.events",
    columns=(KEY, MS, VALUE),
    selects=tuple(Selected(name=c.name, expression=c.name, type=c.type, reads=(c.name,)) for c in (KEY, VALUE)),
    time=Selected(name="ms", expression="ms", type=Scalar.LONG, reads=("ms",)),
)
ENTITIES = replace(EVENTS, kind=SourceKind.ENTITIES, time=None, columns=(KEY, VALUE))
WHOLE = replace(ENTITIES, partition="")


def a_group_by(rows: Rows, *, window: int | None = 2 * DAY, accuracy: Accuracy = Accuracy.SNAPSHOT) -> GroupBy:
    feature = Feature(
        name="f",
        input="v",
        input_type=Scalar.LONG,
        operation=OperationCall("sum"),
        window=None if window is None else Millis(window),
        type=Scalar.LONG,
    )
    return GroupBy(
        id=NAME, rows=(rows,), keys=(KEY,), features=(feature,), accuracy=accuracy, online=True, tile=Millis(300_000)
    )


def an_upload(rows: Rows, day: int = DAY_0 + 5, **options: Any) -> UploadJob:
    return UploadJob(dataset=Digest("d"), group_by=a_group_by(rows, **options), day=Day(day))


def a_feature_job(rows: Rows, days: list[int], **options: Any) -> FeatureJob:
    return FeatureJob(
        left=Digest("l"),
        left_columns=(KEY,),
        group_by=a_group_by(rows, **options),
        part=Part(group_by=NAME, keys={"k": "k"}, prefix="g"),
        columns=((Digest("c"), "g_f"),),
        days=DaySet.days(days),
    )


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    """State, warehouse and tables; the job's inputs need nothing else of it."""
    return Deployment(
        home=tmp_path,
        state=open_state(f"sqlite:{tmp_path}/state.db"),
        kv=cast("Any", None),
        warehouse=Warehouse(tmp_path / "warehouse"),
        tables=SourceTables(tmp_path / "data"),
        streams=tmp_path,
        engine=cast("Any", None),
    )


def write(deployment: Deployment, days: list[int] | None = None, **columns: pa.Array) -> list[str]:
    """A file of `shop.events` for each day, or one without partition; its paths."""
    root = deployment.tables.root / "shop/events"
    folders = [root] if days is None else [root / f"ds={day_text(Day(day))}" for day in days]
    table = pa.table({"k": pa.array(["a"]), "v": pa.array([1]), "ms": pa.array([DAY_0 * DAY]), **columns})
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, folder / "part-0.parquet")
    return [str(folder / "part-0.parquet") for folder in folders]


def span(first: int, last: int) -> list[int]:
    return [DAY_0 + day for day in range(first, last + 1)]


def days_read(job: UploadJob | FeatureJob, deployment: Deployment) -> list[int]:
    return [(partition.day or 0) - DAY_0 for partition in inputs_of(job, deployment).partitions[0]]


def test_upload_when_windowed_then_reads_its_days_and_one_more_on_both_sides(deployment: Deployment) -> None:
    #   days      0 … 3 [4 5] 6
    #   window           ====|  ends with day 5
    write(deployment, span(0, 9))

    assert days_read(an_upload(EVENTS), deployment) == [3, 4, 5, 6, 7]
    assert days_read(an_upload(EVENTS, window=None), deployment) == [0, 1, 2, 3, 4, 5, 6, 7]


def test_upload_when_of_entities_then_reads_the_newest_snapshot_alone(deployment: Deployment) -> None:
    write(deployment, span(0, 9))

    assert days_read(an_upload(ENTITIES), deployment) == [5]


def test_upload_when_the_source_has_bounds_then_reads_nothing_beyond_them(deployment: Deployment) -> None:
    write(deployment, span(0, 9))

    bounded = replace(EVENTS, start=Day(DAY_0 + 4), end=Day(DAY_0 + 5))

    assert days_read(an_upload(bounded), deployment) == [4, 5]


def test_upload_when_the_table_has_no_partitions_then_reads_every_file(deployment: Deployment) -> None:
    paths = write(deployment)

    (partition,) = inputs_of(an_upload(WHOLE), deployment).partitions[0]

    assert partition.day is None
    assert list(partition.files) == paths


def test_left_partition_when_gone_since_the_plan_then_is_named(deployment: Deployment) -> None:
    write(deployment, [*span(0, 2), DAY_0 + 4])
    job = LeftJob(left=Digest("l"), rows=EVENTS, days=DaySet.span(DAY_0, DAY_0 + 4))

    for look in (lambda: inputs_of(job, deployment), lambda: check_tables([job], deployment.tables)):
        with pytest.raises(ChrononError, match=r"CHR-R010 table shop\.events has no partition for 2022-01-11"):
            look()


@pytest.mark.parametrize(
    ("job", "last", "is_enough"),
    [
        (an_upload(EVENTS), 5, True),
        (an_upload(EVENTS), 4, False),
        (an_upload(ENTITIES), 5, True),
        (an_upload(ENTITIES), 4, False),
        (an_upload(replace(EVENTS, end=Day(DAY_0 + 2))), 2, True),
        (a_feature_job(EVENTS, span(3, 5)), 4, True),
        (a_feature_job(EVENTS, span(3, 5)), 3, False),
        (a_feature_job(EVENTS, span(3, 5), accuracy=Accuracy.TEMPORAL), 5, True),
        (a_feature_job(EVENTS, span(3, 5), accuracy=Accuracy.TEMPORAL), 4, False),
        (a_feature_job(ENTITIES, span(3, 5)), 4, True),
        (a_feature_job(ENTITIES, span(3, 5)), 3, False),
    ],
)
def test_source_when_its_newest_partitions_are_gone_then_is_told_before_anything_runs(
    deployment: Deployment, job: UploadJob | FeatureJob, last: int, is_enough: bool
) -> None:
    write(deployment, span(0, last))

    if is_enough:
        check_tables([job], deployment.tables)
        return
    with pytest.raises(ChrononError, match=r"CHR-R010 table shop\.events has no partition for 2022-01-1\d"):
        check_tables([job], deployment.tables)


def test_table_when_missing_then_is_told_before_anything_runs(deployment: Deployment) -> None:
    with pytest.raises(ChrononError, match=r"CHR-K021 there is no table shop\.events"):
        check_tables([an_upload(EVENTS)], deployment.tables)


def test_newer_partitions_than_the_jobs_read_when_different_then_hinder_nobody(deployment: Deployment) -> None:
    write(deployment, span(0, 5))
    write(deployment, span(9, 9), v=pa.array(["text"]))

    check_tables([an_upload(EVENTS)], deployment.tables)

    with pytest.raises(ChrononError, match="CHR-R012"):
        check_tables([an_upload(EVENTS, day=DAY_0 + 9)], deployment.tables)


def test_file_in_the_middle_when_different_then_is_told_before_its_job(deployment: Deployment) -> None:
    write(deployment, span(0, 5))
    (odd,) = write(deployment, span(4, 4), v=pa.array(["text"]))

    with pytest.raises(ChrononError) as found:
        inputs_of(an_upload(EVENTS), deployment)

    assert found.value.code == "CHR-R012"
    assert found.value.message == f"table shop.events has v as string, which is declared as long: {odd}"


@pytest.mark.parametrize(
    ("kind", "declared", "fits"),
    [
        (pa.int64(), Scalar.LONG, True),
        (pa.int32(), Scalar.LONG, True),
        (pa.int16(), Scalar.INT, True),
        (pa.int64(), Scalar.INT, False),
        (pa.int64(), Scalar.DOUBLE, False),
        (pa.float32(), Scalar.DOUBLE, False),
        (pa.float32(), Scalar.FLOAT, True),
        (pa.float64(), Scalar.DOUBLE, True),
        (pa.dictionary(pa.int32(), pa.string()), Scalar.STRING, True),
        (pa.large_string(), Scalar.STRING, True),
        (pa.binary(), Scalar.STRING, False),
        (pa.decimal128(10, 2), Scalar.DOUBLE, False),
        (pa.list_(pa.int64()), ListOf(Scalar.LONG), True),
        (pa.list_(pa.int64()), ListOf(Scalar.STRING), False),
        (pa.null(), Scalar.LONG, False),
        (pa.decimal128(10, 2), Decimal(12, 2), True),
        (pa.decimal128(12, 2), Decimal(10, 2), False),
        (pa.decimal128(10, 3), Decimal(12, 2), False),
        (pa.decimal128(38, 2), Decimal(18, 2), False),
        (pa.timestamp("us", "UTC"), Scalar.TIMESTAMP, True),
        (pa.timestamp("ms"), Scalar.TIMESTAMP, True),
        (pa.timestamp("ns"), Scalar.TIMESTAMP, False),
        (pa.date32(), Scalar.DATE, True),
        (pa.date32(), Scalar.TIMESTAMP, False),
        (pa.binary(), Scalar.BINARY, True),
        (pa.list_(pa.int32()), ListOf(Scalar.LONG), True),
        (pa.map_(pa.string(), pa.date32()), MapOf(Scalar.DATE), True),
        (
            pa.struct([("a", pa.int32()), ("b", pa.string())]),
            StructOf((("a", Scalar.LONG), ("b", Scalar.STRING))),
            True,
        ),
        (
            pa.struct([("b", pa.string()), ("a", pa.int32())]),
            StructOf((("a", Scalar.LONG), ("b", Scalar.STRING))),
            False,
        ),
    ],
)
def test_column_types_when_compared_then_only_what_loses_nothing_fits(
    tmp_path: Path, kind: pa.DataType, declared: DataType, fits: bool
) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"v": pa.nulls(1, kind)}), path)
    rows = replace(EVENTS, columns=(Column(name="v", type=declared),))

    if fits:
        check_file(rows, path)
        return
    with pytest.raises(
        ChrononError,
        match=rf"CHR-R012 table shop\.events has (v as .*, which is declared as {re.escape(str(declared))}|nanoseconds in 64 bits in v)",
    ):
        check_file(rows, path)


def test_column_when_missing_then_what_there_is_is_listed(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"z": [1], "w": [1]}), path)

    with pytest.raises(ChrononError) as found:
        check_file(replace(EVENTS, columns=(VALUE,)), path)

    assert found.value.message == f"table shop.events lacks the column v, which is declared as long: {path}"
    assert found.value.hint == "it has w, z"


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + b"\xff" * 100 + b"PAR1", b"not Parquet at all"])
def test_file_when_damaged_then_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(content)

    with pytest.raises(ChrononError, match=r"CHR-R011 cannot read .*a\.parquet: "):
        check_file(EVENTS, path)
