"""Percentiles within one part in 128, deterministic and mergeable; exact for whole numbers below 256.

The result for p is the item of 0-based rank floor(p n), rounded to the edge of its logarithmic bucket and kept between
the exact least and greatest value; p = 0 and p = 1 are these two. NaN is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chronon.aggregations.operation import Operation
from chronon.aggregations.signature import NUMBERS, Signature, always, fractions
from chronon.model.specs import OperationCall
from chronon.model.types import DataType, ListOf, Scalar

if TYPE_CHECKING:
    from chronon.aggregations.fold import Fold, Items
    from chronon.aggregations.ranges import Ranges


DEFAULT = (0.5,)


def _fractions(call: OperationCall) -> tuple[float, ...]:
    return tuple(map(float, call.arguments)) or DEFAULT


def _folds(_call: OperationCall, _kind: DataType) -> tuple[Fold, ...]:
    from chronon.aggregations.folds.ends import Extreme
    from chronon.aggregations.folds.spread import Spread
    from chronon.aggregations.ragged import Rule

    return (Spread(), Extreme(Rule.LEAST, skip_nan=True), Extreme(Rule.GREATEST, skip_nan=True))


def _finish(call: OperationCall, kind: DataType, items: tuple[Items, ...]) -> list[float] | None:
    from chronon.aggregations.percentiles import percentiles_of

    return percentiles_of(items, kind, _fractions(call))


def _over(call: OperationCall, ranges: Ranges) -> Any:
    from chronon.aggregations.percentiles import percentiles

    return percentiles(ranges, _fractions(call))


OPERATION = Operation(
    signature=Signature(
        name="approx_percentile",
        inputs=NUMBERS,
        output=always(ListOf(Scalar.DOUBLE)),
        check=fractions,
        usage="approx_percentile(0.5, 0.95)",
    ),
    folds=_folds,
    finish=_finish,
    over=_over,
)
