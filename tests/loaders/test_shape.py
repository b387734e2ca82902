"""What does not fit a schema is told, whatever else could have been meant."""

from __future__ import annotations

import pytest

from chronon.loaders.shape import violations
from chronon.loaders.yaml import parse
from chronon.model.names import Kind

SOURCE = "source: planes\nentities:\n  table: flights.planes\n  columns: {{tailnum: string, {entry}}}\n"


@pytest.mark.parametrize("entry", ["TailNum:)string", "0.9)", "seats: "])
def test_column_without_a_type_when_it_may_be_the_rest_of_a_call_then_is_told(entry: str) -> None:
    document, found = parse(SOURCE.format(entry=entry).encode(), "planes.yaml")

    assert document is not None
    assert not found
    (told,) = violations(document, Kind.SOURCE)
    assert (told.span.line, told.code) == (4, "CHR-S012")
