"""What remains of a document fits its schema, and every value in it is where the document has it."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronon.loaders.files import place_of
from chronon.loaders.remainder import STAND_INS, remainder, respelt
from chronon.loaders.repository import remains
from chronon.loaders.shape import violations
from chronon.loaders.yaml import Document, parse
from chronon.model.diagnostics import Span

TEXT = """\
group_by: carrier
source: arrivals
select:
  delay: arr_delay
  late: arr_delay > 15
keys: [carrier, origin]
aggregations:
  - input: delay
    operations: [count, average]
    windows: [1d, 7d]
  - input: late
    operations: [sum]
"""


def document(text: str) -> Document:
    found, problems = parse(text.encode(), "teams/a/group_bys/carrier.yaml")
    assert found is not None, problems
    return found


def left_of(text: str) -> Document | None:
    return remainder(respelt(document(text), "group_by"), "group_by", "carrier")


def test_document_that_fits_when_read_then_is_what_remains() -> None:
    whole = document(TEXT)

    left = left_of(TEXT)

    assert left is not None
    assert left.data == whole.data
    assert dict(left.spans) == dict(whole.spans)


def test_item_when_taken_out_then_those_behind_it_keep_their_places() -> None:
    left = left_of(TEXT.replace("[1d, 7d]", "[1day, 7d]"))

    assert left is not None
    assert left.data["aggregations"][0]["windows"] == ["7d"]
    assert left.span("aggregations", 0, "windows", 0) == Span("teams/a/group_bys/carrier.yaml", 10, 21)


def test_misspelt_field_when_read_then_what_is_in_it_remains() -> None:
    left = left_of(TEXT.replace("operations: [sum]", "operatoins: [sum]"))

    assert left is not None
    assert left.data["aggregations"][1]["operations"] == ["sum"]
    assert left.span("aggregations", 1, "operations", 0) == Span("teams/a/group_bys/carrier.yaml", 12, 18)


@pytest.mark.parametrize(
    ("broken", "stand_in"),
    [("keys: [carrier, origin]\n", "keys: 5\n"), ("  - input: delay\n", "  - input: {}\n")],
    ids=["keys", "input"],
)
def test_needed_field_when_it_does_not_fit_then_something_without_a_place_stands_for_it(
    broken: str, stand_in: str
) -> None:
    left = left_of(TEXT.replace(broken, stand_in))

    assert left is not None
    here: Any = left.data if "keys" in stand_in else left.data["aggregations"][0]
    assert STAND_INS.items() & here.items()
    assert len(left.data["aggregations"]) == 2


def test_expression_when_a_comma_has_cut_it_then_neither_part_remains() -> None:
    left = left_of(
        TEXT.replace("  delay: arr_delay\n  late: arr_delay > 15\n", "  {late: a, delay: LEAST(arr_delay, 5)}\n")
    )

    assert left is not None
    assert left.data["select"] == {"late": "a"}


def test_document_when_nothing_of_it_fits_then_nothing_remains() -> None:
    assert left_of("group_by: carrier\nkeys: [a]\n") is None
    assert remainder(document(TEXT.replace("carrier\n", "Carrier\n")), "group_by", "Carrier") is None


def test_files_when_their_findings_are_about_the_whole_then_nothing_of_them_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "teams" / "a" / "group_bys"
    folder.mkdir(parents=True)
    (folder / "carrier.yaml").write_bytes(b"\xff")
    assert place_of("teams/a/group_bys/carrier.yaml")
    _document, found = parse(b"\xff", "teams/a/group_bys/carrier.yaml")

    assert found
    assert list(remains(tmp_path, found)) == []


VALUES = [None, True, 5, "x", "a b", [], {}, ["x", "x"], {"x": 1}, [[1]], "1day"]


def disturb(data: Any, random: Random) -> Any:
    """The data with some of its values, and some names of fields, put into disorder."""
    if random.random() < 0.1:
        return random.choice(VALUES)
    if isinstance(data, dict):
        named = {(name if random.random() < 0.9 else f"{name}{name[-1]}"): value for name, value in data.items()}
        return {name: disturb(value, random) for name, value in named.items() if random.random() < 0.95}
    return [disturb(one, random) for one in data] if isinstance(data, list) else data


def at(data: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        data = data[step]
    return data


@given(st.integers(0, 10**9))
def test_document_when_disturbed_at_random_then_what_remains_fits_and_lies_where_it_did(seed: int) -> None:
    data = disturb(document(TEXT).data, Random(seed))
    if not isinstance(data, dict):
        return
    spans: dict[tuple[str | int, ...], Span] = {}
    values: dict[Span, Any] = {}

    def number(value: Any, path: tuple[str | int, ...]) -> None:
        spans[path] = Span("f", len(spans) + 1, 1)
        values[spans[path]] = value
        steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for step, inner in steps:
            number(inner, (*path, step))

    number(data, ())
    left = remainder(respelt(Document(path="f", data=data, spans=spans), "group_by"), "group_by", "carrier")

    if left is not None:
        assert violations(left, "group_by") == ()
        for path, span in left.spans.items():
            value, here = values[span], at(left.data, path)
            assert here == value or isinstance(here, dict | list)
            assert type(here) is type(value)
