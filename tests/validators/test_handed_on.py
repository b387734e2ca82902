"""A join that hands on what shall go is told once for each part, and only where nothing else tells of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from repositories import documents, write

from chronon.model.time import Day
from chronon.validators import validate

TODAY = Day(20_000)
GROUP_BYS, JOINS = "teams/flights/group_bys", "teams/flights/joins"
CODES = {"CHR-V112", "CHR-V113", "CHR-V115", "CHR-V120"}


def told(tmp_path: Path, carrier: dict[str, Any], join: dict[str, Any], aggregation: dict[str, Any]) -> list[str]:
    """What is told of deprecations: a join of one group_by with two aggregations, of which the second one may shall go."""
    kept = {"input": "delay", "operations": ["count"], "windows": ["7d"]}
    other = {"input": "delay", "operations": ["average", "max"], "windows": ["7d"], **aggregation}
    own = {"group_by": "own", "source": "arrivals", "keys": "carrier", "aggregations": [kept, other], **carrier}
    files = {
        **documents(),
        f"{GROUP_BYS}/own.yaml": own,
        f"{JOINS}/x.yaml": {"join": "x", "left": "departures", "parts": ["own"], **join},
    }
    write(tmp_path, files)
    found = validate(tmp_path, TODAY)[2]
    return [f"{one.span.path.rpartition('/')[2]} {one.code} {one.message}" for one in found if one.code in CODES]


HANDED = (
    "x.yaml CHR-V120 join hands on `flights_own_delay_average_7d`, `flights_own_delay_max_7d` of `own`, which shall go"
)


@pytest.mark.parametrize(
    ("carrier", "join", "aggregation", "expected"),
    [
        ({}, {}, {"deprecated": {"reason": "old"}}, [HANDED]),
        ({}, {}, {"deprecated": "2999-12-31"}, [f"{HANDED} after 2999-12-31"]),
        ({}, {"derivations": {"*": "*", "n": "flights_own_delay_count_7d"}}, {"deprecated": {"reason": "old"}}, [HANDED]),
        ({}, {"derivations": {"n": "flights_own_delay_count_7d"}}, {"deprecated": {"reason": "old"}}, []),
        ({}, {"deprecated": "2999-12-31"}, {"deprecated": "2999-12-31"}, []),
        ({}, {"deprecated": "2999-12-31"}, {"deprecated": "2998-12-31"}, [f"{HANDED} after 2998-12-31"]),
        (
            {},
            {},
            {"deprecated": "2019-12-31"},
            ["own.yaml CHR-V115 aggregation `delay` was to go after 2019-12-31"],
        ),
        (
            {"deprecated": "2999-12-31"},
            {},
            {"deprecated": {"reason": "old"}},
            ["x.yaml CHR-V112 `own` may be read until 2999-12-31 only"],
        ),
        ({}, {}, {}, []),
    ],
    ids=["no day", "a day", "a derivation beside", "named without it", "goes by then", "goes later", "past", "goes as a whole", "nothing goes"],
)  # fmt: skip
def test_join_that_hands_on_what_shall_go_is_told_once(
    tmp_path: Path,
    carrier: dict[str, Any],
    join: dict[str, Any],
    aggregation: dict[str, Any],
    expected: list[str],
) -> None:
    assert told(tmp_path, carrier, join, aggregation) == expected


def test_feature_that_a_derivation_reads_is_told_there_and_the_others_at_the_part(tmp_path: Path) -> None:
    join = {"derivations": {"*": "*", "much": "flights_own_delay_max_7d > 5"}}

    found = told(tmp_path, {}, join, {"deprecated": {"reason": "old"}})

    assert found == [
        "x.yaml CHR-V120 join hands on `flights_own_delay_average_7d` of `own`, which shall go",
        "x.yaml CHR-V112 `flights_own_delay_max_7d` is deprecated: old",
    ]
