"""The latest value; of several at the same time the greatest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chronon.aggregations.operation import Operation
from chronon.aggregations.signature import ANYTHING, Signature, no_arguments, same
from chronon.model.specs import OperationCall
from chronon.model.types import DataType

if TYPE_CHECKING:
    from chronon.aggregations.fold import Fold, Items
    from chronon.aggregations.ranges import Ranges


def _folds(_call: OperationCall, _kind: DataType) -> tuple[Fold, ...]:
    from chronon.aggregations.folds.ends import Timed
    from chronon.aggregations.ragged import Rule

    return (Timed(Rule.GREATEST, 1),)


def _finish(_call: OperationCall, kind: DataType, items: tuple[Items, ...]) -> Any:
    from chronon.aggregations.results import value_of

    return value_of(items[0].columns[1][0], kind, items[0])


def _over(_call: OperationCall, ranges: Ranges) -> Any:
    from chronon.aggregations.results import edge_values

    return edge_values(ranges, last=True)


OPERATION = Operation(
    signature=Signature(name="last", inputs=ANYTHING, output=same, check=no_arguments, usage="last", takes_cells=True),
    folds=_folds,
    finish=_finish,
    over=_over,
)
