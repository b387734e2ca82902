"""Events and queries as columns, and the numbering of entities by their keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from chronon.aggregations.values import Ints, flat, present


@dataclass(frozen=True, slots=True, kw_only=True)
class EventBatch:
    """Events in any order.

    entity: int64[n], dense codes; events of -1 (a null in the key) count for nobody.
    ts:     int64[n], epoch milliseconds.
    inputs: column → Arrow array of n values; inputs and buckets of the features.
    is_sorted: they are in the order of (entity, ts).
    """

    entity: Ints
    ts: Ints
    inputs: Mapping[str, Any]
    is_sorted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryBatch:
    """Moments at which features are asked. entity: int64[m]; -1 answers null everywhere. ts: int64[m]."""

    entity: Ints
    ts: Ints


def entity_codes(events: Sequence[Any], queries: Sequence[Any]) -> tuple[Ints, Ints, int]:
    """Dense entity numbers from key columns.

    events, queries: the parts of the key, in the same order; parts that stand opposite share a type.
    Returns codes of the events, codes of the queries, and how many entities there are. A null in any part gives -1.
    """
    n_events = len(events[0])
    codes, known = _part(events[0], queries[0])
    for event_part, query_part in zip(events[1:], queries[1:], strict=True):
        more, more_known = _part(event_part, query_part)
        missing = (codes < 0) | (more < 0)
        _, dense = np.unique(codes * np.int64(more_known + 1) + more, return_inverse=True)
        codes = np.where(missing, -1, dense.astype(np.int64))
        known = int(dense.max(initial=-1)) + 1
    return codes[:n_events], codes[n_events:], known


def _part(events: Any, queries: Any) -> tuple[Ints, int]:
    left, right = _plain(events), _plain(queries).cast(_plain(events).type)
    if pa.types.is_integer(left.type) and not left.null_count and not right.null_count:
        found = _ranked(left.to_numpy(zero_copy_only=False), right.to_numpy(zero_copy_only=False))
        if found:
            return found
    both = pa.concat_arrays([left, right])
    known = present(both)
    encoded = both.dictionary_encode()
    codes = encoded.indices.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    return np.where(known, codes, -1), len(encoded.dictionary)


def _ranked(left: Any, right: Any) -> tuple[Ints, int] | None:
    """Ranks of whole numbers that lie close together, by marking those that occur; None when they lie far apart."""
    sides = [side for side in (left, right) if len(side)]
    low, high = min((int(side.min()) for side in sides), default=0), max((int(side.max()) for side in sides), default=0)
    if high - low > 4 * (len(left) + len(right)):
        return None
    marks = np.zeros(high - low + 1, np.bool_)
    places = np.empty(len(left) + len(right), np.int64)
    for side, mine in ((left, places[: len(left)]), (right, places[len(left) :])):
        np.subtract(side, low, out=mine, casting="unsafe")
        marks[mine] = True
    ranks = np.cumsum(marks) - 1
    return np.take(ranks, places, out=places), int(ranks[-1]) + 1


def _plain(array: Any) -> Any:
    whole = flat(array)
    return whole.cast(whole.type.value_type) if pa.types.is_dictionary(whole.type) else whole
