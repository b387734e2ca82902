"""How many values are not null."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chronon.aggregations.operation import Operation
from chronon.aggregations.signature import ANYTHING, Signature, always, no_arguments
from chronon.model.specs import OperationCall
from chronon.model.types import DataType, Scalar

if TYPE_CHECKING:
    from chronon.aggregations.fold import Fold, Items
    from chronon.aggregations.ranges import Ranges


def _folds(_call: OperationCall, _kind: DataType) -> tuple[Fold, ...]:
    from chronon.aggregations.folds.counts import Count

    return (Count(),)


def _finish(_call: OperationCall, _kind: DataType, items: tuple[Items, ...]) -> int:
    return items[0].columns[0][0]


def _over(_call: OperationCall, ranges: Ranges) -> Any:
    import pyarrow as pa

    return pa.array(ranges.counts, mask=ranges.empty)


OPERATION = Operation(
    signature=Signature(name="count", inputs=ANYTHING, output=always(Scalar.LONG), check=no_arguments, usage="count"),
    folds=_folds,
    finish=_finish,
    over=_over,
)
