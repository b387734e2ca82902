"""Two versions beside each other, as text and JSON."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from chronon.cli.terminal import Paint, printable
from chronon.cli.views.words import aligned, folded, plural
from chronon.model.time import Millis, instant_text
from chronon.model.values import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chronon.runners.comparing import ComparedColumn, Comparison, Example

_NAMED = 10
"""How many columns without a difference are named; JSON has all of them."""

_HEAD = ("column", "equal", "different", "null left", "null right", "largest", "relative")
_NUMBERS = tuple(range(1, len(_HEAD)))


def comparison_lines(found: Comparison, paint: Paint) -> list[str]:
    """The verdict, a table of columns, rows that differ, and what could not be compared."""
    return [*_verdict(found, paint), *_table(found, paint), *_examples(found, paint), *_left_out(found, paint)]


def comparison_json(found: Comparison) -> str:
    """The same as one JSON object; numbers that JSON lacks are text."""
    return json.dumps(
        {
            "left": found.left,
            "right": found.right,
            "equal": found.is_equal,
            "days": str(found.days),
            "uncomputed": {label: str(days) for label, days in found.uncomputed.items()},
            "rows": {"both": found.rows, "left": found.left_rows, "right": found.right_rows},
            "columns": [_column(column) for column in found.columns],
            "skipped": dict(found.skipped),
        },
        ensure_ascii=False,
        allow_nan=False,
    )


def _verdict(found: Comparison, paint: Paint) -> Iterator[str]:
    differ = sum(column.difference.different > 0 for column in found.columns)
    yield paint.strong(f"{found.left} | {found.right}")
    yield f"{found.days} · {plural(found.rows, 'common row')}{_alone(found)}"
    if differ:
        yield paint.bad(f"{differ} of {plural(len(found.columns), 'column')} differ")
    elif found.rows:
        yield paint.good(f"{plural(len(found.columns), 'column')} equal to the last bit")
    else:
        yield paint.warn("no row is on both sides: nothing was compared")


def _alone(found: Comparison) -> str:
    """How many rows only one side has."""
    sides = (("left", found.left_rows - found.rows), ("right", found.right_rows - found.rows))
    return "".join(f", {number:,} only on the {side}" for side, number in sides if number)


def _table(found: Comparison, paint: Paint) -> Iterator[str]:
    """The columns that differ, a line each, and the names of the others."""
    if differ := [column for column in found.columns if column.difference.different]:
        head, *lines = aligned([_HEAD, *(_row(column) for column in differ)], right=_NUMBERS)
        yield from ("", paint.faint(head), *lines)
    if equal := [column.name for column in found.columns if not column.difference.different]:
        yield from ("", f"{paint.strong('equal')}: {folded(equal, _NAMED)}")


def _row(column: ComparedColumn) -> tuple[str, ...]:
    found = column.difference
    counts = (found.equal, found.different, found.null_left, found.null_right)
    largest = (_short(found.largest), _short(found.largest_relative))
    return (column.name, *(f"{number:,}" for number in counts), *largest)


def _short(number: float | None) -> str:
    return "-" if number is None else f"{number:.3g}"


def _examples(found: Comparison, paint: Paint) -> Iterator[str]:
    for column in found.columns:
        if column.examples:
            of = f"{len(column.examples)} of {plural(column.difference.different, 'row')}"
            yield f"\n{paint.strong(column.name)}: {of}"
            yield from (f"  {line}" for line in aligned([_example(example) for example in column.examples]))


def _example(example: Example) -> tuple[str, ...]:
    keys = " ".join(f"{name}={_text(value)}" for name, value in example.row.items() if name != "ts")
    return _moment(example.row["ts"]), keys, _text(example.left), "|", _text(example.right)


def _left_out(found: Comparison, paint: Paint) -> Iterator[str]:
    if found.skipped:
        yield f"\n{paint.strong('not compared')}"
        yield from (f"  {line}" for line in aligned(list(found.skipped.items())))
    if found.uncomputed:
        yield f"\n{paint.strong('not computed')}"
        yield from (f"  {label}: {days}" for label, days in found.uncomputed.items())
        yield "  run `chronon plan` to see why, `chronon apply` to compute them"


def _column(column: ComparedColumn) -> dict[str, object]:
    found = column.difference
    return {
        "column": column.name,
        "equal": found.equal,
        "different": found.different,
        "null_left": found.null_left,
        "null_right": found.null_right,
        "largest": _plain(found.largest),
        "largest_relative": _plain(found.largest_relative),
        "examples": [
            {"row": _plain(example.row), "left": _plain(example.left), "right": _plain(example.right)}
            for example in column.examples
        ],
    }


def _moment(value: object) -> str:
    return instant_text(Millis(value)) if isinstance(value, int) else str(value)


def _text(value: object) -> str:
    if value is None:
        return "null"
    return printable(json.dumps(_plain(value), ensure_ascii=False) if isinstance(value, list | dict) else str(value))


def _plain(value: Mapping[str, object] | object) -> Any:
    """As JSON has it; NaN and infinities, which it lacks, as text: here they may be the difference."""
    match value:
        case dict():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case float():
            return value if math.isfinite(value) else str(value)
        case _:
            return plain(value)
