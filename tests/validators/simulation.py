"""A writer and a reader of rows as JSON text, by the book and without a line of ours: what a verdict is held against.

A writer writes one file per set of optional columns that it may leave out; in each stand rows with the values at which types
end. A reader looks for each of its columns by name and alias, reads the text as its own type, and fails when the value
is not the one that was written.
"""

from __future__ import annotations

import base64
import binascii
import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import chain, combinations
from typing import Any

PLAIN = ("boolean", "int", "long", "float", "double", "string", "binary", "date", "timestamp")
SAMPLES: Mapping[str, tuple[Any, ...]] = {
    "boolean": (True, False),
    "int": (0, 7, 2**24 + 1, 2**31 - 1, -(2**31)),
    "long": (0, 7, 2**53 + 1, 2**63 - 1, -(2**63)),
    "float": (0.5, struct.unpack("f", struct.pack("f", 0.1))[0], 2.0**100),
    "double": (0.5, 0.1, 1e300),
    "string": ("", "carrier", "7", "true", "0.5", "UA==", "2013-02-27"),
    "binary": (b"", b"\x00\xff", b"UA"),
    "date": (date(1970, 1, 1), date(2013, 2, 27)),
    "timestamp": (datetime(1970, 1, 1, tzinfo=UTC), datetime(2013, 2, 27, 14, 5, 0, 10, tzinfo=UTC)),
}


class UnreadableError(Exception):
    """A reader that fails."""


@dataclass(frozen=True)
class Column:
    """One column: its type as text (`list<int>`, `struct<a:int>`), whether files may lack it, and its former names."""

    name: str
    type: str
    optional: bool = False
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """What is written and read. fills: its reader takes whatever is missing for null."""

    columns: tuple[Column, ...]
    keys: tuple[tuple[str, str], ...] = (("id", "string"),)
    fills: bool = False


def failures(reader: Table, writer: Table) -> set[str]:
    """The columns on which the reader fails in some file of the writer; `keys` when it finds no row."""
    failed = set()
    for file in files(writer):
        if json.dumps(reader.keys) not in file:
            failed.add("keys")
        (rows,) = file.values()
        for column in reader.columns:
            try:
                for row in rows:
                    _read(column, row, fills=reader.fills)
            except UnreadableError:
                failed.add(column.name)
    return failed


def files(writer: Table) -> Iterator[dict[str, list[dict[str, tuple[str, Any]]]]]:
    """Files: the encoded shape of the keys → rows of column → (text, the value that was meant)."""
    optional = [column.name for column in writer.columns if column.optional]
    for lacking in chain.from_iterable(combinations(optional, n) for n in range(len(optional) + 1)):
        kept = [column for column in writer.columns if column.name not in lacking]
        n_rows = max((len(samples(column.type)) for column in kept), default=1)
        rows = []
        for at in range(n_rows):
            values = {column.name: (column.type, samples(column.type)) for column in kept}
            rows.append({name: _written(kind, found[at % len(found)]) for name, (kind, found) in values.items()})
        yield {json.dumps(writer.keys): rows}


def samples(kind: str) -> list[Any]:
    """Values of a type at which it ends, null among them."""
    head, inner = _parts(kind)
    match head:
        case "list":
            return [None, [], samples(inner[0])]
        case "map":
            return [None, {}, {str(at): value for at, value in enumerate(samples(inner[1]))}]
        case "struct":
            names = [part.split(":", 1) for part in inner]
            return [None, *([[name, samples(of)[at % len(samples(of))]] for name, of in names] for at in range(7))]
        case "decimal":
            unit = Decimal(1).scaleb(-int(inner[1]))
            return [None, Decimal(0), unit, (10 ** int(inner[0]) - 1) * unit]
        case _:
            return [None, *SAMPLES[kind]]


def encode(kind: str, value: Any) -> Any:
    """The JSON of a value; of a struct its parts in their order, as a Parquet file has them."""
    head, inner = _parts(kind)
    if value is None:
        return None
    match head:
        case "list":
            return [encode(inner[0], each) for each in value]
        case "map":
            return {key: encode(inner[1], each) for key, each in value.items()}
        case "struct":
            kinds = dict(part.split(":", 1) for part in inner)
            return {"parts": [[name, encode(kinds[name], each)] for name, each in value]}
        case "decimal":
            return f"{value:f}"
        case "binary":
            return base64.b64encode(value).decode()
        case "float":
            return _shortest(value)
        case "date" | "timestamp":
            return value.isoformat()
        case _:
            return value


def decode(kind: str, found: Any) -> Any:
    """The value that a JSON value is to a reader of that type. Errors: UnreadableError."""
    head, inner = _parts(kind)
    if found is None:
        return None
    match head:
        case "list" if isinstance(found, list):
            return [decode(inner[0], each) for each in found]
        case "map" if isinstance(found, dict):
            return {key: decode(inner[1], each) for key, each in found.items()}
        case "struct" if isinstance(found, dict) and "parts" in found:
            kinds = [part.split(":", 1) for part in inner]
            if [name for name, _ in kinds] != [name for name, _ in found["parts"]]:
                raise UnreadableError(kind)
            return [[name, decode(of, value)] for (name, of), (_, value) in zip(kinds, found["parts"], strict=True)]
        case "list" | "map" | "struct":
            raise UnreadableError(kind)
        case _:
            return _scalar(head, inner, found)


def _scalar(head: str, inner: list[str], found: Any) -> Any:
    is_number = isinstance(found, int | float) and not isinstance(found, bool)
    try:
        match head:
            case "boolean" if isinstance(found, bool):
                return found
            case "int" | "long" if isinstance(found, int) and is_number:
                bits = 31 if head == "int" else 63
                if -(2**bits) <= found < 2**bits:
                    return found
            case "float" if is_number:
                return struct.unpack("f", struct.pack("f", found))[0]
            case "double" if is_number:
                return float(found)
            case "decimal" if isinstance(found, int | str) and not isinstance(found, bool):
                return _decimal(Decimal(found), int(inner[0]), int(inner[1]))
            case "string" if isinstance(found, str):
                return found
            case "binary" if isinstance(found, str):
                return base64.b64decode(found, validate=True)
            case "date" if isinstance(found, str):
                return date.fromisoformat(found)
            case "timestamp" if isinstance(found, str):
                return datetime.fromisoformat(found)
    except (ValueError, ArithmeticError, OverflowError, binascii.Error) as cause:
        raise UnreadableError(head) from cause
    raise UnreadableError(head)


def _decimal(value: Decimal, precision: int, scale: int) -> Decimal:
    units = Fraction(value) * 10**scale
    if units.denominator != 1 or abs(units) >= 10**precision:
        raise UnreadableError("decimal")
    return value


def _read(column: Column, row: dict[str, tuple[str, Any]], *, fills: bool) -> None:
    for name in (column.name, *column.aliases):
        if name in row:
            text, meant = row[name]
            if not _same(decode(column.type, json.loads(text)), meant):
                raise UnreadableError(column.name)
            return
    if not (column.optional or fills):
        raise UnreadableError(column.name)


def _written(kind: str, value: Any) -> tuple[str, Any]:
    return json.dumps(encode(kind, value)), value


def _same(one: Any, other: Any) -> bool:
    """Whether both are the same value of the same kind: a number, a truth, a text, bytes, a day, a moment."""
    if _kind(one) is not _kind(other):
        return False
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    return bool(Fraction(one) == Fraction(other)) if _kind(one) is Fraction else bool(one == other)


def _kind(value: Any) -> type:
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    return Fraction if is_number else type(value)


def _shortest(value: float) -> float:
    """The double whose text is the shortest that names the float."""
    for digits in range(1, 10):
        short = float(f"{value:.{digits}g}")
        if struct.pack("f", short) == struct.pack("f", value):
            return short
    return value


def _parts(kind: str) -> tuple[str, list[str]]:
    """`map<string,list<int>>` → map, [string, list<int>]."""
    for opening in "<(":
        head, found, rest = kind.partition(opening)
        if found and head in {"list", "map", "struct", "decimal"}:
            parts, depth = [""], 0
            for sign in rest[:-1]:
                depth += (sign in "<(") - (sign in ">)")
                if sign == "," and not depth:
                    parts.append("")
                else:
                    parts[-1] += sign
            return head, [part.strip() for part in parts]
    return kind, []
