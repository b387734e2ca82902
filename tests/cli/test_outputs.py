"""What `chronon show` tells of every column of a result: its type, and the types that it is made of."""

from __future__ import annotations

import functools
import json
from pathlib import Path

import pytest

from chronon.cli.app import run
from chronon.cli.views.outputs import Output, group_by_outputs, join_outputs
from chronon.model.definitions import Catalog, Column
from chronon.model.names import Kind, ObjectId, ObjectName
from chronon.model.specs import Repository
from chronon.model.types import Scalar
from chronon.validators import validate

ROOT = Path(__file__).parents[2]


@functools.cache
def flown() -> tuple[Catalog, Repository]:
    repository, catalog, _ = validate(ROOT)
    assert catalog is not None
    return catalog, repository


def flights() -> Catalog:
    return flown()[0]


def outputs_of_departure() -> dict[str, Output]:
    join = flights().joins[ObjectId(Kind.JOIN, ObjectName("delays", "departure"))]
    return {one.name: one for one in join_outputs(join, *flown())}


def test_outputs_when_of_a_join_then_are_its_columns_in_order_with_their_types() -> None:
    for join in flights().joins.values():
        outputs = join_outputs(join, *flown())

        assert [Column(name=one.name, type=one.type) for one in outputs] == list(join.outputs)


def test_outputs_when_of_a_group_by_then_are_its_keys_and_features_with_their_types() -> None:
    for group_by in flights().group_bys.values():
        outputs = group_by_outputs(group_by, flown()[1])

        expected = [*group_by.keys, *(Column(name=one.name, type=one.type) for one in group_by.features)]
        assert [Column(name=one.name, type=one.type) for one in outputs] == expected


@pytest.mark.parametrize(
    ("name", "origin", "types", "meaning"),
    [
        ("carrier", "left", "string", ""),
        ("arrival_delay", "left", "long", "= arr_delay"),
        ("airlines_carrier_delay_last5_7d", "airlines.carrier", "long → list<long>", "last_k(5) of delay over 7d"),
        (
            "airlines_carrier_delay_average_7d_by_origin",
            "airlines.carrier",
            "long → map<string,double>",
            "average of delay over 7d by origin",
        ),
        ("airlines_plane_seats", "airlines.plane", "long → long", "seats as it is"),
        (
            "delay_against_route_7d",
            "",
            "double, double → double",
            "= airlines_tail_delay_average_7d - airports_route_delay_average_7d",
        ),
    ],
)
def test_output_when_told_then_says_what_goes_in_and_what_comes_out(
    name: str, origin: str, types: str, meaning: str
) -> None:
    one = outputs_of_departure()[name]

    assert (one.origin, one.types, one.meaning) == (origin, types, meaning)


def test_output_when_derived_then_names_its_inputs() -> None:
    inputs = outputs_of_departure()["carrier_late_ratio_7d"].inputs

    names = ("airlines_carrier_delay_count_7d", "airlines_carrier_late_count_7d")
    assert inputs == tuple(Column(name=name, type=Scalar.LONG) for name in names)


@pytest.mark.parametrize("name", ["airlines.arrivals", "airlines.carrier", "delays.departure"])
def test_show_when_json_is_asked_then_every_column_has_a_type(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["show", name, "--json", "--repo", str(ROOT)])

    (shown,) = json.loads(capsys.readouterr().out)
    columns = shown["outputs"] if "outputs" in shown else shown["definition"]["columns"]
    assert code == 0
    assert columns
    assert all(column["name"] and column["type"] for column in columns)
    assert all(given["type"] for column in columns for given in column.get("inputs", ()))
    assert shown["owners"]
