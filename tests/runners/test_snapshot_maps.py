"""Maps within maps: a snapshot feature is served in the same form as a temporal one."""

from __future__ import annotations

import pyarrow as pa
import pytest

from chronon.aggregations import Program, answer, arrow_type, decode_row, output_type
from chronon.model.definitions import Column, Feature, GroupBy, Rows, Selected
from chronon.model.jobs import Digest, UploadJob
from chronon.model.names import Kind, ObjectId, ObjectName
from chronon.model.specs import Accuracy, OperationCall, SourceKind
from chronon.model.time import Day, Millis, day_start
from chronon.model.types import MapOf, Scalar
from chronon.runners.compute import batch_entries

DAY = Day(19_000)
TYPES = {"user": Scalar.STRING, "kind": Scalar.STRING, "place": Scalar.STRING, "tags": MapOf(Scalar.LONG)}


def a_group_by(accuracy: Accuracy) -> GroupBy:
    """How often each kind occurred, by place; and the last two maps of tags."""
    call = OperationCall("histogram")
    feature = Feature(
        name="kind_histogram_by_place",
        input="kind",
        input_type=Scalar.STRING,
        operation=call,
        window=None,
        buckets=("place",),
        type=output_type(call, Scalar.STRING, ("place",)),
    )
    latest = OperationCall("last_k", (2,))
    tags = Feature(
        name="tags_last2",
        input="tags",
        input_type=TYPES["tags"],
        operation=latest,
        window=None,
        type=output_type(latest, TYPES["tags"]),
    )
    columns = tuple(Column(name=name, type=kind) for name, kind in TYPES.items())
    rows = Rows(
        kind=SourceKind.EVENTS,
        table="shop.t",
        partition="ds",
        columns=columns,
        selects=tuple(Selected(name=c.name, expression=c.name, type=TYPES[c.name], reads=(c.name,)) for c in columns),
        time=Selected(name="ms", expression="ms", type=Scalar.LONG, reads=("ms",)),
    )
    return GroupBy(
        id=ObjectId(Kind.GROUP_BY, ObjectName("shop", "g"), 1),
        rows=(rows,),
        keys=columns[:1],
        features=(feature, tags),
        accuracy=accuracy,
        online=True,
        tile=Millis(300_000),
    )


@pytest.mark.parametrize("accuracy", list(Accuracy))
def test_maps_within_values_are_served_as_maps(accuracy: Accuracy) -> None:
    group_by = a_group_by(accuracy)
    events = pa.table(
        {
            "user": ["u"] * 4,
            "kind": ["a", "a", "b", "a"],
            "place": ["x", "x", "x", "y"],
            "tags": pa.array([None, None, [("p", 1)], [("p", 2)]], arrow_type(TYPES["tags"])),
            "ts": [day_start(DAY) + at for at in range(4)],
        }
    )

    entries = batch_entries(UploadJob(dataset=Digest("d"), group_by=group_by, day=DAY), events)

    (value,) = entries["value"].to_pylist()
    end = day_start(Day(DAY + 1))
    served = (
        decode_row(value)
        if accuracy is Accuracy.SNAPSHOT
        else answer(Program.compile(group_by.features, accuracy), value, [], end).values
    )
    assert served == ({"x": {"a": 2, "b": 1}, "y": {"a": 1}}, [{"p": 2}, {"p": 1}])
