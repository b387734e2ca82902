"""One SQL expression language with one meaning on every engine.

An expression is parsed once into a small typed tree; everything else is generated from that tree: canonical text,
the SQL of each engine, a vectorised function on Arrow arrays, a closure on one row. Its rules: docs/expressions.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from chronon.expressions.errors import ExpressionError
from chronon.model.definitions import Selected
from chronon.model.types import DataType

if TYPE_CHECKING:
    import pyarrow as pa

    from chronon.expressions.tree import Node

Dialect = Literal["duckdb", "spark", "flink"]
ArrowFunction = Callable[[Mapping[str, "pa.Array"], int], "pa.Array"]
RowFunction = Callable[[Mapping[str, Any]], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """What an expression says.

    sql:   canonical text: the same for all spellings that differ in white space, case of keywords, parentheses.
    type:  of its value.  reads: the columns that it needs, sorted.
    """

    sql: str
    type: DataType
    reads: tuple[str, ...]

    def named(self, name: str) -> Selected:
        """The column that it yields under a name."""
        return Selected(name=name, expression=self.sql, type=self.type, reads=self.reads)


def analyse(sql: str, columns: Mapping[str, DataType], aliases: Mapping[str, str] | None = None) -> Expression:
    """The expression over columns of these types. aliases: former name → the name that it is canonical under.

    Errors: ExpressionError with `offset`: CHR-X001 no expression, CHR-X002 a construct that is not allowed,
    CHR-X003 an unknown column, CHR-X004 types that do not fit, CHR-X005 an unknown function, CHR-X006 too large.
    """
    from chronon.expressions.text import canonical
    from chronon.expressions.tree import reads, renamed

    node = _tree(sql, columns)
    if aliases:
        node = renamed(node, aliases)
    return Expression(sql=canonical(node), type=node.type, reads=reads(node))


def to_sql(sql: str, columns: Mapping[str, DataType], dialect: Dialect) -> str:
    """The expression in the SQL of an engine, generated from its tree, names quoted. Errors: as `analyse`."""
    from chronon.expressions.dialects import generated

    return generated(_expanded(sql, columns), dialect)


def arrow_function(sql: str, columns: Mapping[str, DataType]) -> ArrowFunction:
    """The function from arrays of equal length, and that length, to the array of values. Errors: as `analyse`."""
    from chronon.expressions.arrow import vectorised

    return vectorised(_expanded(sql, columns))


def row_function(sql: str, columns: Mapping[str, DataType]) -> RowFunction:
    """The function from one row to its value.

    The row holds every column that is read, each in the Python type of its type: a double is a float, never an int.
    Errors: as `analyse`.
    """
    from chronon.expressions.closures import compiled

    return compiled(_expanded(sql, columns))


def _expanded(sql: str, columns: Mapping[str, DataType]) -> Node:
    """The tree that engines are given."""
    from chronon.expressions.expansions import expanded

    return expanded(_tree(sql, columns))


def _tree(sql: str, columns: Mapping[str, DataType]) -> Node:
    from chronon.expressions.bare import bare_column

    if node := bare_column(sql, columns):
        return node
    from chronon.expressions.parse import parsed

    return parsed(sql, columns)


__all__ = [
    "ArrowFunction",
    "Dialect",
    "Expression",
    "ExpressionError",
    "RowFunction",
    "analyse",
    "arrow_function",
    "row_function",
    "to_sql",
]
