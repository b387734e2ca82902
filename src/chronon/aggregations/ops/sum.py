"""The sum: exact, of whole numbers a long, of decimals a decimal (null beyond their range), otherwise the nearest double."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chronon.aggregations.operation import Operation
from chronon.aggregations.signature import NUMBERS, Signature, no_arguments, total_of
from chronon.model.specs import OperationCall
from chronon.model.types import DataType, Scalar

if TYPE_CHECKING:
    from chronon.aggregations.fold import Fold, Items
    from chronon.aggregations.ranges import Ranges


def _folds(_call: OperationCall, _kind: DataType) -> tuple[Fold, ...]:
    from chronon.aggregations.folds.counts import Count
    from chronon.aggregations.folds.limbs import Limbs

    return (Count(), Limbs())


def _finish(_call: OperationCall, kind: DataType, items: tuple[Items, ...]) -> Any:
    from chronon.aggregations.results import sum_of

    return sum_of(items[1], kind)


def _over(_call: OperationCall, ranges: Ranges) -> Any:
    from chronon.aggregations.results import sums

    return sums(ranges)


OPERATION = Operation(
    signature=Signature(
        name="sum", inputs=(Scalar.BOOLEAN, *NUMBERS), output=total_of, check=no_arguments, usage="sum"
    ),
    folds=_folds,
    finish=_finish,
    over=_over,
)
