"""The earliest k values, earliest first; values of the same time in the order of the values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chronon.aggregations.operation import Operation
from chronon.aggregations.signature import ANYTHING, Signature, list_of_same, whole
from chronon.model.specs import OperationCall
from chronon.model.types import DataType

if TYPE_CHECKING:
    from chronon.aggregations.fold import Fold, Items
    from chronon.aggregations.ranges import Ranges


def _folds(call: OperationCall, _kind: DataType) -> tuple[Fold, ...]:
    from chronon.aggregations.folds.ends import Timed
    from chronon.aggregations.ragged import Rule

    return (Timed(Rule.LEAST, int(call.arguments[0])),)


def _finish(_call: OperationCall, kind: DataType, items: tuple[Items, ...]) -> list[Any]:
    from chronon.aggregations.results import value_of

    return [value_of(code, kind, items[0]) for code in items[0].columns[1]]


def _over(call: OperationCall, ranges: Ranges) -> Any:
    from chronon.aggregations.results import edge_lists

    return edge_lists(ranges, int(call.arguments[0]), last=False)


OPERATION = Operation(
    signature=Signature(
        name="first_k",
        inputs=ANYTHING,
        output=list_of_same,
        check=whole(1, 1000, required=True),
        usage="first_k(10)",
        takes_cells=True,
    ),
    folds=_folds,
    finish=_finish,
    over=_over,
)
