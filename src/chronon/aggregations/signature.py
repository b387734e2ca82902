"""What an operation takes and yields, told without any arithmetic: validators read this and import no NumPy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chronon.model.errors import ChrononError
from chronon.model.specs import OperationCall
from chronon.model.types import DataType, ListOf, Scalar

COUNTABLE = (Scalar.BOOLEAN, Scalar.INT, Scalar.LONG, Scalar.FLOAT, Scalar.DOUBLE, Scalar.STRING)
NUMBERS = (Scalar.INT, Scalar.LONG, Scalar.FLOAT, Scalar.DOUBLE)
INTEGERS = (Scalar.BOOLEAN, Scalar.INT, Scalar.LONG)
COMPARABLE = (*NUMBERS, Scalar.STRING)

Check = Callable[[tuple[int | float, ...]], str | None]
"""What is wrong with the arguments of a call, as one sentence; None when they are fine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """The outside of an operation.

    inputs: scalar types that it takes.
    output: type of its result for one of them.
    check:  judges the arguments.
    usage:  how a call looks: the hint of an error.
    """

    name: str
    inputs: tuple[Scalar, ...]
    output: Callable[[Scalar], DataType]
    check: Check
    usage: str

    def output_for(self, call: OperationCall, input_type: DataType) -> DataType:
        """The type of the result of a call.

        Errors: CHR-W002 wrong arguments; CHR-W003 an input that it does not take.
        """
        if complaint := self.check(call.arguments):
            raise ChrononError("CHR-W002", f"{call}: {complaint}", f"write {self.usage}")
        if not isinstance(input_type, Scalar) or input_type not in self.inputs:
            takes = ", ".join(self.inputs)
            raise ChrononError("CHR-W003", f"{self.name} does not take {input_type}", f"it takes {takes}")
        return self.output(input_type)


def always(output: DataType) -> Callable[[Scalar], DataType]:
    """A result whose type does not depend on the input."""
    return lambda _: output


def same(input_type: Scalar) -> DataType:
    """A result of the type of the input."""
    return input_type


def list_of_same(input_type: Scalar) -> DataType:
    """A result that lists inputs."""
    return ListOf(input_type)


def no_arguments(arguments: tuple[int | float, ...]) -> str | None:
    return "it takes no arguments" if arguments else None


def whole(low: int, high: int, *, required: bool) -> Check:
    """One whole number between two bounds, both allowed."""

    def check(arguments: tuple[int | float, ...]) -> str | None:
        if not arguments and not required:
            return None
        if len(arguments) == 1 and isinstance(arguments[0], int) and low <= arguments[0] <= high:
            return None
        return f"it takes {'' if required else 'at most '}one whole number from {low} to {high}"

    return check


def fractions(arguments: tuple[int | float, ...]) -> str | None:
    return None if all(0 <= p <= 1 for p in arguments) else "percentiles lie between 0 and 1"
