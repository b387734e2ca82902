"""What somebody meant who wrote a value of another form or type: a value that fits, or an example of one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Any

from chronon.loaders.type_hints import type_hint
from chronon.model.time import parse_day

_LONGEST = 80
"""Characters of a text in which somebody can have meant a value, and of an example that is worth reading."""

_UNITS = {
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), "m"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "day", "days"), "d"),
    **dict.fromkeys(("w", "week", "weeks"), "w"),
}
_LONG_UNITS = {**dict.fromkeys(("mo", "month", "months"), 30), **dict.fromkeys(("y", "yr", "year", "years"), 365)}
"""Units that are of no one length → the days that are meant by them."""


def form_hint(text: str, schema: Mapping[str, Any]) -> str:
    """What to write in place of a text that has not the form which the schema demands.

    A text that misses both its pattern and its format gets the same hint for both, so it is told once.
    """
    pattern, form = schema.get("pattern", ""), schema.get("format")
    if form == "data-type":
        return type_hint(text)
    if pattern == _NAME and is_rest(text):
        return "inside { } a comma ends the value: write the expression in quotes"
    if text.count("(") != text.count(")"):
        return 'inside [ ] a comma ends the value: write it in quotes, such as "approx_percentile(0.5, 0.9)"'
    if form == "date" and re.search(pattern, text):
        return "there is no such day"
    if len(text) > _LONGEST:
        return ""
    if "://" in pattern and "://" in text:
        return "behind `://` stands the name of the topic alone, such as `file://airlines.arrivals`"
    parts = [part.strip() for part in text.split(",")]
    if len(parts) > 1 and form is None and all(re.search(pattern, part) for part in parts):
        return f"write it as a list: [{', '.join(parts)}]"
    if schema.get("x-expected", "").startswith("a table such as") and re.fullmatch(r"\w+", text):
        return f"write its database too: `database.{text}`"
    if pattern == _NAME and re.search(r"[^\w.@ -]|^\w+\(", text):
        return "an expression stands in `select`, under a name that is used here"
    for meant in _rewritten(text) if text.strip() else ():
        if (
            meant != text
            and re.search(pattern.replace("$", r"\Z"), meant)
            and (form != "date" or parse_day(meant) is not None)
        ):
            return f"did you mean `{meant}`?"
    return ""


def is_rest(text: str) -> bool:
    """Whether a text ends a call that it does not begin: a comma before it ended the value."""
    return text.count(")") > text.count("(")


_NAME = "^[a-z][a-z0-9_]*$"


def type_wrong_hint(value: Any, demand: Any, schema: Mapping[str, Any]) -> str:
    """What to write in place of a value of another type. demand: the type, or the forms, that the schema has."""
    match value:
        case None:
            return "write a value, or remove the field"
        case str() if demand == "boolean":
            if value.lower() in {"true", "false"}:
                return f"write {value.lower()}, without quotes"
            return "YAML 1.2 has true and false" if value.lower() in {"yes", "no", "on", "off", "y", "n"} else ""
        case str() if demand == "integer" and (digits := re.fullmatch(r"[vV]?(\d{1,9})", value)):
            return f"write {digits[1]}"
        case str() if demand == "array":
            return f"write it as a list: [{value}]"
        case bool() | int() | float() if not schema.get("x-expected"):
            return f'put it in quotes if text is meant: "{str(value).lower()}"'
        case int() if "pattern" in schema and not isinstance(value, bool) and (meant := form_hint(str(value), schema)):
            return meant
        case dict() if schema.get("x-expected", "").startswith("a source such as"):
            return "a source is a file of its own, below `sources/`: name it here"
        case _:
            return _such_as(schema)


def _such_as(schema: Mapping[str, Any]) -> str:
    """The first example of what is expected, on one line; empty where it would not be read."""
    examples = schema.get("examples") or [""]
    shown = examples[0] if isinstance(examples[0], str) else _flow(examples[0])
    is_told = str(shown) in schema.get("x-expected", "")
    return f"such as `{shown}`" if shown and not is_told and len(shown) <= _LONGEST else ""


def _flow(value: Any) -> str:
    """A value as YAML has it on one line."""
    match value:
        case dict():
            return "{" + ", ".join(f"{_key(name)}: {_flow(each)}" for name, each in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_flow, value)) + "]"
        case bool():
            return str(value).lower()
        case _:
            return _key(str(value))


def _key(text: str) -> str:
    return text if re.fullmatch(r"[\w.@<>/ -]+", text) else f'"{text}"'


def _rewritten(text: str) -> Iterator[str]:
    """Other forms of a text in which values of several kinds are often written, the likeliest first."""
    return chain.from_iterable(rewrite(text) for rewrite in _REWRITES)


def _length(text: str) -> Iterator[str]:
    found = re.fullmatch(r"(\d{1,6})[ _-]*([A-Za-z]*)", text.strip())
    if found is None:
        return
    count, unit = found[1], found[2].lower()
    if found[2] == "M" or unit in _LONG_UNITS:
        yield f"{int(count) * _LONG_UNITS.get(unit, 30)}d"
    elif unit in _UNITS or not unit:
        yield f"{count}{_UNITS.get(unit, 'd')}"


def _day(text: str) -> Iterator[str]:
    digits = text.strip().replace("O", "0").replace("o", "0")
    if found := re.match(r"(\d{4})[-/.]?(\d{1,2})[-/.]?(\d{1,2})(?!\d)", digits):
        yield f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}"


def _call(text: str) -> Iterator[str]:
    if "[" in text:
        yield text.replace("[", "").replace("]", "")
    if found := re.fullmatch(r"(\w+?)(?:_k)?[ :]+(\d+)", text.strip()):
        yield f"{found[1]}_k({found[2]})"


def _reference(text: str) -> Iterator[str]:
    if found := re.fullmatch(r"(?:[\w.]+/)*(\w+)/(?:sources|group_bys|joins)/(\w+)(?:\.ya?ml)?", text.strip()):
        yield f"{found[1]}.{found[2]}"
    yield re.sub(r":(\d+)$", r"@\1", text.replace("/", "."))
    parts = [part for part in re.split(r"[./]", text) if part and part != "parquet"]
    if len(parts) > 1:
        yield ".".join(parts[-2:])


def _address(text: str) -> Iterator[str]:
    yield f"file://{text}"


def _name(text: str) -> Iterator[str]:
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text.strip())
    yield re.sub(r"[ -]+", "_", parted).lower()
    yield re.sub(r"[ -]+", "_", parted).lower().rpartition(".")[2]


_REWRITES: tuple[Callable[[str], Iterator[str]], ...] = (_day, _length, _call, _reference, _name, _address)
