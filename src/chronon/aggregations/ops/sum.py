"""The sum: exact, a long for whole numbers (null beyond its range) and otherwise the nearest double."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chronon.aggregations.operation import Operation
from chronon.aggregations.signature import INTEGERS, NUMBERS, Signature, no_arguments
from chronon.model.specs import OperationCall
from chronon.model.types import DataType, Scalar

if TYPE_CHECKING:
    from chronon.aggregations.fold import Fold, Items
    from chronon.aggregations.ranges import Ranges


def _output(kind: Scalar) -> DataType:
    return Scalar.LONG if kind in INTEGERS else Scalar.DOUBLE


def _folds(_call: OperationCall, _kind: Scalar) -> tuple[Fold, ...]:
    from chronon.aggregations.folds.counts import Count
    from chronon.aggregations.folds.limbs import Limbs

    return (Count(), Limbs())


def _finish(_call: OperationCall, kind: Scalar, items: tuple[Items, ...]) -> int | float | None:
    from chronon.aggregations.results import sum_of

    return sum_of(items[1], whole=kind in INTEGERS)


def _over(_call: OperationCall, ranges: Ranges) -> Any:
    from chronon.aggregations.results import real_sums, whole_sums

    return whole_sums(ranges) if ranges.timeline.type in INTEGERS else real_sums(ranges)


OPERATION = Operation(
    signature=Signature(name="sum", inputs=(Scalar.BOOLEAN, *NUMBERS), output=_output, check=no_arguments, usage="sum"),
    folds=_folds,
    finish=_finish,
    over=_over,
)
