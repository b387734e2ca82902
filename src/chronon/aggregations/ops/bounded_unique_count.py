"""How many different values there are, counted no further than k: exact below it, and the state stays small.

The state holds the k greatest different values. One that is full says at least k, whatever else comes, and unlike
the first k to arrive they do not depend on any order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chronon.aggregations.operation import Operation
from chronon.aggregations.signature import HASHABLE, Signature, always, whole
from chronon.model.specs import OperationCall
from chronon.model.types import DataType, Scalar

if TYPE_CHECKING:
    from chronon.aggregations.fold import Fold, Items
    from chronon.aggregations.ranges import Ranges


DEFAULT_BOUND = 8


def _bound(call: OperationCall) -> int:
    return int(call.arguments[0]) if call.arguments else DEFAULT_BOUND


def _folds(call: OperationCall, _kind: DataType) -> tuple[Fold, ...]:
    from chronon.aggregations.folds.counts import Distinct

    return (Distinct(_bound(call)),)


def _finish(_call: OperationCall, _kind: DataType, items: tuple[Items, ...]) -> int:
    return len(items[0].columns[0])


def _over(call: OperationCall, ranges: Ranges) -> Any:
    import numpy as np
    import pyarrow as pa

    from chronon.aggregations.distinct import distinct

    return pa.array(np.minimum(distinct(ranges), _bound(call)), mask=ranges.empty)


OPERATION = Operation(
    signature=Signature(
        name="bounded_unique_count",
        inputs=HASHABLE,
        output=always(Scalar.LONG),
        check=whole(1, 10_000, required=False),
        usage="bounded_unique_count or bounded_unique_count(8)",
    ),
    folds=_folds,
    finish=_finish,
    over=_over,
)
