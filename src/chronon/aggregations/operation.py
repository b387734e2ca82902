"""The contract of an operation: its signature, the folds it keeps, and two ways to the result.

Vectorised over windows of a sorted timeline (`over`), and for one merged state (`finish`). Both give the same bits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chronon.aggregations.signature import Signature
from chronon.model.specs import OperationCall
from chronon.model.types import DataType

if TYPE_CHECKING:
    from chronon.aggregations.fold import Fold, Items
    from chronon.aggregations.ranges import Ranges


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation.

    folds:  what is kept of the values of a tile, hop or batch; shared by every operation that asks for an equal fold.
    finish: the result of one non-empty group, from its items per fold, in the order of `folds`.
    over:   the results of many ranges of one timeline as an Arrow array; empty ranges give null.
    """

    signature: Signature
    folds: Callable[[OperationCall, DataType], tuple[Fold, ...]]
    finish: Callable[[OperationCall, DataType, tuple[Items, ...]], Any]
    over: Callable[[OperationCall, Ranges], Any]

    def is_invertible(self, call: OperationCall, kind: DataType) -> bool:
        """Whether a value can be taken back: everything that is kept of values only adds up."""
        from chronon.aggregations.ragged import Rule

        return all(fold.rule is Rule.ADD for fold in self.folds(call, kind))
