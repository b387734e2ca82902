"""Injections are refused with their place and reach no engine; ordinary expressions are accepted and compiled for all."""

from __future__ import annotations

import random
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from corpora import INJECTIONS, ORDINARY
from expression_builders import COLUMNS, bits, random_rows

from chronon.expressions import ExpressionError, analyse, arrow_function, row_function, to_sql
from chronon.expressions.arrow import arrow_type
from chronon.expressions.parse import parsed
from chronon.validators import validate

LANGUAGES = ("duckdb", "spark", "flink")


def test_corpora_hold_three_hundred_lines_each_and_none_twice() -> None:
    assert (len(INJECTIONS) >= 300, len(ORDINARY) >= 300) == (True, True)
    assert len({*INJECTIONS, *ORDINARY}) == len(INJECTIONS) + len(ORDINARY)


@pytest.mark.parametrize("text", INJECTIONS)
def test_injection_when_analysed_then_is_refused_within_its_text_for_every_engine(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        analyse(text, COLUMNS)

    assert caught.value.code.startswith("CHR-X")
    assert caught.value.offset is None or 0 <= caught.value.offset <= len(text)
    for dialect in LANGUAGES:
        with pytest.raises(ExpressionError):
            to_sql(text, COLUMNS, dialect)
    for compiled in (arrow_function, row_function):
        with pytest.raises(ExpressionError):
            compiled(text, COLUMNS)


@pytest.mark.parametrize("role", ["select", "where", "time", "derivations"])
def test_injections_when_they_stand_in_definitions_then_each_is_told_at_its_own_line(role: str, tmp_path: Path) -> None:
    places = write_definitions(tmp_path, role, INJECTIONS)

    _repository, catalog, found = validate(tmp_path)

    assert catalog is None
    told = {(one.span.path, one.span.line) for one in found}
    assert [text for place, text in places.items() if place not in told] == []


def write_definitions(folder: Path, role: str, texts: list[str]) -> dict[tuple[str, int], str]:
    """One definition for each text, which stands in one of its lines: the places."""
    team = folder / "teams" / "corpus"
    for name in ("sources", "group_bys", "joins"):
        (team / name).mkdir(parents=True)
    (folder / "chronon.yaml").write_text("targets: {local: {engine: local, home: .chronon/local}}\n")
    (team / "team.yaml").write_text("team: corpus\n")
    columns = "{a: long, s: string, p: boolean}"
    (team / "sources" / "y.yaml").write_text(f"source: y\nevents: {{table: a.b, time: a, columns: {columns}}}\n")
    (team / "group_bys" / "z.yaml").write_text(
        "group_by: z\nsource: y\nkeys: [s]\naggregations: [{input: a, operations: sum}]\n"
    )
    places = {}
    for number, text in enumerate(texts):
        kind, written = definition(role, f"x{number}", "'" + text.replace("'", "''") + "'")
        path = f"teams/corpus/{kind}/x{number}.yaml"
        (folder / path).write_text(written)
        places[path, written[: written.index("  x: ")].count("\n") + 1 if "  x: " in written else 2] = text
    return places


def definition(role: str, name: str, quoted: str) -> tuple[str, str]:
    aggregations = "keys: [s]\naggregations: [{input: a, operations: sum}]\n"
    match role:
        case "select":
            return "group_bys", f"group_by: {name}\nselect:\n  x: {quoted}\nsource: y\n{aggregations}"
        case "where":
            return "group_bys", f"group_by: {name}\nwhere: [{quoted}]\nsource: y\n{aggregations}"
        case "time":
            return "group_bys", f"group_by: {name}\ntime: {quoted}\nsource: y\n{aggregations}"
        case _:
            return "joins", f"join: {name}\nderivations:\n  x: {quoted}\nleft: y\nparts: [z]\n"


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_when_analysed_then_generates_the_same_tree_again(text: str) -> None:
    once = analyse(text, COLUMNS)

    again = analyse(once.sql, COLUMNS)

    assert again == once
    assert all(to_sql(once.sql, COLUMNS, dialect) == to_sql(text, COLUMNS, dialect) for dialect in LANGUAGES)
    assert set(once.reads) <= set(COLUMNS)
    assert parsed(once.sql, COLUMNS) == parsed(text, COLUMNS)


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_when_computed_then_arrow_and_duckdb_give_the_bits_of_the_closure(text: str) -> None:
    rows = random_rows(random.Random(4), 30)
    arrays = {name: pa.array([row[name] for row in rows], arrow_type(kind)) for name, kind in COLUMNS.items()}
    function = row_function(text, COLUMNS)
    wanted = [bits(function(row)) for row in rows]

    by_arrow = arrow_function(text, COLUMNS)(arrays, len(rows)).to_pylist()
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("events", pa.table(arrays))
        query = f"SELECT {to_sql(text, COLUMNS, 'duckdb')} AS x FROM events"
        by_duckdb = connection.sql(query).to_arrow_table()["x"].to_pylist()

    assert [list(map(bits, found)) for found in (by_arrow, by_duckdb)] == [wanted, wanted]
