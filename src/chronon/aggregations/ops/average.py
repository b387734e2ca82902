"""The mean: the exact sum over the count, rounded once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chronon.aggregations.operation import Operation
from chronon.aggregations.signature import NUMBERS, Signature, always, no_arguments
from chronon.model.specs import OperationCall
from chronon.model.types import DataType, Scalar

if TYPE_CHECKING:
    from chronon.aggregations.fold import Fold, Items
    from chronon.aggregations.ranges import Ranges


def _folds(_call: OperationCall, _kind: DataType) -> tuple[Fold, ...]:
    from chronon.aggregations.folds.counts import Count
    from chronon.aggregations.folds.limbs import Limbs

    return (Count(), Limbs())


def _finish(_call: OperationCall, kind: DataType, items: tuple[Items, ...]) -> float:
    from chronon.aggregations.results import mean_of

    return mean_of(items[1], items[0].columns[0][0], kind)


def _over(_call: OperationCall, ranges: Ranges) -> Any:
    from chronon.aggregations.results import means

    return means(ranges)


OPERATION = Operation(
    signature=Signature(
        name="average", inputs=NUMBERS, output=always(Scalar.DOUBLE), check=no_arguments, usage="average"
    ),
    folds=_folds,
    finish=_finish,
    over=_over,
)
