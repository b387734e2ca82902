"""The aggregation core: operations, windows, and the states that batch, upload, stream and fetch share.

Names are loaded when they are first used: checking types and windows imports no NumPy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chronon.aggregations.answering import Answer, answer
    from chronon.aggregations.events import EventBatch, QueryBatch, entity_codes
    from chronon.aggregations.finished import decode_row, encode_row
    from chronon.aggregations.images import fold_changes
    from chronon.aggregations.mutations import EntityRows, entities_in_time
    from chronon.aggregations.paging import PageKey, merge_page, page_keys, pages
    from chronon.aggregations.partials import (
        LAST_TS,
        LIMBS,
        CountOf,
        ImagesOf,
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
    from chronon.aggregations.reading import has_elements
    from chronon.aggregations.registry import is_invertible, keeps_values, operation_names, output_type
    from chronon.aggregations.rows import TileRows
    from chronon.aggregations.tiles import fold_tiles, tiles_from_partials
    from chronon.aggregations.upload import batch_values
    from chronon.aggregations.values import arrow_type
    from chronon.aggregations.windows import check_window, hop_of, tail_of

_HOMES = {
    "answering": ("Answer", "answer"),
    "events": ("EventBatch", "QueryBatch", "entity_codes"),
    "finished": ("decode_row", "encode_row"),
    "images": ("fold_changes",),
    "mutations": ("EntityRows", "entities_in_time"),
    "paging": ("PageKey", "merge_page", "page_keys", "pages"),
    "partials": (
        "LAST_TS",
        "LIMBS",
        "CountOf",
        "ImagesOf",
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
    "program": ("Program", "stream_partials"),
    "queries": ("point_in_time",),
    "reading": ("has_elements",),
    "registry": ("is_invertible", "keeps_values", "operation_names", "output_type"),
    "rows": ("TileRows",),
    "tiles": ("fold_tiles", "tiles_from_partials"),
    "upload": ("batch_values",),
    "values": ("arrow_type",),
    "windows": ("check_window", "hop_of", "tail_of"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "LAST_TS",
    "LIMBS",
    "Answer",
    "CountOf",
    "EntityRows",
    "EventBatch",
    "ImagesOf",
    "LimbSumOf",
    "MaxOf",
    "MinOf",
    "NansOf",
    "OutsideOf",
    "PageKey",
    "Partial",
    "Program",
    "QueryBatch",
    "SumOf",
    "TileRows",
    "TimedOf",
    "ValuesOf",
    "answer",
    "arrow_type",
    "batch_values",
    "check_window",
    "decode_row",
    "encode_row",
    "entities_in_time",
    "entity_codes",
    "fold_changes",
    "fold_tiles",
    "has_elements",
    "hop_of",
    "is_invertible",
    "keeps_values",
    "merge_page",
    "operation_names",
    "output_type",
    "page_keys",
    "pages",
    "point_in_time",
    "stream_partials",
    "tail_of",
    "tiles_from_partials",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
