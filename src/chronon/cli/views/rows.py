"""Training rows as text and JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from chronon.cli.terminal import printable
from chronon.cli.views.words import aligned
from chronon.model.time import Millis, instant_text
from chronon.model.values import plain

_WIDTH = 28
"""A longer value is cut on the terminal; JSON has all of it."""

Row = Mapping[str, Any]


def row_lines(rows: Sequence[Row]) -> list[str]:
    """One line per column and one column per row: training rows have many columns."""
    if not rows:
        return []
    return aligned([(name, *(_shown(name, row[name]) for row in rows)) for name in rows[0]])


def rows_json(rows: Sequence[Row]) -> str:
    """A JSON array with one object per row; NaN and infinities, which JSON lacks, are null."""
    return json.dumps([_plain(dict(row)) for row in rows], ensure_ascii=False, allow_nan=False)


def _shown(name: str, value: Any) -> str:
    if value is None:
        return "-"
    if name == "ts" and isinstance(value, int):
        return instant_text(Millis(value))
    value = _plain(value) if not isinstance(value, float) else value
    text = printable(json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else str(value))
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case float():
            return value if math.isfinite(value) else None
        case _:
            return plain(value)
