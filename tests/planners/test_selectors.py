"""The grammar of selections over the flights, where what is chosen can be read off the graph."""

from __future__ import annotations

from pathlib import Path

import pytest

from chronon.model.errors import ChrononError
from chronon.model.names import Kind, ObjectId, parse_reference
from chronon.planners.objects import object_graph
from chronon.planners.selectors import Field, chosen, selectable
from chronon.validators import validate

ROOT = Path(__file__).parents[2]


def outlook() -> ObjectId:
    reference = parse_reference("delays.outlook")
    assert reference is not None
    return ObjectId(Kind.GROUP_BY, reference[0])


@pytest.fixture(scope="module")
def field() -> Field:
    repository, catalog, _ = validate(ROOT)
    assert catalog is not None
    graph = object_graph(catalog, repository)
    return Field(graph=graph, objects=selectable(repository), changed=frozenset([outlook()]))


def names(field: Field, *selectors: str) -> set[str]:
    return {f"{one.kind} {one}" for one in chosen(selectors, field)}


ALL_ABOVE_OUTLOOK = {
    "group_by airlines.carrier",
    "group_by airlines.plane",
    "group_by airlines.tail",
    "group_by airports.origin",
    "group_by airports.route",
    "group_by airports.weather",
    "group_by delays.outlook",
    "join delays.departure",
    "source airlines.arrivals",
    "source airlines.departures",
    "source airlines.planes",
    "source airports.weather",
}


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("airlines.carrier", {"group_by airlines.carrier"}),
        ("airlines.carrier@1", {"group_by airlines.carrier"}),
        ("airports.weather", {"group_by airports.weather", "source airports.weather"}),
        ("airports.weather,kind:source", {"source airports.weather"}),
        ("delays.*", {"group_by delays.outlook", "join delays.departure", "join delays.morning"}),
        ("kind:join", {"join delays.departure", "join delays.morning"}),
        ("team:delays,kind:group_by", {"group_by delays.outlook"}),
        ("kind:join delays.outlook", {"group_by delays.outlook", "join delays.departure", "join delays.morning"}),
        ("1+delays.outlook", {"group_by delays.outlook", "join delays.departure"}),
        ("delays.outlook+", {"group_by delays.outlook", "join delays.morning"}),
        ("delays.outlook+1", {"group_by delays.outlook", "join delays.morning"}),
        ("airlines.plane+1", {"group_by airlines.plane", "join delays.departure"}),
        ("+delays.outlook", ALL_ABOVE_OUTLOOK),
        ("+delays.outlook+", ALL_ABOVE_OUTLOOK | {"join delays.morning"}),
        ("changed+", {"group_by delays.outlook", "join delays.morning"}),
        ("path:teams/delays/joins", {"join delays.departure", "join delays.morning"}),
        ("path:teams/*/sources/planes.yaml", {"source airlines.planes"}),
    ],
)
def test_selector_when_read_then_chooses(field: Field, selector: str, expected: set[str]) -> None:
    assert names(field, selector) == expected


def test_selectors_when_several_are_given_then_choose_what_any_of_them_does(field: Field) -> None:
    assert names(field, "airlines.carrier", "airlines.plane") == names(field, "airlines.carrier airlines.plane")


def test_owner_and_tag_when_chosen_then_are_those_of_the_files(field: Field) -> None:
    for one in field.objects:
        for owner in one.owners:
            assert one.id in chosen([f"owner:{owner}"], field)
        for tag, value in one.tags.items():
            assert one.id in chosen([f"tag:{tag}"], field)
            assert one.id in chosen([f"tag:{tag}={value}"], field)


@pytest.mark.parametrize(
    ("selector", "code", "hint"),
    [
        ("airlines.carrierr", "CHR-P093", "did you mean `airlines.carrier`?"),
        ("tem:airlines", "CHR-P092", "did you mean `team`?"),
        ("kind:joins", "CHR-P092", "did you mean `join`?"),
        ("a+b", "CHR-P092", "write a name such as `airlines.carrier` or `team:x`"),
        ("team:nobody", "CHR-P093", "`chronon graph` lists what there is"),
        ("kind:join,kind:source", "CHR-P093", "`chronon graph` lists what there is"),
    ],
)
def test_selector_when_wrong_then_says_what_was_meant(field: Field, selector: str, code: str, hint: str) -> None:
    with pytest.raises(ChrononError) as caught:
        chosen([selector], field)

    assert (caught.value.code, caught.value.hint) == (code, hint)


def test_changed_when_nothing_is_compared_then_is_no_selector(field: Field) -> None:
    bare = Field(graph=field.graph, objects=field.objects, changed=None)

    with pytest.raises(ChrononError, match="nothing is compared"):
        chosen(["changed"], bare)
