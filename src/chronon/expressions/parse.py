"""From text to a typed tree: sqlglot reads the grammar, an allow-list of its nodes is turned into ours."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import ClassVar

import sqlglot.errors
from sqlglot import exp
from sqlglot.parser import Parser
from sqlglot.tokenizer_core import TokenType

from chronon.expressions import build, functions, moments
from chronon.expressions.calls import FUNCTIONS, called
from chronon.expressions.errors import (
    NOT_ALLOWED,
    SYNTAX,
    TOO_LARGE,
    UNKNOWN_COLUMN,
    WRONG_TYPE,
    ExpressionError,
    did_you_mean,
)
from chronon.expressions.expansions import expanded
from chronon.expressions.guard import DIALECT, guarded_tokens
from chronon.expressions.tree import Column, Literal, Node, Op, Plain, weight
from chronon.model.types import DataType, Decimal, Scalar, parse_type

MAX_DEPTH = 100
MAX_WEIGHT = 20_000

_TYPES = {
    exp.DType.INT: Scalar.INT,
    exp.DType.BIGINT: Scalar.LONG,
    exp.DType.DOUBLE: Scalar.DOUBLE,
    exp.DType.TEXT: Scalar.STRING,
    exp.DType.BOOLEAN: Scalar.BOOLEAN,
    exp.DType.DATE: Scalar.DATE,
    exp.DType.TIMESTAMP: Scalar.TIMESTAMP,
    exp.DType.BINARY: Scalar.BINARY,
}
_ARITHMETIC: dict[type[exp.Expr], Op] = {
    exp.Add: Op.ADD,
    exp.Sub: Op.SUB,
    exp.Mul: Op.MUL,
    exp.Div: Op.DIV,
    exp.Mod: Op.MOD,
}
_COMPARISONS: dict[type[exp.Expr], Op] = {
    exp.EQ: Op.EQ,
    exp.NEQ: Op.NE,
    exp.LT: Op.LT,
    exp.LTE: Op.LE,
    exp.GT: Op.GT,
    exp.GTE: Op.GE,
}
_CONNECTIVES: dict[type[exp.Expr], Op] = {exp.And: Op.AND, exp.Or: Op.OR}


class _Grammar(Parser):
    """sqlglot's grammar without its functions: all but CAST stay names with arguments, each with its place."""

    FUNCTIONS: ClassVar[dict[str, Callable[..., exp.Expr]]] = {}
    FUNCTION_PARSERS: ClassVar[dict[str, Callable[[Parser], exp.Expr | None]]] = {
        "CAST": Parser.FUNCTION_PARSERS["CAST"]
    }
    NO_PAREN_FUNCTION_PARSERS: ClassVar[dict[str, Callable[[Parser], exp.Expr | None]]] = {
        "CASE": Parser.NO_PAREN_FUNCTION_PARSERS["CASE"]
    }
    SUBQUERY_PREDICATES: ClassVar[dict[TokenType, type[exp.SubqueryPredicate]]] = {}


Constant = Callable[[str, bool], Literal]
"""From the text of a constant, without quotes, and whether it is a string."""


def written_constant(text: str, is_string: bool) -> Literal:
    """The constant that a text is. Errors: CHR-X001 when it is no number, CHR-X004 when it does not fit."""
    if is_string:
        return build.literal(text)
    try:
        return build.literal(int(text) if text.removeprefix("-").isdigit() else float(text))
    except ValueError as cause:
        raise ExpressionError(SYNTAX, f"`{text}` is no number", "an exponent is a whole number: 1e-3") from cause


def parsed(sql: str, columns: Mapping[str, DataType], constant: Constant = written_constant) -> Node:
    """The typed tree of one expression over these columns. constant: what stands in it for each constant.

    Errors: ExpressionError: CHR-X001 no expression, CHR-X002 a construct that is not allowed, CHR-X003 an unknown
    column, CHR-X004 types that do not fit, CHR-X005 an unknown function, CHR-X006 too long or nested too deeply.
    """
    node = _Reader(columns, constant).node(_parsed(sql), 0)
    if weight(expanded(node)) > MAX_WEIGHT:
        raise ExpressionError(TOO_LARGE, "the expression is too large for some engine", "split it in two")
    return node if isinstance(node, Column) else build.settled(node)


def _parsed(sql: str) -> exp.Expr:
    tokens = guarded_tokens(sql)
    try:
        (tree,) = _Grammar(dialect=DIALECT).parse_into(exp.Condition, list(tokens), sql)
    except sqlglot.errors.ParseError as cause:
        raise _syntax_error(sql, cause) from cause
    if tree is None:
        raise ExpressionError(SYNTAX, "the expression is empty", "name a column or compute something", 0)
    return tree


def _syntax_error(sql: str, cause: sqlglot.errors.ParseError) -> ExpressionError:
    found = cause.errors[0] if cause.errors else {}
    line, column, word = found.get("line"), found.get("col"), found.get("highlight") or ""
    if line is None or column is None:
        return ExpressionError(SYNTAX, "this is no expression", "")
    lines = sql.splitlines(keepends=True)
    offset = sum(map(len, lines[: line - 1])) + max(column - len(word), 0)
    where = f"at `{word}`" if word else "at its end"
    opened = re.sub("'[^']*'", "", sql)
    more = opened.count("(") - opened.count(")")
    hint = "close the parenthesis" if more > 0 else "there is no parenthesis to close" if more < 0 else ""
    return ExpressionError(SYNTAX, f"this is no expression: it goes wrong {where}", hint, min(offset, len(sql)))


class _Reader:
    """Turns sqlglot's nodes into ours; a node of a class that is not listed is refused."""

    def __init__(self, columns: Mapping[str, DataType], constant: Constant) -> None:
        self._columns = columns
        self._constant = constant

    def node(self, found: exp.Expr, depth: int) -> Node:
        """The tree below a node. Errors are given the place of the first token below it that is known."""
        if depth > MAX_DEPTH:
            message = f"the expression is nested more than {MAX_DEPTH} deep"
            raise ExpressionError(TOO_LARGE, message, "split it in two", _offset(found))
        if isinstance(found, exp.Paren):
            return self.node(found.this, depth + 1)
        try:
            return self.read(found, depth + 1)
        except ExpressionError as error:
            if error.offset is None:
                raise ExpressionError(error.code, error.message, error.hint, _offset(found)) from error
            raise

    def read(self, found: exp.Expr, depth: int) -> Node:
        kind = type(found)
        if reader := _READERS.get(kind):
            return reader(self, found, depth)
        pair: tuple[exp.Expr, ...] = (found.this, found.args.get("expression", found.this))
        if op := _CONNECTIVES.get(kind):
            return build.connective(op, [self.node(part, depth) for part in pair])
        if op := _ARITHMETIC.get(kind):
            return build.arithmetic(op, *[self.node(part, depth) for part in pair])
        if op := _COMPARISONS.get(kind):
            return build.comparison(op, *[self.comparable(part, depth) for part in pair])
        raise _refused(found)

    def call(self, found: exp.Expr, depth: int) -> Node:
        function = FUNCTIONS.get(str(found.this).upper())
        if function is None:
            raise _refused(found)
        reader = self.optional if function.takes_null else self.node
        return called(function, [reader(part, depth) for part in found.expressions])

    def like(self, found: exp.Expr, depth: int) -> Node:
        test = functions.like(self.node(found.this, depth), self.node(found.expression, depth))
        return build.negation(test) if found.args.get("negate") else test

    def comparable(self, found: exp.Expr, depth: int) -> Node:
        if isinstance(found.unnest(), exp.Null):
            raise ExpressionError(WRONG_TYPE, "a comparison with NULL is never true", "use IS NULL or IS NOT NULL")
        return self.node(found, depth)

    def optional(self, found: exp.Expr | None, depth: int) -> Node | None:
        """The node; None for NULL, whose type its neighbours decide."""
        return None if found is None or isinstance(found.unnest(), exp.Null) else self.node(found, depth)

    def column(self, found: exp.Expr, _depth: int) -> Node:
        if not isinstance(found.this, exp.Identifier) or found.args.get("table"):
            raise _refused(found)
        name = found.name
        if name not in self._columns:
            hint = did_you_mean(name, self._columns, "columns")
            if not hint.startswith("did") and (found.this.quoted or name != name.lower()):
                hint = f"a text stands in single quotes: '{name}'"
            raise ExpressionError(UNKNOWN_COLUMN, f"there is no column `{name}`", hint)
        return Column(name=name, type=self._columns[name])

    def literal(self, found: exp.Expr, _depth: int) -> Node:
        return self._constant(str(found.this), bool(found.is_string))

    def negative(self, found: exp.Expr, depth: int) -> Node:
        inner = found.this
        if isinstance(inner, exp.Literal) and not inner.is_string and str(inner.this).isdigit():
            return self._constant(f"-{inner.this}", False)
        return build.negative(self.node(inner, depth))

    def truth_test(self, found: exp.Expr, depth: int) -> Node:
        match found.expression:
            case exp.Null():
                return build.is_null(self.node(found.this, depth))
            case exp.Boolean(this=wanted):
                return functions.truth(self.node(found.this, depth), bool(wanted))
            case _:
                hint = "compare with =; EQUAL_NULL(a, b) takes two nulls as equal"
                raise ExpressionError(
                    NOT_ALLOWED, "IS is followed by NULL, TRUE or FALSE, or by NOT and one of them", hint
                )

    def membership(self, found: exp.Expr, depth: int) -> Node:
        if any(found.args.get(name) for name in ("query", "unnest", "field")):
            raise _refused(found)
        items = [self.comparable(item, depth) for item in found.expressions]
        return build.member(self.comparable(found.this, depth), items)

    def between(self, found: exp.Expr, depth: int) -> Node:
        if found.args.get("symmetric"):
            raise _refused(found)
        value, low, high = (self.comparable(found.args[name], depth) for name in ("this", "low", "high"))
        bounds = (build.comparison(Op.GE, value, low), build.comparison(Op.LE, value, high))
        return build.connective(Op.AND, bounds)

    def choice(self, found: exp.Expr, depth: int) -> Node:
        subject = self.node(found.this, depth) if found.this else None
        branches: list[tuple[Node, Node | None]] = []
        for branch in found.args["ifs"]:
            if subject is None:
                condition = self.node(branch.this, depth)
            else:
                condition = build.comparison(Op.EQ, subject, self.comparable(branch.this, depth))
            branches.append((condition, self.optional(branch.args["true"], depth)))
        return build.case(branches, self.optional(found.args.get("default"), depth))

    def conversion(self, found: exp.Expr, depth: int) -> Node:
        target = found.args["to"]
        kind = _target(target)
        if kind is None or found.args.get("format") or found.args.get("default"):
            names = "int, long, double, string, boolean, date, timestamp, binary, decimal(12,2)"
            raise ExpressionError(WRONG_TYPE, f"CAST does not know the type {target.sql()}", f"types: {names}")
        return moments.cast(self.optional(found.this, depth), kind)

    def untyped_null(self, _found: exp.Expr, _depth: int) -> Node:
        raise ExpressionError(WRONG_TYPE, "NULL has no type here", "CAST(NULL AS long) has one")


def _target(target: exp.Expr) -> Plain | None:
    """The type that a CAST names; None when it names none."""
    if target.this is exp.DType.DECIMAL:
        found = parse_type(f"decimal({','.join(part.name for part in target.expressions)})")
        return found if isinstance(found, Decimal) else None
    return None if target.expressions else _TYPES.get(target.this)


def _refused(found: exp.Expr) -> ExpressionError:
    message = f"`{found.sql()}` is not allowed in an expression"
    hint = _INSTEAD.get(type(found), "an expression computes one value from the columns of one row")
    return ExpressionError(NOT_ALLOWED, message, hint)


_INSTEAD: dict[type[exp.Expr], str] = {
    exp.NullSafeEQ: "EQUAL_NULL(a, b) takes two nulls as equal",
    exp.NullSafeNEQ: "NOT EQUAL_NULL(a, b) takes two nulls as equal",
    exp.Escape: "`%` and `_` are always wildcards; SUBSTRING and = compare them as they are",
}


def _offset(found: exp.Expr) -> int | None:
    starts = [part.meta["start"] for part in found.walk() if "start" in part.meta]
    return min(starts, default=None)


_READERS: dict[type[exp.Expr], Callable[[_Reader, exp.Expr, int], Node]] = {
    exp.Column: _Reader.column,
    exp.Literal: _Reader.literal,
    exp.Boolean: lambda _self, found, _depth: Literal(value=bool(found.this), type=Scalar.BOOLEAN),
    exp.Null: _Reader.untyped_null,
    exp.Neg: _Reader.negative,
    exp.Not: lambda self, found, depth: build.negation(self.node(found.this, depth)),
    exp.Is: _Reader.truth_test,
    exp.In: _Reader.membership,
    exp.Between: _Reader.between,
    exp.Like: _Reader.like,
    exp.Case: _Reader.choice,
    exp.Cast: _Reader.conversion,
    exp.Anonymous: _Reader.call,
    exp.DPipe: lambda self, found, depth: build.concatenation(
        [self.node(found.this, depth), self.node(found.expression, depth)]
    ),
}
