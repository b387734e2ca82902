"""The greatest value; NaN when there is one. Texts by their UTF-8 bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chronon.aggregations.operation import Operation
from chronon.aggregations.signature import COMPARABLE, Signature, no_arguments, same
from chronon.model.specs import OperationCall
from chronon.model.types import DataType

if TYPE_CHECKING:
    from chronon.aggregations.fold import Fold, Items
    from chronon.aggregations.ranges import Ranges


def _folds(_call: OperationCall, _kind: DataType) -> tuple[Fold, ...]:
    from chronon.aggregations.folds.ends import Extreme
    from chronon.aggregations.ragged import Rule

    return (Extreme(Rule.GREATEST),)


def _finish(_call: OperationCall, kind: DataType, items: tuple[Items, ...]) -> Any:
    from chronon.aggregations.results import value_of

    return value_of(items[0].columns[0][0], kind, items[0])


def _over(_call: OperationCall, ranges: Ranges) -> Any:
    from chronon.aggregations.extremes import extremes
    from chronon.aggregations.results import values_at

    codes = ranges.timeline.codes
    return values_at(ranges, extremes(codes, ranges.lo, ranges.hi, greatest=True, windows=ranges.windows))


OPERATION = Operation(
    signature=Signature(name="max", inputs=COMPARABLE, output=same, check=no_arguments, usage="max"),
    folds=_folds,
    finish=_finish,
    over=_over,
)
