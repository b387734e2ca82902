"""Feature vectors as a table, beside training rows, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from chronon.cli.terminal import Paint, printable
from chronon.model.values import plain
from chronon.serving.contract import Request, ServedSchema, Status, Vector

if TYPE_CHECKING:
    from chronon.serving.comparison import Compared

_WIDTH = 44
"""A longer value is cut on the terminal, unless it differs from what it is compared with; JSON has all of it."""


def vector_lines(vector: Vector, schema: ServedSchema, paint: Paint) -> list[str]:
    """One line per value, with the status of its part where that is not ok; then what there is to say about them."""
    statuses = _by_column(vector, schema)
    names = max(map(len, vector.values), default=0)
    lines = [
        f"  {name:{names}}  {_value(value)}" + (f"  {paint.warn(statuses[name])}" if name in statuses else "")
        for name, value in vector.values.items()
    ]
    return [*lines, *_remarks(vector, paint)]


def comparison_lines(vector: Vector, schema: ServedSchema, columns: Sequence[Compared], paint: Paint) -> list[str]:
    """One line per feature: served, the sign, trained; then the count of equal ones. What a bootstrap gave is not compared."""
    statuses = _by_column(vector, schema)
    names = max((len(each.column) for each in columns), default=0)
    lines = [f"  {'':{names}}  {'served':{_WIDTH}}   trained"]
    for each in columns:
        width = 0 if each.differs else _WIDTH
        sign = "·" if each.given else paint.bad("≠") if each.differs else paint.good("=")
        note = f"  {paint.warn(statuses[each.column])}" if each.column in statuses else ""
        note += f"  {paint.faint('given by the bootstrap')}" if each.given else ""
        served, trained = _value(each.served, width), _value(each.trained, width)
        lines.append(f"  {each.column:{names}}  {served:{_WIDTH}} {sign} {trained}{note}")
    computed = [each for each in columns if not each.given]
    equal, given = sum(each.is_equal for each in computed), len(columns) - len(computed)
    mark = paint.good if equal == len(computed) else paint.bad
    told = f"{equal} of {len(computed)} equal" + (f", {given} not compared" if given else "")
    return [*lines, *_remarks(vector, paint), mark(told)]


def results_json(
    schema: ServedSchema,
    requests: Sequence[Request],
    vectors: Sequence[Vector],
    compared: Sequence[Sequence[Compared]] | None,
) -> str:
    """The reply of the HTTP service, and with a comparison both sides of every feature."""
    from chronon.serving.replies import plain_of, results_of

    reply = json.loads(results_of(requests, vectors, tuple(schema.parts)))
    for index, result in enumerate(reply["results"]):
        result["at"] = requests[index].at
        if compared is not None:
            result["compared"] = [_side(each) for each in compared[index]]
            result["equal"] = sum(each.is_equal for each in compared[index] if not each.given)
    return plain_of(reply).decode()


def _side(each: Compared) -> dict[str, object]:
    said: dict[str, object] = {"column": each.column, "served": each.served, "trained": each.trained}
    return said | ({"given": True} if each.given else {"equal": each.is_equal})


def _by_column(vector: Vector, schema: ServedSchema) -> Mapping[str, Status]:
    """The status of every column whose part, or which itself, has one."""
    return {column: status for label, status in vector.statuses.items() for column in schema.parts.get(label, (label,))}


def _remarks(vector: Vector, paint: Paint) -> list[str]:
    return [
        f"  {paint.warn(label)}: {status}" + (f", {printable(detail)}" if (detail := vector.details.get(label)) else "")
        for label, status in vector.statuses.items()
    ]


def _value(value: object, width: int = _WIDTH) -> str:
    text = "null" if value is None else printable(_text(value))
    return f"{text[: width - 1]}…" if width and len(text) > width else text


def _text(value: object) -> str:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case list() | dict():
            return json.dumps(plain(value), ensure_ascii=False)
        case _:
            return str(plain(value))
