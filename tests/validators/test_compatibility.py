"""Every verdict on two schemas is what a simulated writer and reader of them come to."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulation import PLAIN, Column, Table, decode, encode, failures, samples

from chronon.model.specs import Compatibility
from chronon.model.types import DataType, parse_type
from chronon.model.widening import TABLE, widens
from chronon.validators.compatibility import Direction, Field, Reason, Schema, Version, broken

NAMES = ("carrier", "delay", "origin", "plane", "price")
NESTED = (
    *PLAIN,
    "decimal(4,2)",
    "decimal(12,2)",
    "decimal(12,0)",
    "decimal(18,2)",
    "decimal(18,4)",
    "list<int>",
    "list<long>",
    "list<list<int>>",
    "map<string,int>",
    "map<string,double>",
    "map<string,decimal(12,2)>",
    "struct<a:int,b:string>",
    "struct<a:long,b:string>",
    "struct<b:string,a:int>",
    "struct<a:int>",
    "list<struct<a:int>>",
    "list<struct<a:double>>",
)
TYPES = st.sampled_from(NESTED)


@st.composite
def tables(draw: st.DrawFn, before: Table | None = None) -> Table:
    """A table; one that came of another by renames, other types, columns that came and went."""
    columns: list[Column] = []
    for column in before.columns if before else ():
        match draw(st.sampled_from(("same", "same", "renamed", "retyped", "optional", "gone", "unaliased"))):
            case "same":
                columns.append(column)
            case "renamed":
                columns.append(Column(f"{column.name}_new", column.type, column.optional, (column.name,)))
            case "unaliased":
                columns.append(Column(f"{column.name}_new", column.type, column.optional))
            case "retyped":
                columns.append(Column(column.name, draw(TYPES), column.optional, column.aliases))
            case "optional":
                columns.append(Column(column.name, column.type, not column.optional, column.aliases))
            case _:
                pass
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=2 if before else 4))
    columns += [
        Column(name, draw(TYPES), draw(st.booleans()), draw(st.sampled_from(((), (f"{name}_old",))))) for name in names
    ]
    keys = draw(st.sampled_from(((("id", "string"),),) * 4 + ((("id", "long"),), (("user", "string"),))))
    return Table(_consistent(columns), keys, fills=before.fills if before else draw(st.booleans()))


def _consistent(columns: list[Column]) -> tuple[Column, ...]:
    """Each name once, and no alias that is a name or another's alias."""
    named = {column.name: column for column in columns}
    taken = set(named)
    found = []
    for column in named.values():
        aliases = tuple(alias for alias in column.aliases if alias not in taken)
        taken.update(aliases)
        found.append(Column(column.name, column.type, column.optional, aliases))
    return tuple(found)


def kind(text: str) -> DataType:
    found = parse_type(text)
    assert found is not None
    return found


def schema(table: Table) -> Schema:
    fields = tuple(
        Field(name=each.name, type=kind(each.type), optional=each.optional, aliases=each.aliases)
        for each in table.columns
    )
    return Schema(fields=fields, keys=tuple((name, kind(of)) for name, of in table.keys), fills=table.fills)


def simulated(old: Table, new: Table) -> set[tuple[Direction, str]]:
    """Direction and column of every failure; only the newest reader has what older data lack filled in."""
    backward = {(Direction.BACKWARD, name) for name in failures(new, old)}
    return backward | {(Direction.FORWARD, name) for name in failures(Table(old.columns, old.keys, fills=False), new)}


def told(history: list[Table], new: Table, mode: Compatibility) -> set[tuple[Direction, str]]:
    versions = [Version(label=str(at), schema=schema(old)) for at, old in enumerate(history)]
    found = set()
    for each in broken(versions, schema(new), mode):
        field = each.new if each.direction is Direction.BACKWARD else each.old
        found.add((each.direction, field.name if field else "keys"))
    return found


@settings(max_examples=600)
@given(st.data())
def test_verdict_when_two_schemas_are_compared_then_is_that_of_the_simulated_reader(data: st.DataObject) -> None:
    old = data.draw(tables())
    new = data.draw(tables(old))

    assert told([old], new, Compatibility.FULL) == simulated(old, new)


@settings(max_examples=100)
@given(st.data(), st.sampled_from(Compatibility))
def test_mode_when_it_is_given_a_history_then_looks_where_it_says(data: st.DataObject, mode: Compatibility) -> None:
    oldest = data.draw(tables())
    older = data.draw(tables(oldest))
    new = data.draw(tables(older))
    looked_at = [older, oldest] if mode.name.endswith("TRANSITIVE") else [older]
    wanted = {direction for direction in Direction if mode.name.startswith((direction.name, "FULL"))}

    expected = {failure for old in looked_at for failure in simulated(old, new) if failure[0] in wanted}

    assert told([older, oldest], new, mode) == expected


@pytest.mark.parametrize("old", NESTED)
def test_type_when_it_widens_then_every_value_is_read_as_itself(old: str) -> None:
    table = Table((Column("x", old),))

    exact = {new for new in NESTED if not failures(Table((Column("x", new),)), table)}

    assert {new for new in NESTED if widens(kind(old), kind(new))} == exact


def test_simulation_when_a_type_reads_itself_then_every_sample_comes_back() -> None:
    for text in NESTED:
        for value in samples(text):
            assert decode(text, encode(text, value)) == value, text


def test_table_when_a_rule_names_plain_types_then_it_is_what_happens() -> None:
    for rule in TABLE:
        old, new = parse_type(rule.old), parse_type(rule.new)
        if old is not None and new is not None:
            assert widens(old, new) is rule.is_exact, rule


def field(name: str, of: str = "int", *, optional: bool = False, aliases: tuple[str, ...] = ()) -> Field:
    return Field(name=name, type=kind(of), optional=optional, aliases=aliases)


def reasons(old: Field, new: Field, mode: Compatibility = Compatibility.FULL) -> list[tuple[Reason, Direction]]:
    history = [Version(label="main", schema=Schema(fields=(old,)))]
    return [(each.reason, each.direction) for each in broken(history, Schema(fields=(new,)), mode)]


def test_rename_with_alias_then_breaks_only_the_old_reader() -> None:
    found = reasons(field("carrier_code"), field("carrier", aliases=("carrier_code",)))

    assert found == [(Reason.RENAMED, Direction.FORWARD)]


def test_rename_without_alias_then_breaks_both() -> None:
    found = reasons(field("carrier_code"), field("carrier"))

    assert found == [(Reason.MISSING, Direction.BACKWARD), (Reason.MISSING, Direction.FORWARD)]


def test_wider_type_then_breaks_only_the_old_reader() -> None:
    assert reasons(field("x", "int"), field("x", "long")) == [(Reason.RETYPED, Direction.FORWARD)]


def test_column_that_becomes_optional_then_breaks_only_the_old_reader() -> None:
    assert reasons(field("x"), field("x", optional=True)) == [(Reason.OPTIONAL, Direction.FORWARD)]
