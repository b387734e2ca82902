"""Chronon's uploaded partial states, finished at the batch end: what a fetch without a stream would answer.

Written from the reference (sections 1.3, 1.4 and 2.4), apart from our core: the two must not share a mistake.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any

from agreement.naming import Asked
from chronon.model.time import DAY, HOUR, MINUTE, Millis

TAIL = 2 * DAY
"""How much of a window's tail is stored as hops."""

SIZES = (DAY, HOUR, 5 * MINUTE)

State = Any


def finished(batch: Mapping[str, Any], asked: Sequence[Asked], at: Millis) -> dict[str, Any]:
    """Column → value at the batch end, for the operations whose states are plain."""
    collapsed = list(batch["collapsedIr"].values())
    return {
        one.their_name: _value(one, [collapsed[place], *_hops(batch["tailHopIrs"], one, at)])
        for place, one in enumerate(asked)
        if one.operation in _MERGES
    }


def tail_hop(window: Millis) -> int:
    """The place of a window's tail hop in the stored lists."""
    return 0 if window >= 12 * DAY else 1 if window >= 12 * HOUR else 2


def _hops(stored: Sequence[Sequence[Mapping[str, Any]]], asked: Asked, at: Millis) -> list[State]:
    if asked.window is None:
        return []
    place = tail_hop(asked.window)
    begin = at - asked.window
    first = begin - begin % SIZES[place]
    hops = [list(hop.values()) for hop in stored[place]]
    return [hop[asked.base] for hop in hops if first <= hop[-1] < begin + TAIL]


def _value(asked: Asked, states: Sequence[State]) -> Any:
    known = [state for state in states if state is not None]
    if not known:
        return None
    merge, finish = _MERGES[asked.operation], _FINISHES.get(asked.operation, _as_is)
    if asked.bucket:
        merged: dict[str, State] = {}
        for state in known:
            for bucket, inner in state.items():
                merged[bucket] = merge(merged[bucket], inner) if bucket in merged else inner
        return {bucket: finish(state, asked.k) for bucket, state in merged.items()}
    return finish(reduce(merge, known), asked.k)


def _as_is(state: State, _k: int | None) -> Any:
    return state


def _add(one: State, other: State) -> State:
    return one + other


def _records(one: State, other: State) -> State:
    return [a + b for a, b in zip(_fields(one), _fields(other), strict=True)]


def _variance(one: State, other: State) -> State:
    (n, mean, m2), (count, other_mean, other_m2) = _fields(one), _fields(other)
    delta, total = other_mean - mean, n + count
    return [total, (n * mean + count * other_mean) / total, m2 + other_m2 + delta * (delta / total) * n * count]


def _earlier(one: State, other: State) -> State:
    return other if _fields(other)[0] < _fields(one)[0] else one


def _later(one: State, other: State) -> State:
    return other if _fields(other)[0] > _fields(one)[0] else one


def _counted(one: State, other: State) -> State:
    return {key: one.get(key, 0) + other.get(key, 0) for key in one | other}


def _fields(record: State) -> list[Any]:
    """The fields of a record in order: Avro mangles their names where they repeat."""
    return list(record.values()) if isinstance(record, dict) else list(record)


def _timed(states: State, k: int | None, *, newest: bool) -> list[Any]:
    ordered = sorted((_fields(state) for state in states), key=lambda fields: fields[0], reverse=newest)
    return [payload for _ts, payload in ordered[:k]]


def _mean(state: State, _k: int | None) -> float | None:
    total, count = _fields(state)
    return total / count if count and math.isfinite(total) else None


_MERGES: Mapping[str, Callable[[State, State], State]] = {
    "SUM": _add,
    "COUNT": _add,
    "MIN": min,
    "MAX": max,
    "AVERAGE": _records,
    "VARIANCE": _variance,
    "FIRST": _earlier,
    "LAST": _later,
    "FIRST_K": _add,
    "LAST_K": _add,
    "TOP_K": _add,
    "BOTTOM_K": _add,
    "UNIQUE_COUNT": _add,
    "HISTOGRAM": _counted,
}

_FINISHES: Mapping[str, Callable[[State, int | None], Any]] = {
    "AVERAGE": _mean,
    "VARIANCE": lambda state, _k: _fields(state)[2] / _fields(state)[0],
    "FIRST": lambda state, _k: _fields(state)[1],
    "LAST": lambda state, _k: _fields(state)[1],
    "FIRST_K": lambda state, k: _timed(state, k, newest=False),
    "LAST_K": lambda state, k: _timed(state, k, newest=True),
    "TOP_K": lambda state, k: sorted(state, reverse=True)[:k],
    "BOTTOM_K": lambda state, k: sorted(state)[:k],
    "UNIQUE_COUNT": lambda state, _k: len(set(state)),
}
