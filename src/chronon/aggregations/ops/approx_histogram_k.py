"""The k most frequent values with their counts, most frequent first and then by text. Reals by their shortest digits.

The counts are exact, however many different values there are: a bounded summary either depends on the order in which
values arrive or can lose a frequent one. The price is a state that grows with the different values, as that of
`histogram`, which it shares.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chronon.aggregations.operation import Operation
from chronon.aggregations.signature import COMPARABLE, Signature, always, whole
from chronon.model.specs import OperationCall
from chronon.model.types import DataType, MapOf, Scalar

if TYPE_CHECKING:
    from chronon.aggregations.fold import Fold, Items
    from chronon.aggregations.ranges import Ranges


DEFAULT_KEEP = 8


def _keep(call: OperationCall) -> int:
    return int(call.arguments[0]) if call.arguments else DEFAULT_KEEP


def _folds(_call: OperationCall, _kind: DataType) -> tuple[Fold, ...]:
    from chronon.aggregations.folds.counts import Tally

    return (Tally(),)


def _finish(call: OperationCall, kind: DataType, items: tuple[Items, ...]) -> dict[str, int]:
    from chronon.aggregations.histograms import histogram_of

    return histogram_of(items[0], kind, _keep(call))


def _over(call: OperationCall, ranges: Ranges) -> Any:
    from chronon.aggregations.histograms import histograms

    return histograms(ranges, _keep(call))


OPERATION = Operation(
    signature=Signature(
        name="approx_histogram_k",
        inputs=COMPARABLE,
        output=always(MapOf(Scalar.LONG)),
        check=whole(1, 1_000_000, required=False),
        usage="approx_histogram_k or approx_histogram_k(20)",
        keeps_values=True,
    ),
    folds=_folds,
    finish=_finish,
    over=_over,
)
