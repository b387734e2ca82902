"""What operators and functions mean, said once more as naively as possible and without anything of the product.

A value is a `Value`: its type's name, what it is (None for null), and whether no column was read for it. Every branch is
computed, since nothing raises.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LIMITS = {"int": 2**31, "long": 2**63}
RANKS = ("int", "long", "double")


@dataclass(frozen=True)
class Value:
    kind: str
    value: Any
    constant: bool = False


NULL = Value("null", None, constant=True)


def number(value: Value) -> Value:
    """NaN is null."""
    is_nan = isinstance(value.value, float) and math.isnan(value.value)
    return replace(value, value=None) if is_nan else value


def settled(value: Value) -> Value:
    """A value that was computed from constants only has no infinity and no sign of zero."""
    if not (value.constant and isinstance(value.value, float)):
        return number(value)
    return replace(value, value=value.value + 0.0 if math.isfinite(value.value) else None)


def wide(kinds: list[str]) -> str:
    known = [RANKS[-1] if kind == "float" else kind for kind in kinds if kind != "null"]
    return max(known, key=RANKS.index) if all(kind in RANKS for kind in known) else known[0]


def as_kind(value: Value, kind: str) -> Value:
    is_widened = kind == "double" and value.value is not None
    return Value(kind, float(value.value) if is_widened else value.value, value.constant)


def alike(values: list[Value]) -> list[Value]:
    kind = wide([value.kind for value in values])
    return [number(as_kind(value, kind)) for value in values]


def fitting(kind: str, value: int | None) -> int | None:
    return value if value is not None and -LIMITS[kind] <= value < LIMITS[kind] else None


def strict(kind: str, function: Callable[..., Any], *args: Value) -> Value:
    """Null where an argument is."""
    missing = any(arg.value is None for arg in args)
    value = None if missing else function(*(arg.value for arg in args))
    if kind in LIMITS:
        value = fitting(kind, value)
    return settled(Value(kind, value, all(arg.constant for arg in args)))


def truncated(value: Fraction) -> int:
    return math.floor(value) if value >= 0 else -math.floor(-value)


def half_away(value: Fraction) -> int:
    return math.floor(value + Fraction(1, 2)) if value >= 0 else -math.floor(-value + Fraction(1, 2))


def remainder(a: int, b: int) -> int | None:
    return a - b * truncated(Fraction(a, b)) if b else None


def arithmetic(sign: str, left: Value, right: Value) -> Value:
    kind = "double" if sign == "/" else wide([left.kind, right.kind])
    kind = "long" if kind == "int" else kind
    left, right = (number(as_kind(side, kind)) for side in (left, right))
    functions: dict[str, Callable[[Any, Any], Any]] = {
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "*": lambda a, b: a * b,
        "/": lambda a, b: a / b if b else None,
        "%": remainder,
    }
    return strict(kind, functions[sign], left, right)


def compared(sign: str, left: Value, right: Value) -> Value:
    functions: dict[str, Callable[[Any, Any], bool]] = {
        "=": lambda a, b: a == b,
        "<>": lambda a, b: a != b,
        "!=": lambda a, b: a != b,
        "<": lambda a, b: a < b,
        "<=": lambda a, b: a <= b,
        ">": lambda a, b: a > b,
        ">=": lambda a, b: a >= b,
    }
    return strict("boolean", functions[sign], *alike([left, right]))


def logical(values: list[Value], decisive: bool) -> Value:
    found = [value.value for value in values]
    answer = decisive if decisive in found else None if None in found else not decisive
    return Value("boolean", answer, all(value.constant for value in values))


def negated(value: Value) -> Value:
    return strict("boolean", lambda truth: not truth, value)


def chosen(branches: list[tuple[Value, Value]], otherwise: Value) -> Value:
    values = alike([*(value for _condition, value in branches), otherwise])
    taken = next((at for at, (condition, _value) in enumerate(branches) if condition.value), len(branches))
    is_constant = all(each.constant for pair in branches for each in pair) and otherwise.constant
    return settled(replace(values[taken], constant=is_constant))


def first(values: list[Value]) -> Value:
    values = alike(values)
    found = next((value.value for value in values if value.value is not None), None)
    return settled(Value(values[0].kind, found, all(value.constant for value in values)))


def extreme(choose: Callable[[list[Any]], Any]) -> Callable[..., Value]:
    def apply(*values: Value) -> Value:
        typed = alike(list(values))
        known = [value.value for value in typed if value.value is not None]
        found = choose(known) if known else None
        unsigned = found + 0.0 if isinstance(found, float) else found
        return settled(Value(typed[0].kind, unsigned, all(value.constant for value in values)))

    return apply


def cast(value: Value, kind: str) -> Value:
    if value.kind == "null":
        return Value(kind, None, constant=True)
    if value.kind == "string" and kind != "string":
        return Value(kind, None if value.value is None else written(value.value, kind), constant=True)
    value = number(value)
    return strict(kind, lambda found: converted(found, kind), value)


def written(text: str, kind: str) -> Any:
    if kind == "date":
        return date.fromisoformat(text)
    if kind == "timestamp":
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return base64.b64decode(text) if kind == "binary" else Decimal(text)


def converted(value: Any, kind: str) -> Any:
    if isinstance(value, datetime) and kind == "long":
        return (value - EPOCH) // timedelta(milliseconds=1)
    if isinstance(value, datetime) and kind == "date":
        return value.date()
    if isinstance(value, date) and not isinstance(value, datetime) and kind == "timestamp":
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if kind == "string":
        return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
    if kind == "double":
        return float(value)
    if kind in LIMITS:
        return whole(truncated)(value) if isinstance(value, float) else int(value)
    return value


def whole(how: Callable[[Fraction], int]) -> Callable[[float], int | None]:
    return lambda value: how(Fraction(value)) if math.isfinite(value) else None


def to_long(how: Callable[[Fraction], int]) -> Callable[[Value], Value]:
    return lambda value: strict("long", whole(how), number(value))


def rounded(value: Value, digits: Value | None = None) -> Value:
    if digits is None or value.kind in LIMITS:
        return to_long(half_away)(value)
    power = 10.0**digits.value

    def apply(found: float) -> float:
        return half_away(Fraction(found * power)) / power if abs(found * power) < 2.0**52 else found

    return strict("double", apply, number(as_kind(value, "double")))


def sign_of(value: Value) -> Value:
    return strict("long", lambda found: (found > 0) - (found < 0), number(value))


def magnitude(value: Value) -> Value:
    kind = "long" if value.kind in LIMITS else "double"
    return strict(kind, abs, as_kind(value, kind))


def minus(value: Value) -> Value:
    kind = "long" if value.kind in LIMITS else "double"
    return strict(kind, lambda found: -found, as_kind(value, kind))


def null_if(left: Value, right: Value) -> Value:
    a, b = alike([left, right])
    is_equal = b.value is not None and a.value == b.value
    return settled(Value(a.kind, None if is_equal else a.value, left.constant and right.constant))


def equal_null(left: Value, right: Value) -> Value:
    a, b = alike([left, right])
    return Value("boolean", a.value == b.value, left.constant and right.constant)


def element_at(values: Value, place: Value) -> Value:
    kind = values.kind.removesuffix(">").split(",", 1)[1] if values.kind.startswith("map") else values.kind[5:-1]
    pairs = enumerate(values.value or [], start=1) if values.kind.startswith("list") else values.value or []
    found = next((held for at, held in pairs if at == place.value), None)
    return number(as_kind(Value(kind, found), "double") if kind in {"float", "double"} else Value(kind, found))


def letters(shift: int, among: str) -> Callable[[str], str]:
    return lambda text: "".join(
        chr(ord(sign) + shift) if among <= sign <= chr(ord(among) + 25) else sign for sign in text
    )


def without_spaces(text: str, *, left: bool, right: bool) -> str:
    while left and text[:1] == " ":
        text = text[1:]
    while right and text[-1:] == " ":
        text = text[:-1]
    return text


def pieces(text: str, separator: str) -> Iterator[str]:
    begin = at = 0
    while at <= len(text) - len(separator):
        if text[at : at + len(separator)] == separator:
            yield text[begin:at]
            at = begin = at + len(separator)
        else:
            at += 1
    yield text[begin:]


def piece(text: str, separator: str, nth: int) -> str:
    return dict(enumerate(pieces(text, separator), start=1)).get(nth, "")


def is_like(text: str, pattern: str) -> bool:
    ends = {0}
    for sign in pattern:
        if sign == "%":
            ends = {at for at in range(len(text) + 1) if at >= min(ends, default=math.inf)}
        else:
            ends = {at + 1 for at in ends if at < len(text) and sign in {"_", text[at]}}
    return len(text) in ends


def on_calendar(make: Callable[[], Any]) -> Any:
    try:
        return make()
    except OverflowError:
        return None


def started(unit: str, of: Any) -> Any:
    day = {"hour": 0, "minute": 0, "second": 0, "microsecond": 0} if isinstance(of, datetime) else {}
    match unit.lower():
        case "second":
            return of.replace(microsecond=0)
        case "minute":
            return of.replace(second=0, microsecond=0)
        case "hour":
            return of.replace(minute=0, second=0, microsecond=0)
        case "week":
            return on_calendar(lambda: of.replace(**day) - timedelta(days=of.weekday()))
        case "month":
            return of.replace(day=1, **day)
        case "year":
            return of.replace(month=1, day=1, **day)
        case _:
            return of.replace(**day)


def day_of(value: Any) -> date:
    return value.date() if isinstance(value, datetime) else value


def since(unit: timedelta) -> Callable[[Value], Value]:
    return lambda value: strict("long", lambda moment: (moment - EPOCH) // unit, value)


def after(kind: str, unit: str) -> Callable[[Value], Value]:
    def moment(count: int) -> Any:
        return on_calendar(lambda: EPOCH + timedelta(**{unit: count}))

    return lambda value: strict(
        kind, lambda count: day_of(moment(count)) if kind == "date" and moment(count) else moment(count), value
    )


def of_day(part: Callable[[date], int]) -> Callable[[Value], Value]:
    return lambda value: strict("long", lambda found: part(day_of(found)), value)


def of_text(kind: str, function: Callable[..., Any]) -> Callable[..., Value]:
    return lambda *args: strict(kind, function, *args)


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "ABS": magnitude,
    "CEIL": to_long(math.ceil),
    "COALESCE": lambda *values: first(list(values)),
    "CONCAT": of_text("string", lambda *texts: "".join(texts)),
    "DATEDIFF": of_text("long", lambda end, start: (day_of(end) - day_of(start)).days),
    "DATE_ADD": of_text("date", lambda day, days: on_calendar(lambda: day + timedelta(days=days))),
    "DATE_FROM_UNIX_DATE": after("date", "days"),
    "DATE_TRUNC": lambda unit, value: strict(value.kind, lambda found: started(unit.value, found), value),
    "DAY": of_day(lambda day: day.day),
    "DAYOFWEEK": of_day(lambda day: day.isoweekday() % 7 + 1),
    "DAYOFYEAR": of_day(lambda day: day.timetuple().tm_yday),
    "ELEMENT_AT": element_at,
    "EQUAL_NULL": equal_null,
    "FLOOR": to_long(math.floor),
    "GREATEST": extreme(max),
    "HOUR": of_text("long", lambda moment: moment.hour),
    "IF": lambda condition, value, otherwise=NULL: chosen([(condition, value)], otherwise),
    "LEAST": extreme(min),
    "LENGTH": of_text("long", len),
    "LOWER": of_text("string", letters(32, "A")),
    "LTRIM": of_text("string", lambda text: without_spaces(text, left=True, right=False)),
    "MINUTE": of_text("long", lambda moment: moment.minute),
    "MOD": lambda left, right: arithmetic("%", left, right),
    "MONTH": of_day(lambda day: day.month),
    "NULLIF": null_if,
    "QUARTER": of_day(lambda day: (day.month + 2) // 3),
    "REPLACE": of_text("string", lambda text, found, instead: instead.join(pieces(text, found))),
    "ROUND": rounded,
    "RTRIM": of_text("string", lambda text: without_spaces(text, left=False, right=True)),
    "SECOND": of_text("long", lambda moment: moment.second),
    "SIGN": sign_of,
    "SIZE": of_text("long", len),
    "SPLIT_PART": of_text("string", piece),
    "SUBSTRING": of_text("string", lambda text, start, count=2**31: text[start - 1 :][:count]),
    "TIMESTAMP_MICROS": after("timestamp", "microseconds"),
    "TIMESTAMP_MILLIS": after("timestamp", "milliseconds"),
    "TIMESTAMP_SECONDS": after("timestamp", "seconds"),
    "TRIM": of_text("string", lambda text: without_spaces(text, left=True, right=True)),
    "UNIX_DATE": of_text("long", lambda day: (day - EPOCH.date()).days),
    "UNIX_MICROS": since(timedelta(microseconds=1)),
    "UNIX_MILLIS": since(timedelta(milliseconds=1)),
    "UNIX_SECONDS": since(timedelta(seconds=1)),
    "UPPER": of_text("string", letters(-32, "a")),
    "YEAR": of_day(lambda day: day.year),
}
