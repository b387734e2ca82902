"""How many different values there are, as a CPC sketch of 2^k rows estimates after a union.

Empty strings are not counted, as in the library. The estimate is cut to a whole number.
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


DEFAULT_LG_K = 8


def _lg_k(call: OperationCall) -> int:
    return int(call.arguments[0]) if call.arguments else DEFAULT_LG_K


def _folds(call: OperationCall, _kind: DataType) -> tuple[Fold, ...]:
    from chronon.aggregations.folds.coupons import Coupons

    return (Coupons(_lg_k(call)),)


def _finish(call: OperationCall, _kind: DataType, items: tuple[Items, ...]) -> int:
    from chronon.aggregations.folds.coupons import estimate_of

    return estimate_of(_lg_k(call), sum(coupon >= 0 for coupon in items[0].columns[0]))


def _over(call: OperationCall, ranges: Ranges) -> Any:
    import numpy as np
    import pyarrow as pa

    from chronon.aggregations.distinct import distinct
    from chronon.aggregations.folds.coupons import coupons_of, estimates

    line = ranges.timeline
    coupons = coupons_of(line.codes, line.type, line.texts, _lg_k(call))
    counts = distinct(ranges.recoded(coupons).where(coupons >= 0))
    table = estimates(_lg_k(call), int(counts.max(initial=0))).astype(np.int64)
    return pa.array(table[counts], mask=ranges.empty)


OPERATION = Operation(
    signature=Signature(
        name="approx_unique_count",
        inputs=HASHABLE,
        output=always(Scalar.LONG),
        check=whole(4, 14, required=False),
        usage="approx_unique_count or approx_unique_count(8)",
    ),
    folds=_folds,
    finish=_finish,
    over=_over,
)
