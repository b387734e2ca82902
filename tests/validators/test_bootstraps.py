"""Bootstraps as they are written and as they are meant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from repositories import documents, write

from chronon.model.definitions import Catalog, Join
from chronon.model.names import Kind, ObjectId, ObjectName
from chronon.model.specs import SourceKind
from chronon.model.time import Day
from chronon.validators import validate

TODAY = Day(20_000)
COUNT = "flights_carrier_delay_count_7d"
PLANES = {"source": "planes", "keys": "tailnum", "select": {COUNT: "seats"}}


def found_in(folder: Path, *bootstrap: dict[str, Any], **changed: Any) -> tuple[Catalog | None, list[str]]:
    """The catalog, and code and place of every finding."""
    written = documents(departure={"bootstrap": list(bootstrap)}, **changed)
    _, catalog, found = validate(write(folder, written), TODAY)
    return catalog, [f"{one.code} {one.message}" for one in found]


def join_of(folder: Path, *bootstrap: dict[str, Any], **changed: Any) -> Join:
    catalog, found = found_in(folder, *bootstrap, **changed)
    assert catalog is not None, found
    return catalog.joins[ObjectId(Kind.JOIN, ObjectName("flights", "departure"))]


def test_bootstrap_when_resolved_then_is_a_snapshot_of_each_day_and_what_it_fills(tmp_path: Path) -> None:
    twice = {**PLANES, "select": {"late_rate": "CAST(seats AS double)", COUNT: "seats * 2"}, "end": "2013-02-10"}

    join = join_of(tmp_path, PLANES, twice)

    first, second = join.lookups
    assert [feature.name for feature in first.group_by.features] == [f"{COUNT}@1"]
    assert [feature.name for feature in second.group_by.features] == [f"{COUNT}@2", "late_rate@2"]
    assert [(one.name, one.reads) for one in join.filled] == [
        (COUNT, (f"{COUNT}@1", f"{COUNT}@2", COUNT)),
        ("late_rate", ("late_rate@2", "late_rate")),
    ]
    assert {rows.kind for lookup in join.lookups for rows in lookup.group_by.rows} == {SourceKind.ENTITIES}


@pytest.mark.parametrize(
    "written",
    [
        {**PLANES, "keys": ["tailnum"]},
        {**PLANES, "select": {COUNT: "((seats))", "tailnum": "tailnum"}},
    ],
)
def test_bootstrap_when_written_otherwise_then_means_the_same(written: dict[str, Any], tmp_path: Path) -> None:
    assert join_of(tmp_path / "one", PLANES) == join_of(tmp_path / "other", written)


def test_feature_when_given_under_a_former_name_then_is_the_feature(tmp_path: Path) -> None:
    aliases = {"carrier": {"aliases": {"arrivals_7d": "delay_count_7d"}}}
    former = {**PLANES, "select": {"flights_carrier_arrivals_7d": "seats"}}

    one, other = (join_of(tmp_path / name, each, **aliases) for name, each in (("now", PLANES), ("before", former)))

    assert one.filled == other.filled
    assert [rows.selects[0].expression for each in (one, other) for rows in each.lookups[0].group_by.rows] == [
        "seats",
        "seats",
    ]


def test_feature_when_given_under_both_names_then_is_told(tmp_path: Path) -> None:
    aliases = {"carrier": {"aliases": {"arrivals_7d": "delay_count_7d"}}}
    both = {**PLANES, "select": {COUNT: "seats", "flights_carrier_arrivals_7d": "seats"}}

    _, found = found_in(tmp_path, both, **aliases)

    assert found == [f"CHR-V143 `{COUNT}` and `flights_carrier_arrivals_7d` are the same column"]


def test_events_without_a_time_when_they_give_values_then_are_no_mistake(tmp_path: Path) -> None:
    columns = {"tailnum": "string", "seats": "long"}
    written = documents(departure={"bootstrap": [{**PLANES, "source": "log"}]})
    written["teams/flights/sources/log.yaml"] = {
        "source": "log",
        "events": {"table": "flights.log", "columns": columns},
    }

    _, catalog, found = validate(write(tmp_path, written), TODAY)

    assert found == ()
    assert catalog is not None


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        ({"select": {COUNT: "seat"}}, "CHR-V005 select: there is no column `seat`"),
        ({"where": "seats"}, "CHR-V007"),
        ({"start": "2013-03-01", "end": "2013-02-01"}, "CHR-V020"),
        ({"select": {COUNT: "seats", "tailnum": "CAST(NULL AS string)"}}, "CHR-V110"),
    ],
)
def test_query_of_a_bootstrap_when_wrong_then_is_told_like_any_other(
    edit: dict[str, Any], told: str, tmp_path: Path
) -> None:
    _, found = found_in(tmp_path, {**PLANES, **edit})

    assert [one[: len(told)] for one in found] == [told]


def test_key_when_its_column_shall_go_then_the_reader_is_told(tmp_path: Path) -> None:
    goes = {"tailnum": {"type": "string", "deprecated": "2030-01-01"}, "seats": "long"}
    planes = {"entities": {"table": "flights.planes", "columns": goes}}

    _, found = found_in(tmp_path, PLANES, planes=planes)

    assert len([one for one in found if one.startswith("CHR-V112")]) == 2
