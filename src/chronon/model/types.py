"""Types of columns and features, and their text form (`long`, `list<double>`, `struct<city:string,at:timestamp>`)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Scalar(StrEnum):
    """A type without parts."""

    BOOLEAN = "boolean"
    INT = "int"
    LONG = "long"
    FLOAT = "float"
    DOUBLE = "double"
    STRING = "string"
    BINARY = "binary"
    DATE = "date"
    TIMESTAMP = "timestamp"

    __hash__ = str.__hash__
    """That of an enumeration is a call of Python, and types stand in many keys."""


MAX_PRECISION = 18
"""Digits of a decimal: as many as a signed 64-bit number of its smallest units holds."""


@dataclass(frozen=True, slots=True)
class Decimal:
    """Whole multiples of 10^-scale with at most `precision` digits; 0 <= scale <= precision <= 18."""

    precision: int
    scale: int

    def __str__(self) -> str:
        return f"decimal({self.precision},{self.scale})"


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list whose elements share a type."""

    element: DataType

    def __str__(self) -> str:
        return f"list<{self.element}>"


@dataclass(frozen=True, slots=True)
class MapOf:
    """A map with string keys, whatever it counts or buckets by."""

    value: DataType

    def __str__(self) -> str:
        return f"map<string,{self.value}>"


@dataclass(frozen=True, slots=True)
class StructOf:
    """Named parts in a fixed order, at least one."""

    fields: tuple[tuple[str, DataType], ...]

    def __str__(self) -> str:
        return f"struct<{','.join(f'{name}:{kind}' for name, kind in self.fields)}>"


DataType = Scalar | Decimal | ListOf | MapOf | StructOf

NUMERIC = frozenset({Scalar.INT, Scalar.LONG, Scalar.FLOAT, Scalar.DOUBLE})
INTEGRAL = frozenset({Scalar.INT, Scalar.LONG})

MAX_NESTING = 16
"""Types within types: deeper ones are no data that anybody has."""

_DECIMAL = re.compile(r"decimal\(([0-9]{1,2}),([0-9]{1,2})\)")
_FIELD = re.compile(r"([A-Za-z_][A-Za-z0-9_]*):(.+)")


def parse_type(text: str) -> DataType | None:
    """The type that a text such as `map<string,list<long>>` names; None when it names none."""
    text = text.replace(" ", "")
    if text.count("<") > MAX_NESTING and _depth(text) > MAX_NESTING:
        return None
    head, is_nested, rest = text.partition("<")
    if is_nested:
        return _nested(head, rest[:-1]) if rest.endswith(">") else None
    if found := _DECIMAL.fullmatch(text):
        precision, scale = int(found[1]), int(found[2])
        return Decimal(precision, scale) if scale <= precision and 1 <= precision <= MAX_PRECISION else None
    return Scalar(text) if text in Scalar.__members__.values() else None


def _depth(text: str) -> int:
    """How many brackets are open at once."""
    return max(itertools.accumulate((sign == "<") - (sign == ">") for sign in text))


def _nested(head: str, inside: str) -> DataType | None:
    if head == "list":
        element = parse_type(inside)
        return ListOf(element) if element else None
    if head == "map":
        value = parse_type(inside.removeprefix("string,")) if inside.startswith("string,") else None
        return MapOf(value) if value else None
    fields = [_field(part) for part in _split(inside)] if head == "struct" else []
    known = tuple(field for field in fields if field is not None)
    is_whole = bool(known) and len(known) == len(fields) == len({name for name, _ in known})
    return StructOf(known) if is_whole else None


def _field(text: str) -> tuple[str, DataType] | None:
    found = _FIELD.fullmatch(text)
    kind = parse_type(found[2]) if found else None
    return (found[1], kind) if found and kind else None


def _split(text: str) -> Iterator[str]:
    """The parts between the commas that stand in no bracket."""
    depth, begin = 0, 0
    for place, sign in enumerate(text):
        depth += (sign in "<(") - (sign in ">)")
        if sign == "," and not depth:
            yield text[begin:place]
            begin = place + 1
    yield text[begin:]
