"""What an operation takes and yields, told without any arithmetic: validators read this and import no NumPy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from chronon.model.errors import ChrononError
from chronon.model.specs import OperationCall
from chronon.model.types import MAX_PRECISION, DataType, Decimal, ListOf, MapOf, Scalar, StructOf

Arguments = tuple[int | float, ...]
Check = Callable[[Arguments], str | None]
"""What is wrong with the arguments of a call, as one sentence; None when they are fine."""

DECIMAL = "decimal"
INTEGERS = (Scalar.BOOLEAN, Scalar.INT, Scalar.LONG)
NUMBERS = (Scalar.INT, Scalar.LONG, Scalar.FLOAT, Scalar.DOUBLE, DECIMAL)
MOMENTS_IN_TIME = (Scalar.DATE, Scalar.TIMESTAMP)
COMPARABLE = (*NUMBERS, Scalar.STRING, *MOMENTS_IN_TIME)
HASHABLE = (*COMPARABLE, Scalar.BINARY)
ANYTHING = (Scalar.BOOLEAN, *HASHABLE, "list", "map", "struct")
"""Families of types, as `family_of` names them."""


def family_of(kind: DataType) -> str:
    """The name of a type without its parts: `decimal` of `decimal(12,2)`."""
    match kind:
        case Scalar():
            return kind.value
        case Decimal():
            return DECIMAL
        case ListOf():
            return "list"
        case MapOf():
            return "map"
        case StructOf():
            return "struct"
        case _:
            assert_never(kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """The outside of an operation.

    inputs: families of types that it takes.
    output: type of its result for one of them.
    check:  judges the arguments.
    usage:  how a call looks: the hint of an error.
    takes_cells: it takes a list or a map as one value; others look at the elements, and at the values of every key.
    keeps_values: its state holds every different value, however many there are.
    """

    name: str
    inputs: tuple[str, ...]
    output: Callable[[DataType], DataType]
    check: Check
    usage: str
    takes_cells: bool = False
    keeps_values: bool = False

    def output_for(self, call: OperationCall, value_type: DataType) -> DataType:
        """The type of the result of a call on values of a type.

        Errors: CHR-W002 wrong arguments; CHR-W003 values that it does not take.
        """
        if complaint := self.check(call.arguments):
            raise ChrononError("CHR-W002", f"{call}: {complaint}", f"write {self.usage}")
        if family_of(value_type) not in self.inputs:
            takes = "any type" if self.inputs == ANYTHING else ", ".join(self.inputs)
            raise ChrononError("CHR-W003", f"{self.name} does not take {value_type}", f"it takes {takes}")
        return self.output(value_type)


def always(output: DataType) -> Callable[[DataType], DataType]:
    """A result whose type does not depend on the input."""
    return lambda _: output


def same(value_type: DataType) -> DataType:
    """A result of the type of the values."""
    return value_type


def list_of_same(value_type: DataType) -> DataType:
    """A result that lists values."""
    return ListOf(value_type)


def total_of(value_type: DataType) -> DataType:
    """The type of a sum: whole numbers give a long, decimals one with as many digits as there are."""
    if isinstance(value_type, Decimal):
        return Decimal(MAX_PRECISION, value_type.scale)
    return Scalar.LONG if value_type in INTEGERS else Scalar.DOUBLE


def no_arguments(arguments: Arguments) -> str | None:
    return "it takes no arguments" if arguments else None


def whole(low: int, high: int, *, required: bool) -> Check:
    """One whole number between two bounds, both allowed."""

    def check(arguments: Arguments) -> str | None:
        if not arguments and not required:
            return None
        if len(arguments) == 1 and isinstance(arguments[0], int) and low <= arguments[0] <= high:
            return None
        return f"it takes {'' if required else 'at most '}one whole number from {low} to {high}"

    return check


def fractions(arguments: Arguments) -> str | None:
    return None if all(0 <= p <= 1 for p in arguments) else "percentiles lie between 0 and 1"
