"""Which types a column may turn into so that every value that is stored already stays the same value.

A pair is here only when it is exact in every form that a value has: in Parquet, in the JSON of topics and replies, and as
the text that a decimal has there. docs/evolution.md is written from this table.
"""

from __future__ import annotations

from dataclasses import dataclass

from chronon.model.types import DataType, Decimal, ListOf, MapOf, Scalar, StructOf

_INT_DIGITS = 10
"""Digits of the largest int, 2147483647."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One row of the table: from a type to another, whether that is a widening, and why."""

    old: str
    new: str
    is_exact: bool
    why: str


TABLE: tuple[Rule, ...] = (
    Rule(old="int", new="long", is_exact=True, why="every int is a long"),
    Rule(old="int", new="double", is_exact=True, why="a double holds 53 bits, an int has 32"),
    Rule(
        old="int",
        new="decimal(p,s)",
        is_exact=True,
        why="where p − s ≥ 10: the largest int has 10 digits; with fewer digits it is none",
    ),
    Rule(
        old="decimal(p,s)",
        new="decimal(q,t)",
        is_exact=True,
        why="where t ≥ s and q − t ≥ p − s: no digit is lost on either side of the point; else it is none",
    ),
    Rule(old="list<A>", new="list<B>", is_exact=True, why="where A = B or A widens to B"),
    Rule(old="map<string,A>", new="map<string,B>", is_exact=True, why="where A = B or A widens to B"),
    Rule(
        old="struct<a:A,…>",
        new="struct<a:B,…>",
        is_exact=True,
        why="the same names in the same order, each equal or widened; a part that came or went is another struct",
    ),
    Rule(old="int", new="float", is_exact=False, why="a float holds 24 bits: 16777217 becomes 16777216"),
    Rule(old="long", new="double", is_exact=False, why="a double holds 53 bits: 9007199254740993 becomes …992"),
    Rule(old="long", new="decimal(p,s)", is_exact=False, why="a long has 19 digits, a decimal 18 at most"),
    Rule(
        old="float",
        new="double",
        is_exact=False,
        why="exact in Parquet only: in JSON a float is its shortest text, and `0.1` is another double than the float 0.1",
    ),
    Rule(old="decimal(p,s)", new="double", is_exact=False, why="0.1 is no double"),
    Rule(old="string", new="binary", is_exact=False, why="in JSON bytes are base64: a text would be decoded"),
    Rule(old="binary", new="string", is_exact=False, why="not all bytes are UTF-8"),
    Rule(old="date", new="timestamp", is_exact=False, why="in JSON a date is a day, or a number of days"),
    Rule(old="boolean", new="int", is_exact=False, why="JSON's true is no number"),
)
"""What widens, then what one could take for a widening. Whatever is not here does not widen."""

_NAMES = set(Scalar)
_SCALARS = {(rule.old, rule.new) for rule in TABLE if rule.is_exact and {rule.old, rule.new} <= _NAMES}


def widens(old: DataType, new: DataType) -> bool:
    """Whether every value of the old type is, exactly, one of the new type; true of a type and itself."""
    match old, new:
        case (ListOf(inner), ListOf(outer)) | (MapOf(inner), MapOf(outer)):
            return widens(inner, outer)
        case StructOf(fields), StructOf(parts):
            return [name for name, _ in fields] == [name for name, _ in parts] and all(
                widens(field, part) for (_, field), (_, part) in zip(fields, parts, strict=True)
            )
        case Decimal(), Decimal():
            return old.scale <= new.scale and old.precision - old.scale <= new.precision - new.scale
        case Scalar.INT, Decimal():
            return new.precision - new.scale >= _INT_DIGITS
        case Scalar(), Scalar():
            return old == new or (old, new) in _SCALARS
        case _:
            return False
