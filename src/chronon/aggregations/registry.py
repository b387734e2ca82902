"""Finds the operations by scanning `ops/`: adding one is adding a file."""

from __future__ import annotations

import functools
import pkgutil
from collections.abc import Mapping
from importlib import import_module

import chronon.aggregations.ops
from chronon.aggregations.instead import for_operation
from chronon.aggregations.operation import Operation
from chronon.aggregations.reading import reading_of, result_type
from chronon.model.errors import ChrononError
from chronon.model.specs import OperationCall
from chronon.model.types import DataType


@functools.cache
def operations() -> Mapping[str, Operation]:
    """Every operation by name, in the order of the names."""
    folder = chronon.aggregations.ops
    found = (import_module(f"{folder.__name__}.{entry.name}") for entry in pkgutil.iter_modules(folder.__path__))
    by_name: dict[str, Operation] = {module.OPERATION.signature.name: module.OPERATION for module in found}
    return dict(sorted(by_name.items()))


def operation_names() -> tuple[str, ...]:
    """The names of all operations, sorted."""
    return tuple(operations())


def operation_of(name: str) -> Operation:
    """The operation of that name. Errors: CHR-W001 when there is none, with the nearest names."""
    if (found := operations().get(name)) is not None:
        return found
    raise ChrononError("CHR-W001", f"there is no operation `{name}`", for_operation(name, operation_names()))


def is_invertible(call: OperationCall, input_type: DataType) -> bool:
    """Whether an operation can take back what it has read of a column. Errors: those of `output_type`."""
    operation = operation_of(call.name)
    reading = reading_of(operation.signature, "", input_type)
    operation.signature.output_for(call, reading.type)
    return operation.is_invertible(call, reading.type)


def keeps_values(name: str) -> bool:
    """Whether the state of an operation grows with every different value; not of one that does not exist."""
    return name in operations() and operations()[name].signature.keeps_values


def output_type(
    call: OperationCall, input_type: DataType, buckets: tuple[str, ...] = (), *, elementwise: bool = False
) -> DataType:
    """The type of the feature that an operation makes of a column.

    Errors: CHR-W001 unknown operation; CHR-W002 wrong arguments; CHR-W003 values that it does not take; CHR-W009
    element-wise where there are no elements.
    """
    signature = operation_of(call.name).signature
    return result_type(signature, call, reading_of(signature, "", input_type, buckets, elementwise=elementwise))
