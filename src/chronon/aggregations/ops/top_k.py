"""The greatest k values, greatest first; equal values as often as they come. NaN is above everything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chronon.aggregations.operation import Operation
from chronon.aggregations.signature import COMPARABLE, Signature, list_of_same, whole
from chronon.model.specs import OperationCall
from chronon.model.types import DataType

if TYPE_CHECKING:
    from chronon.aggregations.fold import Fold, Items
    from chronon.aggregations.ranges import Ranges


def _folds(call: OperationCall, _kind: DataType) -> tuple[Fold, ...]:
    from chronon.aggregations.folds.ends import Ranked
    from chronon.aggregations.ragged import Rule

    return (Ranked(Rule.GREATEST, int(call.arguments[0])),)


def _finish(_call: OperationCall, kind: DataType, items: tuple[Items, ...]) -> list[Any]:
    from chronon.aggregations.rankings import ranking_of

    return ranking_of(items[0], kind, descending=True)


def _over(call: OperationCall, ranges: Ranges) -> Any:
    from chronon.aggregations.rankings import rankings

    return rankings(ranges, int(call.arguments[0]), descending=True)


OPERATION = Operation(
    signature=Signature(
        name="top_k", inputs=COMPARABLE, output=list_of_same, check=whole(1, 1000, required=True), usage="top_k(10)"
    ),
    folds=_folds,
    finish=_finish,
    over=_over,
)
