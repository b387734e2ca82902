from __future__ import annotations

from pathlib import Path

import pytest
from repositories import TEAM, Documents, documents, write

from chronon.loaders.places import Places
from chronon.model.definitions import Catalog, Column, GroupBy, Join
from chronon.model.diagnostics import Diagnostic
from chronon.model.names import Kind, ObjectId, ObjectName
from chronon.model.specs import Accuracy, SourceKind
from chronon.model.time import DAY, HOUR, MINUTE, Day, day_text, parse_day
from chronon.model.types import ListOf, MapOf, Scalar
from chronon.validators import validate

FIRST = parse_day("2013-03-02") or 0


def resolved(folder: Path, written: Documents) -> Catalog:
    _repository, catalog, found = validate(write(folder, written))
    assert found == ()
    assert catalog is not None
    return catalog


def findings(folder: Path, written: Documents) -> tuple[Diagnostic, ...]:
    return validate(write(folder, written))[2]


def group_by(catalog: Catalog, name: str) -> GroupBy:
    return catalog.group_bys[ObjectId(Kind.GROUP_BY, ObjectName("flights", name))]


def join(catalog: Catalog, name: str) -> Join:
    return catalog.joins[ObjectId(Kind.JOIN, ObjectName("flights", name))]


def names(columns: tuple[Column, ...]) -> list[str]:
    return [column.name for column in columns]


def test_group_by_when_resolved_then_reads_just_the_columns_that_it_needs(tmp_path: Path) -> None:
    (rows,) = group_by(resolved(tmp_path, documents()), "carrier").rows

    assert (rows.kind, rows.table, rows.topic) == (SourceKind.EVENTS, "flights.arrivals", "file://flights.arrivals")
    assert names(rows.columns) == ["carrier", "delay", "origin", "planned_ms"]
    assert [(select.name, select.expression) for select in rows.selects] == [
        ("carrier", "carrier"),
        ("delay", "delay"),
        ("late", "delay > 15"),
        ("origin", "origin"),
    ]
    assert rows.wheres == ("delay IS NOT NULL",)
    assert rows.time is not None
    assert (rows.time.name, rows.time.expression) == ("ts", "planned_ms + delay * 60000")


def test_features_when_resolved_then_have_names_and_types_of_their_operations(tmp_path: Path) -> None:
    features = group_by(resolved(tmp_path, documents()), "carrier").features

    types = {feature.name: feature.type for feature in features}
    assert types["delay_average_7d"] is Scalar.DOUBLE
    assert types["delay_last3_3h"] == ListOf(Scalar.LONG)
    assert types["lateness_count_1d_by_origin"] == MapOf(Scalar.LONG)
    assert [feature.window for feature in features if feature.name.startswith("delay_count")] == [
        3 * HOUR,
        7 * DAY,
        None,
    ]


def test_accuracy_when_not_written_then_follows_the_source(tmp_path: Path) -> None:
    catalog = resolved(tmp_path, documents())

    found = {name: group_by(catalog, name).accuracy for name in ("carrier", "plane", "outlook")}
    assert found == {"carrier": Accuracy.TEMPORAL, "plane": Accuracy.SNAPSHOT, "outlook": Accuracy.SNAPSHOT}


def test_defaults_when_not_written_then_come_from_the_team(tmp_path: Path) -> None:
    catalog = resolved(tmp_path, documents())

    assert group_by(catalog, "carrier").tile == MINUTE
    assert join(catalog, "departure").start == parse_day("2013-02-01")
    assert join(catalog, "morning").start == parse_day("2013-03-01")


def test_tile_when_nobody_says_then_is_five_minutes(tmp_path: Path) -> None:
    written = documents()
    del written[f"{TEAM}/team.yaml"]["tile"]

    assert group_by(resolved(tmp_path, written), "carrier").tile == 5 * MINUTE


def test_snapshot_when_nothing_is_aggregated_then_passes_its_columns_through(tmp_path: Path) -> None:
    plane = group_by(resolved(tmp_path, documents()), "plane")

    assert [(one.name, one.operation, one.type) for one in plane.features] == [
        ("engine", None, Scalar.STRING),
        ("seats", None, Scalar.LONG),
    ]
    assert plane.rows[0].time is None


def test_join_when_resolved_then_outputs_are_left_then_parts_then_derivations(tmp_path: Path) -> None:
    departure = join(resolved(tmp_path, documents()), "departure")

    outputs = names(departure.outputs)
    assert outputs[:4] == ["carrier", "miles", "origin", "tailnum"]
    assert outputs[-4:] == ["own_flights_plane_engine", "own_flights_plane_seats", "late_rate", "mean_delay"]
    assert [part.prefix for part in departure.parts] == ["flights_carrier", "own_flights_plane"]
    assert [select.name for select in departure.left.selects] == ["carrier", "miles", "origin", "tailnum"]


def test_star_when_a_derivation_renames_a_column_then_drops_it(tmp_path: Path) -> None:
    outputs = names(join(resolved(tmp_path, documents()), "departure").outputs)

    assert "mean_delay" in outputs
    assert "flights_carrier_delay_average_7d" not in outputs
    assert "flights_carrier_delay_count_7d" in outputs


def test_star_when_absent_then_only_left_and_derivations_stay(tmp_path: Path) -> None:
    written = documents(departure={"derivations": {"late_rate": "flights_carrier_delay_average_7d * 2"}})

    outputs = names(join(resolved(tmp_path, written), "departure").outputs)

    assert outputs == ["carrier", "miles", "origin", "tailnum", "late_rate"]


def test_left_when_nothing_is_selected_then_keeps_the_whole_contract(tmp_path: Path) -> None:
    morning = join(resolved(tmp_path, documents()), "morning")

    assert names(morning.outputs)[:5] == ["carrier", "departs_ms", "distance", "origin", "tailnum"]


def test_chain_when_resolved_then_reads_the_outputs_of_the_join(tmp_path: Path) -> None:
    (rows,) = group_by(resolved(tmp_path, documents()), "outlook").rows

    assert rows.join == ObjectId(Kind.JOIN, ObjectName("flights", "departure"))
    assert rows.table == ""
    assert names(rows.columns) == ["late_rate", "origin", "ts"]
    assert rows.time is not None
    assert rows.time.expression == "ts"


def test_part_when_keys_are_mapped_then_maps_key_to_left_column(tmp_path: Path) -> None:
    part = {"group_by": "carrier", "keys": {"origin": "carrier"}}
    written = documents(departure={"parts": [part], "derivations": {"late_rate": "miles / 2"}})

    assert join(resolved(tmp_path, written), "departure").parts[0].keys == {"carrier": "origin"}


def test_range_when_source_and_query_have_one_then_is_what_both_allow(tmp_path: Path) -> None:
    written = documents(carrier={"start": "2013-01-05", "end": "2013-12-31"})
    written[f"{TEAM}/sources/arrivals.yaml"]["events"] |= {"start": "2013-01-10", "end": "2014-01-01"}

    (rows,) = group_by(resolved(tmp_path, written), "carrier").rows

    assert (rows.start, rows.end) == (parse_day("2013-01-10"), parse_day("2013-12-31"))


@pytest.mark.parametrize("version", [None, 2])
def test_reference_when_it_names_a_version_then_means_that(tmp_path: Path, version: int | None) -> None:
    written = documents(departure={"parts": ["carrier@2" if version else "carrier"]})
    written[f"{TEAM}/joins/departure.yaml"]["derivations"] = {"late_rate": "miles / 2"}
    if version:
        other = written[f"{TEAM}/group_bys/carrier.yaml"] | {"version": 2}
        written[f"{TEAM}/group_bys/carrier@2.yaml"] = other

    part = join(resolved(tmp_path, written), "departure").parts[0]

    assert part.group_by.version == (version or 1)
    assert part.prefix == "flights_carrier"


def test_definitions_when_the_writing_differs_and_not_the_meaning_then_are_equal(tmp_path: Path) -> None:
    written = documents(
        carrier={
            "description": "How late",
            "source": "flights.arrivals",
            "where": "delay  is not NULL",
            "accuracy": "temporal",
            "select": {"late": "( delay>15 )", "delay": "delay"},
            "aggregations": [
                {"input": "late", "operations": "count", "windows": "24h", "buckets": "origin", "name": "lateness"},
                {"input": "delay", "operations": ["last_k(3)", "average"], "windows": ["7d", "3h", "unbounded"]},
                {"input": "delay", "operations": "count"},
                {"input": "delay", "operations": "count", "windows": ["1w", "180m"]},
            ],
        }
    )

    mine = group_by(resolved(tmp_path / "a", documents()), "carrier")
    theirs = group_by(resolved(tmp_path / "b", written), "carrier")

    assert theirs == mine


def test_catalog_when_one_file_is_broken_then_is_none_and_nothing_else_is_told(tmp_path: Path) -> None:
    written = documents()
    written[f"{TEAM}/sources/arrivals.yaml"]["events"]["columns"] = {}

    repository, catalog, found = validate(write(tmp_path, written))

    assert catalog is None
    assert [(one.code, one.span.path) for one in found] == [("CHR-S015", f"{TEAM}/sources/arrivals.yaml")]
    assert len(repository.group_bys) == 3


def test_findings_when_a_type_changes_far_away_then_point_at_the_place_that_reads_it(tmp_path: Path) -> None:
    written = documents()
    written[f"{TEAM}/sources/departures.yaml"]["events"]["columns"]["tailnum"] = "long"

    found = findings(tmp_path, written)

    assert [(one.code, one.span.path) for one in found] == [("CHR-V023", f"{TEAM}/joins/departure.yaml")]


def test_chain_when_very_long_then_resolves(tmp_path: Path) -> None:
    written = documents()
    previous = "departure"
    for number in range(60):
        chained = written[f"{TEAM}/group_bys/outlook.yaml"] | {"group_by": f"g{number}"}
        chained["sources"] = [{"join": previous, "select": {"rate": "ts / 2" if number else "late_rate"}}]
        written[f"{TEAM}/group_bys/g{number}.yaml"] = chained
        start = day_text(Day(FIRST + number))  # a day later than its parent: then the window of a day is full
        join = {"join": f"j{number}", "left": "departures", "parts": [f"g{number}"], "start": start}
        written[f"{TEAM}/joins/j{number}.yaml"] = join
        previous = f"j{number}"

    assert len(resolved(tmp_path, written).joins) == 62


def test_repository_when_nothing_is_wrong_then_no_place_is_looked_for(tmp_path: Path) -> None:
    repository, _catalog, found = validate(write(tmp_path, documents()))

    assert found == ()
    for specs in (repository.sources, repository.group_bys, repository.joins):
        for spec in specs.values():
            assert isinstance(spec.header.spans, Places)
            assert spec.header.spans._found is None


def test_chain_behind_entities_when_asked_too_early_then_counts_from_the_midnight_at_which_they_are_known(
    tmp_path: Path,
) -> None:
    #        fleet        |03-01: known at the midnight behind it
    #        rows                 |03-02 00:00 ...
    #        window 2d            [===============) full for the first time on 03-04
    written = documents()
    written[f"{TEAM}/joins/fleet.yaml"] = {
        "join": "fleet",
        "left": "planes",
        "parts": [{"group_by": "plane", "prefix": "own"}],
        "start": "2013-03-01",
    }
    written[f"{TEAM}/group_bys/seated.yaml"] = {
        "group_by": "seated",
        "sources": [{"join": "fleet", "select": {"n": "seats"}}],
        "keys": ["tailnum"],
        "aggregations": [{"input": "n", "operations": "sum", "windows": "2d"}],
    }
    flown = {"join": "flown", "left": "departures", "parts": ["seated"]}

    told = {}
    for start in ("2013-03-03", "2013-03-04"):
        written[f"{TEAM}/joins/flown.yaml"] = flown | {"start": start}
        told[start] = [(one.code, one.hint) for one in findings(tmp_path / start, written)]

    assert told["2013-03-03"] == [("CHR-V108", "write `start: 2013-03-04`, or read events of earlier days")]
    assert told["2013-03-04"] == []
