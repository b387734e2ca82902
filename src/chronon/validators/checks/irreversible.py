"""An operation that cannot take a value back, over entities that change during the day."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.aggregations import is_invertible, operation_names
from chronon.model.diagnostics import Severity
from chronon.model.errors import ChrononError
from chronon.model.specs import Accuracy, GroupBySpec, OperationCall
from chronon.model.types import DataType
from chronon.validators.alike import in_group_bys
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context
from chronon.validators.defaults import accuracy_of


def find(context: Context) -> Iterator[Finding]:
    """Every operation of a temporal group_by over mutations whose state cannot be undone.

    What was before a change stays in its value until the next snapshot: as in airbnb/chronon, where nobody tells.
    """
    return in_group_bys(context, _of_one)


def _of_one(context: Context, spec: GroupBySpec) -> Iterator[Finding]:
    if accuracy_of(context, spec) is not Accuracy.TEMPORAL or not _has_mutations(context, spec):
        return
    rows = context.rows(spec)
    for index, aggregation in enumerate(spec.aggregations):
        for number, call in enumerate(aggregation.operations):
            input_type = rows[0].type(aggregation.input)
            if input_type is not None and _can(call, input_type) is False:
                message = f"`{call}` cannot take a value back: what was before a change counts until the next snapshot"
                span = spec.header.span("aggregations", index, "operations", number)
                yield Finding(span=span, message=message, hint=_hint(input_type))


def _has_mutations(context: Context, spec: GroupBySpec) -> bool:
    sources = (context.source(query, spec.header.id.name.team) for query in spec.queries)
    return any(source is not None and source.mutations is not None for source in sources)


def _can(call: OperationCall, input_type: DataType) -> bool | None:
    """Whether an operation can take a value back; None where it does not take the input at all."""
    try:
        return is_invertible(call, input_type)
    except ChrononError:
        return None


def _hint(input_type: DataType) -> str:
    able = [name for name in operation_names() if _can(OperationCall(name), input_type)]
    return f"of {input_type} these can: {', '.join(able)}; or write `accuracy: snapshot`"


CHECK = Check(
    code="CHR-V036",
    summary="an operation that cannot take a value back, over entities that change",
    find=find,
    severity=Severity.WARNING,
)
