"""An operation that does not exist, or does not take its arguments or its input."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from chronon.aggregations import has_elements, output_type
from chronon.model.errors import ChrononError
from chronon.model.specs import GroupBySpec, OperationCall
from chronon.model.types import DataType, Scalar
from chronon.validators.alike import in_group_bys
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context


def find(context: Context) -> Iterator[Finding]:
    """Every call that the aggregation core refuses; name and arguments even where the input's type is hidden."""
    return in_group_bys(context, partial(_of_one, {}))


Known = dict[tuple[int, DataType | None, bool], ChrononError | None]
"""A call, by the identity that it has in the repository, its input, and whether it is element-wise → its refusal."""


def _of_one(known: Known, context: Context, spec: GroupBySpec) -> Iterator[Finding]:
    rows = context.rows(spec)
    for index, aggregation in enumerate(spec.aggregations):
        for number, call in enumerate(aggregation.operations):
            input_type = rows[0].type(aggregation.input)
            # Element-wise over what is no list is told once, by `checks.elementwise`.
            elementwise = aggregation.elementwise and input_type is not None and has_elements(input_type)
            key = (id(call), input_type, elementwise)
            if key not in known:
                known[key] = _refusal(call, input_type, elementwise=elementwise)
            if error := known[key]:
                span = spec.header.span("aggregations", index, "operations", number)
                yield Finding(span=span, message=error.message, hint=error.hint)


def _refusal(call: OperationCall, input_type: DataType | None, *, elementwise: bool) -> ChrononError | None:
    try:
        output_type(call, input_type or Scalar.LONG, elementwise=elementwise)
    except ChrononError as error:
        return error if input_type or error.code in _OF_THE_CALL else None
    return None


_OF_THE_CALL = ("CHR-W001", "CHR-W002")
"""Refusals that do not depend on the input: its name and its arguments."""


CHECK = Check(
    code="CHR-V010", summary="an operation that does not exist, or does not take this input", find=find, alone=True
)
