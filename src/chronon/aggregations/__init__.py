"""The aggregation core: operations, windows, and the states that batch, upload, stream and fetch share.

Names are loaded when they are first used: checking types and windows imports no NumPy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chronon.aggregations.events import EventBatch, QueryBatch, entity_codes
    from chronon.aggregations.partials import (
        LAST_TS,
        CountOf,
        LimbSumOf,
        MaxOf,
        MinOf,
        NansOf,
        OutsideOf,
        Partial,
        SumOf,
        TimedOf,
        ValuesOf,
    )
    from chronon.aggregations.program import Program, stream_partials
    from chronon.aggregations.queries import point_in_time
    from chronon.aggregations.registry import operation_names, output_type
    from chronon.aggregations.values import arrow_type
    from chronon.aggregations.windows import check_window, hop_of, tail_of

_HOMES = {
    "events": ("EventBatch", "QueryBatch", "entity_codes"),
    "partials": (
        "LAST_TS",
        "CountOf",
        "LimbSumOf",
        "MaxOf",
        "MinOf",
        "NansOf",
        "OutsideOf",
        "Partial",
        "SumOf",
        "TimedOf",
        "ValuesOf",
    ),
    "queries": ("point_in_time",),
    "program": ("Program", "stream_partials"),
    "registry": ("operation_names", "output_type"),
    "values": ("arrow_type",),
    "windows": ("check_window", "hop_of", "tail_of"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "LAST_TS",
    "CountOf",
    "EventBatch",
    "LimbSumOf",
    "MaxOf",
    "MinOf",
    "NansOf",
    "OutsideOf",
    "Partial",
    "Program",
    "QueryBatch",
    "SumOf",
    "TimedOf",
    "ValuesOf",
    "arrow_type",
    "check_window",
    "entity_codes",
    "hop_of",
    "operation_names",
    "output_type",
    "point_in_time",
    "stream_partials",
    "tail_of",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
