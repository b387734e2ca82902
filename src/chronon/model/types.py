"""Types of columns and features, and their text form (`long`, `list<double>`, `map<string,long>`)."""

from __future__ import annotations

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


DataType = Scalar | ListOf | MapOf

NUMERIC = frozenset({Scalar.INT, Scalar.LONG, Scalar.FLOAT, Scalar.DOUBLE})
INTEGRAL = frozenset({Scalar.INT, Scalar.LONG})


def parse_type(text: str) -> DataType | None:
    """The type that a text such as `map<string,list<long>>` names; None when it names none."""
    text = text.replace(" ", "")
    if text.startswith("list<") and text.endswith(">"):
        element = parse_type(text[5:-1])
        return ListOf(element) if element else None
    if text.startswith("map<string,") and text.endswith(">"):
        value = parse_type(text[11:-1])
        return MapOf(value) if value else None
    return Scalar(text) if text in Scalar.__members__.values() else None
