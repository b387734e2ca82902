"""How often each value occurs, most frequent first and then by text; with k > 0 only the k most frequent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chronon.aggregations.operation import Operation
from chronon.aggregations.signature import DECIMAL, INTEGERS, MOMENTS_IN_TIME, Signature, always, whole
from chronon.model.specs import OperationCall
from chronon.model.types import DataType, MapOf, Scalar

if TYPE_CHECKING:
    from chronon.aggregations.fold import Fold, Items
    from chronon.aggregations.ranges import Ranges


def _keep(call: OperationCall) -> int | None:
    return int(call.arguments[0]) or None if call.arguments else None


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
        name="histogram",
        inputs=(*INTEGERS, DECIMAL, Scalar.STRING, *MOMENTS_IN_TIME),
        output=always(MapOf(Scalar.LONG)),
        check=whole(0, 1_000_000, required=False),
        usage="histogram or histogram(20)",
        keeps_values=True,
    ),
    folds=_folds,
    finish=_finish,
    over=_over,
)
