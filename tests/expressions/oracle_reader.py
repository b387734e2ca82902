"""Reads an expression once more, naively, and computes it on one row: the other half of `oracle`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from oracle import (
    FUNCTIONS,
    NULL,
    Value,
    arithmetic,
    cast,
    chosen,
    compared,
    is_like,
    logical,
    minus,
    negated,
    number,
    strict,
)

TOKENS = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)|(?P<word>[A-Za-z_]\w*)|"(?P<name>(?:[^"]|"")*)"|'(?P<text>(?:[^']|'')*)'"""
    r"""|(?P<sign><>|!=|<=|>=|\|\||[-+*/%=<>(),]))"""
)
TYPES = {"integer": "int", "bigint": "long"}


def meaning(text: str, kinds: Mapping[str, str], row: Mapping[str, Any]) -> Any:
    """The value of an expression on a row of columns of these types."""
    reader = Reader(text, kinds, row)
    found = reader.either()
    assert reader.word is None, f"left over in {text}: {reader.word}"
    return found.value if reader.is_bare else number(found).value


class Reader:
    """Reads an expression from left to right and computes as it goes."""

    def __init__(self, text: str, kinds: Mapping[str, str], row: Mapping[str, Any]) -> None:
        found = list(TOKENS.finditer(text.rstrip()))
        assert sum(len(match[0]) for match in found) == len(text.rstrip()), text
        self.tokens = [(match.lastgroup, match[match.lastgroup or 0]) for match in found]
        self.is_bare = len([kind for kind, token in self.tokens if token not in {"(", ")"}]) == 1
        self.at, self.kinds, self.row = 0, kinds, row

    @property
    def word(self) -> str | None:
        """The keyword or sign that comes next, in capitals."""
        if self.at == len(self.tokens):
            return None
        kind, text = self.tokens[self.at]
        return text.upper() if kind in {"word", "sign"} else f"<{kind}>"

    def takes(self, *words: str) -> str | None:
        if self.word not in words:
            return None
        self.at += 1
        return self.tokens[self.at - 1][1].upper()

    def demand(self, word: str) -> None:
        assert self.takes(word), f"wanted {word}, found {self.word}"

    def either(self) -> Value:
        values = [self.both()]
        while self.takes("OR"):
            values.append(self.both())
        return logical(values, decisive=True) if len(values) > 1 else values[0]

    def both(self) -> Value:
        values = [self.negation()]
        while self.takes("AND"):
            values.append(self.negation())
        return logical(values, decisive=False) if len(values) > 1 else values[0]

    def negation(self) -> Value:
        return negated(self.negation()) if self.takes("NOT") else self.relation()

    def relation(self) -> Value:
        left = self.joined()
        while self.word in {"=", "<>", "!=", "<", "<=", ">", ">=", "IS", "IN", "BETWEEN", "LIKE", "NOT"}:
            left = self.related(left)
        return left

    def related(self, left: Value) -> Value:
        if sign := self.takes("=", "<>", "!=", "<", "<=", ">", ">="):
            return compared(sign, left, self.joined())
        if self.takes("IS"):
            is_not = self.takes("NOT")
            wanted = {"NULL": None, "TRUE": True, "FALSE": False}[self.takes("NULL", "TRUE", "FALSE") or ""]
            found = Value("boolean", number(left).value is wanted, left.constant)
            return negated(found) if is_not else found
        is_not = self.takes("NOT")
        found = self.membership(left) if self.takes("IN") else self.range_or_pattern(left)
        return negated(found) if is_not else found

    def membership(self, left: Value) -> Value:
        self.demand("(")
        return logical([compared("=", left, item) for item in self.items()], decisive=True)

    def range_or_pattern(self, left: Value) -> Value:
        if self.takes("LIKE"):
            return strict("boolean", is_like, left, self.joined())
        self.demand("BETWEEN")
        low = self.joined()
        self.demand("AND")
        return logical([compared(">=", left, low), compared("<=", left, self.joined())], decisive=False)

    def joined(self) -> Value:
        left = self.sum()
        while self.takes("||"):
            left = FUNCTIONS["CONCAT"](left, self.sum())
        return left

    def sum(self) -> Value:
        left = self.product()
        while sign := self.takes("+", "-"):
            left = arithmetic(sign, left, self.product())
        return left

    def product(self) -> Value:
        left = self.unary()
        while sign := self.takes("*", "/", "%"):
            left = arithmetic(sign, left, self.unary())
        return left

    def unary(self) -> Value:
        if not self.takes("-"):
            return self.single()
        if self.word == "<number>" and self.tokens[self.at][1].isdigit():
            self.at += 1
            return Value("long", -int(self.tokens[self.at - 1][1]), constant=True)
        return minus(self.unary())

    def single(self) -> Value:
        if self.takes("("):
            found = self.either()
            self.demand(")")
            return found
        if self.takes("CASE"):
            return self.case()
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            return (
                Value("long", int(text), constant=True)
                if text.isdigit()
                else Value("double", float(text), constant=True)
            )
        if kind == "text":
            return Value("string", text.replace("''", "'"), constant=True)
        return self.named(text.replace('""', '"')) if kind == "name" else self.word_or_call(text)

    def named(self, name: str) -> Value:
        return Value(self.kinds[name], self.row[name])

    def word_or_call(self, text: str) -> Value:
        word = text.upper()
        if word in {"TRUE", "FALSE", "NULL"}:
            return NULL if word == "NULL" else Value("boolean", word == "TRUE", constant=True)
        if word in {"DATE", "TIMESTAMP"} and self.word == "<text>":
            return cast(self.single(), word.lower())
        if not self.takes("("):
            return self.named(text)
        if word == "CAST":
            return self.conversion()
        return FUNCTIONS[word](*self.items())

    def items(self) -> list[Value]:
        found = [self.either()]
        while self.takes(","):
            found.append(self.either())
        self.demand(")")
        return found

    def conversion(self) -> Value:
        value = self.either()
        self.demand("AS")
        kind = self.tokens[self.at][1].lower()
        self.at += 1
        if kind == "decimal":
            self.demand("(")
            digits = [digit.value for digit in self.items()]
            kind = f"decimal({digits[0]},{digits[1]})"
        self.demand(")")
        return cast(value, TYPES.get(kind, kind))

    def case(self) -> Value:
        subject = None if self.word == "WHEN" else self.either()
        branches = []
        while self.takes("WHEN"):
            condition = self.either()
            condition = condition if subject is None else compared("=", subject, condition)
            self.demand("THEN")
            branches.append((condition, self.either()))
        otherwise = self.either() if self.takes("ELSE") else NULL
        self.demand("END")
        return chosen(branches, otherwise)
