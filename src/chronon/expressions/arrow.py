"""Expressions on Arrow arrays: every operation once for all rows, with the same bits as on one row.

Nothing raises for a value: what has no answer is null, so both sides of a CASE can be computed for all rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, assert_never

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from chronon.expressions.expansions import FIRST_DAY, FIRST_MICROS, LAST_DAY, LAST_MICROS
from chronon.expressions.tree import Call, Column, Literal, Node, Op, Plain
from chronon.model.types import DataType, Decimal, ListOf, MapOf, Scalar, StructOf

Arrays = Mapping[str, Any]
Kernel = Callable[[tuple[Any, ...], tuple[Node, ...], Plain], Any]

_TYPES = {
    Scalar.BOOLEAN: pa.bool_(),
    Scalar.INT: pa.int32(),
    Scalar.LONG: pa.int64(),
    Scalar.FLOAT: pa.float32(),
    Scalar.DOUBLE: pa.float64(),
    Scalar.STRING: pa.string(),
    Scalar.BINARY: pa.binary(),
    Scalar.DATE: pa.date32(),
    Scalar.TIMESTAMP: pa.timestamp("us", tz="UTC"),
}
_LIMITS: dict[Plain, tuple[float, float]] = {Scalar.INT: (-(2.0**31), 2.0**31), Scalar.LONG: (-(2.0**63), 2.0**63)}


def arrow_type(kind: DataType) -> Any:
    """The Arrow type of a column of this type."""
    match kind:
        case ListOf(element=element):
            return pa.list_(arrow_type(element))
        case MapOf(value=value):
            return pa.map_(pa.string(), arrow_type(value))
        case StructOf(fields=fields):
            return pa.struct([(name, arrow_type(field)) for name, field in fields])
        case Decimal(precision=precision, scale=scale):
            return pa.decimal128(precision, scale)
        case Scalar():
            return _TYPES[kind]
        case _:
            assert_never(kind)


def vectorised(node: Node) -> Callable[[Arrays, int], Any]:
    """The function from the columns, and their length, to the array of values of the tree."""

    def apply(columns: Arrays, length: int) -> Any:
        value = _value(node, columns)
        if isinstance(value, pa.Scalar):
            return pa.repeat(value, length)
        return value

    return apply


def _value(node: Node, columns: Arrays) -> Any:
    match node:
        case Column(name=name, type=kind):
            return _column(columns[name], kind)
        case Literal(value=value, type=kind):
            return pa.scalar(value, arrow_type(kind))
        case Call(op=op, args=args, type=kind):
            return _KERNELS[op](tuple(_value(arg, columns) for arg in args), args, kind)


def _column(array: Any, kind: DataType) -> Any:
    array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    wanted = arrow_type(kind)
    return array if array.type == wanted else array.cast(wanted)


def _simple(kernel: Callable[..., Any]) -> Kernel:
    """A kernel of Arrow's that already means what we mean."""
    return lambda values, _args, _kind: kernel(*values)


def _arithmetic(on_doubles: Callable[..., Any], on_longs: Callable[..., Any]) -> Kernel:
    def apply(values: tuple[Any, ...], _args: tuple[Node, ...], kind: Plain) -> Any:
        return _on_longs(on_longs, values) if kind is Scalar.LONG else on_doubles(*values)

    return apply


def _on_longs(function: Callable[..., tuple[Any, Any]], values: tuple[Any, ...]) -> Any:
    """The result of a NumPy function on int64 that also says where it is no answer; null there and at nulls."""
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        result, wrong = function(*(_int64(value) for value in values))
    for value in values:
        wrong = wrong | ~_valid(value)
    return pa.array(result, pa.int64(), mask=np.broadcast_to(wrong, result.shape))


def _int64(value: Any) -> Any:
    if isinstance(value, pa.Scalar):
        return np.int64(value.as_py() or 0)
    return pc.fill_null(value, 0).to_numpy(zero_copy_only=False)


def _valid(value: Any) -> Any:
    if isinstance(value, pa.Scalar):
        return np.bool_(value.is_valid)
    return value.is_valid().to_numpy(zero_copy_only=False)


def _add(a: Any, b: Any) -> tuple[Any, Any]:
    result = a + b
    return result, ((a ^ result) & (b ^ result)) < 0


def _subtract(a: Any, b: Any) -> tuple[Any, Any]:
    result = a - b
    return result, ((a ^ b) & (a ^ result)) < 0


def _multiply(a: Any, b: Any) -> tuple[Any, Any]:
    # A wrapped product is off by a multiple of 2^64; the product in doubles is off by far less than 2^63.
    result = a * b
    estimate = np.asarray(a, np.float64) * np.asarray(b, np.float64)
    return result, np.abs(estimate - np.asarray(result, np.float64)) > 2.0**63


def _remainder(a: Any, b: Any) -> tuple[Any, Any]:
    # x % -1 is 0 like x % 1, and dividing the smallest long by -1 would overflow.
    divisor = np.where((b == 0) | (b == -1), 1, b)
    return np.fmod(a, divisor), b == 0


def _negate(a: Any) -> tuple[Any, Any]:
    return -a, a == np.iinfo(np.int64).min


def _absolute(a: Any) -> tuple[Any, Any]:
    return np.abs(a), a == np.iinfo(np.int64).min


def _divide(a: Any, b: Any) -> Any:
    return pc.divide(a, pc.if_else(pc.equal(b, 0.0), pa.scalar(None, pa.float64()), b))


def _number(value: Any) -> Any:
    return pc.if_else(pc.is_nan(value), pa.scalar(None, pa.float64()), value)


def _is_in(values: tuple[Any, ...], args: tuple[Node, ...], _kind: Plain) -> Any:
    items = pa.array([arg.value for arg in args[1:] if isinstance(arg, Literal)], arrow_type(args[0].type))
    value = _unsigned_zero(values[0])
    return pc.if_else(pc.is_valid(value), pc.is_in(value, value_set=items), pa.scalar(None, pa.bool_()))


def _unsigned_zero(value: Any) -> Any:
    return pc.add(value, 0.0) if pa.types.is_floating(value.type) else value


def _case(values: tuple[Any, ...], _args: tuple[Node, ...], _kind: Plain) -> Any:
    result = values[-1]
    for condition, value in zip(reversed(values[:-1:2]), reversed(values[1::2]), strict=True):
        result = pc.if_else(pc.fill_null(condition, False), value, result)
    return result


def _nullif(a: Any, b: Any) -> Any:
    same = pc.fill_null(pc.equal(a, b), False)
    return pc.if_else(same, pa.scalar(None, a.type), a)


def _extreme(kernel: Callable[..., Any]) -> Kernel:
    def apply(values: tuple[Any, ...], _args: tuple[Node, ...], _kind: Plain) -> Any:
        if pa.types.is_string(values[0].type):
            return _extreme_text(kernel, values)
        return kernel(*map(_unsigned_zero, values), skip_nulls=True)

    return apply


def _extreme_text(kernel: Callable[..., Any], values: tuple[Any, ...]) -> Any:
    as_bytes = [value.cast(pa.binary()) for value in values]
    return kernel(*as_bytes, skip_nulls=True).cast(pa.string())


def _rounded(kernel: Callable[..., Any]) -> Kernel:
    return lambda values, _args, kind: _fitting(kernel(values[0]), kind)


def _fitting(whole: Any, kind: Plain) -> Any:
    """Doubles without fractions as integers; null where they do not fit."""
    least, most = _LIMITS[kind]
    fits = pc.and_(pc.greater_equal(whole, least), pc.less(whole, most))
    kept = pc.if_else(fits, whole, pa.scalar(None, pa.float64()))
    return kept.cast(arrow_type(kind))


def _cast(values: tuple[Any, ...], args: tuple[Node, ...], kind: Plain) -> Any:
    (value,), source = values, args[0].type
    if source is kind:
        return value
    if source is Scalar.DOUBLE:
        return _fitting(pc.trunc(value), kind)
    if kind is Scalar.INT and source is Scalar.LONG:
        fits = pc.and_(pc.greater_equal(value, -(2**31)), pc.less(value, 2**31))
        value = pc.if_else(fits, value, pa.scalar(None, pa.int64()))
    return _widened(values=(value,), _args=args, kind=kind)


def _widened(values: tuple[Any, ...], _args: tuple[Node, ...], kind: Plain) -> Any:
    # Not safe means: a long that no double equals is rounded to the nearest.
    return pc.cast(values[0], arrow_type(kind), safe=kind is not Scalar.DOUBLE)


def _joined(*values: Any) -> Any:
    return pc.binary_join_element_wise(*values, pa.scalar("", pa.string()), null_handling="emit_null")


def _length(values: tuple[Any, ...], _args: tuple[Node, ...], _kind: Plain) -> Any:
    return pc.utf8_length(values[0]).cast(pa.int64())


def _substring(values: tuple[Any, ...], _args: tuple[Node, ...], _kind: Plain) -> Any:
    text, start, *count = values
    first = start.as_py() - 1
    return pc.utf8_slice_codeunits(text, first, first + count[0].as_py() if count else None)


def _floor_divide(a: Any, b: Any) -> tuple[Any, Any]:
    return a // b, np.bool_(False)


def _floor_remainder(a: Any, b: Any) -> tuple[Any, Any]:
    return a % b, np.bool_(False)


def _between(value: Any, first: int, last: int) -> Any:
    """Longs, null where they lie outside of two others."""
    fits = pc.and_(pc.greater_equal(value, first), pc.less_equal(value, last))
    return pc.if_else(fits, value, pa.scalar(None, pa.int64()))


def _moment(value: Any) -> Any:
    return _between(value, FIRST_MICROS, LAST_MICROS).cast(_TYPES[Scalar.TIMESTAMP])


def _date(value: Any) -> Any:
    return _between(value, FIRST_DAY, LAST_DAY).cast(pa.int32()).cast(pa.date32())


def _replaced(values: tuple[Any, ...], _args: tuple[Node, ...], _kind: Plain) -> Any:
    text, found, instead = values
    return pc.replace_substring(text, found.as_py(), instead.as_py())


def _part(values: tuple[Any, ...], _args: tuple[Node, ...], _kind: Plain) -> Any:
    text, separator, number = values
    place = number.as_py()
    parts = pc.split_pattern(text, separator.as_py(), max_splits=place)
    return pc.binary_join(pc.list_slice(parts, place - 1, place), "")


def _like(values: tuple[Any, ...], _args: tuple[Node, ...], _kind: Plain) -> Any:
    words = {"%": ".*", "_": "."}
    pattern = "".join(words.get(sign) or re.escape(sign) for sign in values[1].as_py())
    return pc.match_substring_regex(values[0], rf"(?s)\A{pattern}\z")


def _size(value: Any) -> Any:
    # A map is a list of entries, which the kernel does not know.
    lengths = np.diff(value.offsets.to_numpy()) if pa.types.is_map(value.type) else None
    if lengths is None:
        return pc.list_value_length(value).cast(pa.int64())
    return pa.array(lengths, pa.int64(), mask=~_valid(value))


def _element(values: tuple[Any, ...], args: tuple[Node, ...], _kind: Plain) -> Any:
    held, place = values
    if isinstance(args[0].type, MapOf):
        return pc.map_lookup(held, place, "first")
    offsets = held.offsets.to_numpy().astype(np.int64)
    at = offsets[:-1] + (place.as_py() - 1)
    is_there = _valid(held) & (at < offsets[1:])
    return held.values.take(pa.array(np.where(is_there, at, 0), mask=~is_there))


_KERNELS: dict[Op, Kernel] = {
    Op.ADD: _arithmetic(pc.add, _add),
    Op.SUB: _arithmetic(pc.subtract, _subtract),
    Op.MUL: _arithmetic(pc.multiply, _multiply),
    Op.DIV: _simple(_divide),
    Op.MOD: lambda values, _args, _kind: _on_longs(_remainder, values),
    Op.NEG: _arithmetic(pc.negate, _negate),
    Op.ABS: _arithmetic(pc.abs, _absolute),
    Op.EQ: _simple(pc.equal),
    Op.NE: _simple(pc.not_equal),
    Op.LT: _simple(pc.less),
    Op.LE: _simple(pc.less_equal),
    Op.GT: _simple(pc.greater),
    Op.GE: _simple(pc.greater_equal),
    Op.AND: lambda values, _args, _kind: _folded(pc.and_kleene, values),
    Op.OR: lambda values, _args, _kind: _folded(pc.or_kleene, values),
    Op.NOT: _simple(pc.invert),
    Op.IS_NULL: _simple(pc.is_null),
    Op.IN: _is_in,
    Op.CASE: _case,
    Op.CAST: _cast,
    Op.COALESCE: _simple(pc.coalesce),
    Op.NULLIF: _simple(_nullif),
    Op.FLOOR: _rounded(pc.floor),
    Op.CEIL: _rounded(pc.ceil),
    Op.LEAST: _extreme(pc.min_element_wise),
    Op.GREATEST: _extreme(pc.max_element_wise),
    Op.CONCAT: _simple(_joined),
    Op.LOWER: _simple(pc.ascii_lower),
    Op.UPPER: _simple(pc.ascii_upper),
    Op.LENGTH: _length,
    Op.SUBSTRING: _substring,
    Op.ROUND: _rounded(partial(pc.round, round_mode="half_towards_infinity")),
    Op.FLOOR_DIV: lambda values, _args, _kind: _on_longs(_floor_divide, values),
    Op.FLOOR_MOD: lambda values, _args, _kind: _on_longs(_floor_remainder, values),
    Op.TRIM: _simple(partial(pc.utf8_trim, characters=" ")),
    Op.LTRIM: _simple(partial(pc.utf8_ltrim, characters=" ")),
    Op.RTRIM: _simple(partial(pc.utf8_rtrim, characters=" ")),
    Op.REPLACE: _replaced,
    Op.SPLIT_PART: _part,
    Op.LIKE: _like,
    Op.UNIX_MICROS: _simple(lambda value: value.cast(pa.int64())),
    Op.UNIX_DATE: _simple(lambda value: value.cast(pa.int32()).cast(pa.int64())),
    Op.TIMESTAMP_MICROS: _simple(_moment),
    Op.DATE_FROM_UNIX_DATE: _simple(_date),
    Op.YEAR: _simple(pc.year),
    Op.MONTH: _simple(pc.month),
    Op.DAY: _simple(pc.day),
    Op.DAYOFYEAR: _simple(pc.day_of_year),
    Op.SIZE: _simple(_size),
    Op.ELEMENT_AT: _element,
    Op.WIDEN: _widened,
    Op.NUMBER: _simple(_number),
}


def _folded(kernel: Callable[..., Any], values: tuple[Any, ...]) -> Any:
    result = values[0]
    for value in values[1:]:
        result = kernel(result, value)
    return result
