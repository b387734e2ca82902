"""How many different values there are, exactly. Every NaN is one value, and so is every zero."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chronon.aggregations.operation import Operation
from chronon.aggregations.signature import HASHABLE, Signature, always, no_arguments
from chronon.model.specs import OperationCall
from chronon.model.types import DataType, Scalar

if TYPE_CHECKING:
    from chronon.aggregations.fold import Fold, Items
    from chronon.aggregations.ranges import Ranges


def _folds(_call: OperationCall, _kind: DataType) -> tuple[Fold, ...]:
    from chronon.aggregations.folds.counts import Distinct

    return (Distinct(),)


def _finish(_call: OperationCall, _kind: DataType, items: tuple[Items, ...]) -> int:
    return len(items[0].columns[0])


def _over(_call: OperationCall, ranges: Ranges) -> Any:
    import pyarrow as pa

    from chronon.aggregations.distinct import distinct

    return pa.array(distinct(ranges), mask=ranges.empty)


OPERATION = Operation(
    signature=Signature(
        name="unique_count",
        inputs=HASHABLE,
        output=always(Scalar.LONG),
        check=no_arguments,
        usage="unique_count",
        keeps_values=True,
    ),
    folds=_folds,
    finish=_finish,
    over=_over,
)
