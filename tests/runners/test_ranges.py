"""Windows turned into partitions, one drawn timeline per rule."""

from __future__ import annotations

from chronon.model.dayset import DaySet
from chronon.model.definitions import Column, Feature, Rows
from chronon.model.specs import Accuracy, OperationCall, SourceKind
from chronon.model.time import DAY, HOUR, Day, Millis, parse_day, parse_instant
from chronon.model.types import Scalar
from chronon.runners.ranges import days_to_read

ALL = DaySet.span(parse_day("2013-01-01") or 0, parse_day("2013-03-31") or 0)


def rows(kind: SourceKind = SourceKind.EVENTS, start: str | None = None) -> Rows:
    return Rows(
        kind=kind,
        table="t",
        columns=(Column(name="x", type=Scalar.LONG),),
        selects=(),
        start=parse_day(start) if start else None,
    )


def counted(window: int | None) -> Feature:
    length = None if window is None else Millis(window)
    return Feature(
        name="f", input="x", input_type=Scalar.LONG, operation=OperationCall("count"), window=length, type=Scalar.LONG
    )


def read(
    features: list[Feature],
    accuracy: Accuracy,
    first: str,
    last: str,
    *,
    source: Rows | None = None,
    held: DaySet = ALL,
) -> str:
    begin, end = parse_instant(first), parse_instant(last)
    assert begin is not None
    assert end is not None
    return str(days_to_read(source or rows(), features, accuracy, first=begin, last=end, available=held))


def test_temporal_window_starts_at_its_tail_and_has_a_day_of_slack_on_both_sides() -> None:
    #   3h at 02:10 on the 10th: tail 23:10 on the 9th        slack: 8th and 11th
    found = read([counted(3 * HOUR)], Accuracy.TEMPORAL, "2013-02-10T02:10", "2013-02-10T20:00")

    assert found == "2013-02-08 .. 2013-02-11"


def test_longest_window_decides_and_its_tail_is_rounded_down_to_a_day() -> None:
    #   30d at 10th 02:10: 11 January 02:10 → 11 January 00:00       slack: the 10th
    found = read([counted(3 * HOUR), counted(30 * DAY)], Accuracy.TEMPORAL, "2013-02-10T02:10", "2013-02-10T20:00")

    assert found == "2013-01-10 .. 2013-02-11"


def test_unwindowed_feature_reads_from_the_first_partition_of_the_source() -> None:
    found = read(
        [counted(None)], Accuracy.TEMPORAL, "2013-02-10T02:10", "2013-02-10T20:00", source=rows(start="2013-01-05")
    )

    assert found == "2013-01-05 .. 2013-02-11"


def test_snapshot_window_ends_at_midnight() -> None:
    #   7d as of 00:00 on the 10th: 3rd .. 9th        slack: 2nd .. 11th
    found = read([counted(7 * DAY)], Accuracy.SNAPSHOT, "2013-02-10T02:10", "2013-02-10T20:00")

    assert found == "2013-02-02 .. 2013-02-11"


def test_entities_are_read_from_the_day_before_each_query() -> None:
    source = rows(SourceKind.ENTITIES)

    found = read([counted(DAY)], Accuracy.SNAPSHOT, "2013-02-10T02:10", "2013-02-12T20:00", source=source)

    assert found == "2013-02-09 .. 2013-02-11"


def test_mutations_are_read_of_the_days_asked_with_a_day_of_slack() -> None:
    source = rows(SourceKind.MUTATIONS)

    found = read([counted(30 * DAY)], Accuracy.TEMPORAL, "2013-02-10T02:10", "2013-02-12T20:00", source=source)

    assert found == "2013-02-09 .. 2013-02-13"


def test_days_that_are_not_there_are_not_asked_for() -> None:
    held = DaySet.days([Day(day) for day in ALL if day % 2 == 0])

    found = days_to_read(
        rows(),
        [counted(DAY)],
        Accuracy.TEMPORAL,
        first=Millis(ALL.first * DAY),
        last=Millis(ALL.last * DAY),
        available=held,
    )

    assert found == held


def test_table_without_any_partition_gives_no_days() -> None:
    assert read([counted(DAY)], Accuracy.TEMPORAL, "2013-02-10", "2013-02-10", held=DaySet()) == ""
