"""The population's skew: the nearest double of the exact one; null below three values or when all are the same."""

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

    return (Count(), Limbs(), Limbs(2), Limbs(3))


def _finish(_call: OperationCall, kind: DataType, items: tuple[Items, ...]) -> float:
    from chronon.aggregations.moments import moment_of, skew

    return moment_of(skew, items, kind)


def _over(_call: OperationCall, ranges: Ranges) -> Any:
    from chronon.aggregations.moments import moments, skew

    return moments(ranges, skew, 3)


OPERATION = Operation(
    signature=Signature(name="skew", inputs=NUMBERS, output=always(Scalar.DOUBLE), check=no_arguments, usage="skew"),
    folds=_folds,
    finish=_finish,
    over=_over,
)
