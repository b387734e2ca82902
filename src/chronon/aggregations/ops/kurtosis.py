"""The population's excess kurtosis: the nearest double of the exact one.

Null below four values or when all are the same.
"""

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

    return (Count(), Limbs(), Limbs(2), Limbs(3), Limbs(4))


def _finish(_call: OperationCall, kind: DataType, items: tuple[Items, ...]) -> float:
    from chronon.aggregations.moments import kurtosis, moment_of

    return moment_of(kurtosis, items, kind)


def _over(_call: OperationCall, ranges: Ranges) -> Any:
    from chronon.aggregations.moments import kurtosis, moments

    return moments(ranges, kurtosis, 4)


OPERATION = Operation(
    signature=Signature(
        name="kurtosis", inputs=NUMBERS, output=always(Scalar.DOUBLE), check=no_arguments, usage="kurtosis"
    ),
    folds=_folds,
    finish=_finish,
    over=_over,
)
