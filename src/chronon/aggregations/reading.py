"""How a column becomes values: cells are taken whole, or lists and maps are unfolded; and what splits the values.

Told without any arithmetic, like signatures.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from chronon.aggregations.signature import Signature
from chronon.model.errors import ChrononError
from chronon.model.specs import OperationCall
from chronon.model.types import DataType, Decimal, ListOf, MapOf, Scalar


class Unfold(Enum):
    """What the values of a cell are.

    CELLS: the cell itself.  ELEMENTS: the elements of a list.  POSITIONS: the same, every position for itself.
    ENTRIES: the values of a map, every key for itself.
    """

    CELLS = "cells"
    ELEMENTS = "elements"
    POSITIONS = "positions"
    ENTRIES = "entries"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The values of one input.

    type:    of a value, after unfolding.
    buckets: columns whose texts split the values, the outermost first.
    """

    input: str
    type: DataType
    unfold: Unfold = Unfold.CELLS
    buckets: tuple[str, ...] = ()

    @property
    def levels(self) -> int:
        """By how many things in turn the values are split: the buckets, then the keys or positions of the cell."""
        return len(self.buckets) + (self.unfold in {Unfold.POSITIONS, Unfold.ENTRIES})

    @property
    def is_positional(self) -> bool:
        """Whether the innermost level is the position in a list: a number, not a text."""
        return self.unfold is Unfold.POSITIONS

    def split_type(self, result: DataType) -> DataType:
        """The type of a result that the levels split."""
        if self.unfold is Unfold.POSITIONS:
            result = ListOf(result)
        for _ in range(self.levels - self.is_positional):
            result = MapOf(result)
        return result


def reading_of(
    signature: Signature, column: str, kind: DataType, buckets: tuple[str, ...] = (), *, elementwise: bool = False
) -> Reading:
    """How an operation reads a column of a type. Errors: CHR-W009 element-wise where there are no elements."""
    takes_cells = signature.takes_cells
    if elementwise and (takes_cells or not has_elements(kind)):
        why = f"{signature.name} takes lists as they are" if takes_cells else f"{kind} is no list of plain values"
        raise ChrononError("CHR-W009", f"element-wise {signature.name}: {why}", "leave `elementwise` out")
    match kind:
        case ListOf(element=element) if not takes_cells and has_elements(kind):
            unfold = Unfold.POSITIONS if elementwise else Unfold.ELEMENTS
            return Reading(input=column, type=element, unfold=unfold, buckets=buckets)
        case MapOf(value=value) if not takes_cells:
            return Reading(input=column, type=value, unfold=Unfold.ENTRIES, buckets=buckets)
        case _:
            return Reading(input=column, type=kind, buckets=buckets)


def result_type(signature: Signature, call: OperationCall, reading: Reading) -> DataType:
    """The type of a call over the values of a reading, split by its levels."""
    return reading.split_type(signature.output_for(call, reading.type))


def has_elements(kind: DataType) -> bool:
    """Whether the type is a list of plain values: others are never unfolded."""
    return isinstance(kind, ListOf) and isinstance(kind.element, Scalar | Decimal)
