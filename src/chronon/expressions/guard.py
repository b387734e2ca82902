"""The first look at an expression: its tokens. What is refused here never reaches a parser.

Names, numbers, strings, the operators listed below and calls of listed functions pass; comments, statements,
placeholders, casts by `::`, brackets and templates do not, whatever a parser would make of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import Token, TokenType
from sqlglot.tokens import Tokenizer

from chronon.expressions import instead
from chronon.expressions.errors import (
    NOT_ALLOWED,
    SYNTAX,
    TOO_LARGE,
    UNKNOWN_FUNCTION,
    ExpressionError,
)
from chronon.expressions.words import FORBIDDEN, FUNCTIONS, KEYWORDS

DIALECT = Dialect()
"""sqlglot's own; it would make one for every expression."""
MAX_CHARACTERS = 4_000
MAX_NESTING = 32

_SYMBOLS = frozenset({"(", ")", ",", "+", "-", "*", "/", "%", "=", "<>", "!=", "<", "<=", ">", ">=", "||"})
_OPERATORS = "+ - * / % = <> < <= > >= || AND OR NOT IN BETWEEN LIKE IS NULL"
_DATA = frozenset({TokenType.STRING, TokenType.NUMBER, TokenType.IDENTIFIER})
_HINTS = {
    "::": "write CAST(x AS type)",
    ".": "columns are named without a table",
    ";": "one expression, nothing behind it",
    "==": "write `=`",
    "[": "values of a list stand in parentheses: IN ('a', 'b')",
    "&&": "write AND",
    "&": "write AND",
    "|": "write OR, or || to put texts together",
    "!": "write NOT",
    "?": "write IF(condition, value, otherwise)",
    "`": 'quote names with double quotes: "name"',
}


def guarded_tokens(sql: str) -> Sequence[Token]:
    """The tokens of an expression that holds nothing forbidden.

    Errors: CHR-X001 when there is no expression or a quote is open, CHR-X002 for a forbidden token,
    CHR-X005 for a call of an unlisted function, CHR-X006 when it is too long or nested too deeply.
    """
    if len(sql) > MAX_CHARACTERS:
        raise ExpressionError(TOO_LARGE, f"the expression has {len(sql)} characters, at most {MAX_CHARACTERS} can be")
    _refuse_control_characters(sql)
    try:
        tokens: Sequence[Token] = Tokenizer(dialect=DIALECT).tokenize(sql)
    except TokenError as cause:
        raise ExpressionError(SYNTAX, "the expression ends inside a quotation", "close the quote") from cause
    if not tokens:
        raise ExpressionError(SYNTAX, "the expression is empty", "name a column or compute something", 0)
    for token in tokens:
        _check_token(sql, token)
    for token, following in pairwise(tokens):
        _check_neighbours(token, following)
    _check_nesting(tokens)
    return tokens


def _refuse_control_characters(sql: str) -> None:
    for offset, character in enumerate(sql):
        if (character < " " and character not in "\t\n\r") or "\ud800" <= character <= "\udfff":
            raise ExpressionError(NOT_ALLOWED, f"the character {character!r} cannot stand here", "", offset)


def _check_token(sql: str, token: Token) -> None:
    if token.comments:
        raise ExpressionError(
            NOT_ALLOWED, "an expression holds no comments", "use a YAML comment", _comment_offset(sql, token)
        )
    written = sql[token.start : token.end + 1]
    if token.token_type in _DATA:
        if token.token_type is TokenType.STRING and not written.startswith("'"):
            raise ExpressionError(NOT_ALLOWED, "only plain 'strings' can be written", "", token.start)
        return
    if _is_word(written):
        if written.upper() in FORBIDDEN:
            hint = instead.for_word(written) or f"operators: {_OPERATORS}"
            hint += f'; a column of that name is written "{written}"'
            raise ExpressionError(NOT_ALLOWED, f"`{written}` cannot stand in an expression", hint, token.start)
        return
    if written not in _SYMBOLS:
        hint = _HINTS.get(written, f"operators: {_OPERATORS}")
        raise ExpressionError(NOT_ALLOWED, f"`{written}` cannot stand in an expression", hint, token.start)


def _comment_offset(sql: str, token: Token) -> int:
    found = [at for mark in ("--", "/*", "#", "//") if (at := sql.find(mark)) >= 0]
    return min(found, default=token.start)


def _is_word(text: str) -> bool:
    return text.isidentifier() and text.isascii()


def _check_neighbours(token: Token, following: Token) -> None:
    """A name before a parenthesis is a call, except of the type `decimal(12,2)`; two data tokens side by side are no expression."""
    if token.token_type is following.token_type is TokenType.STRING:
        hint = "|| puts strings together; a quote within a string is written twice"
        raise ExpressionError(SYNTAX, "two strings stand side by side", hint, following.start)
    word = token.text.upper()
    is_name = token.token_type is TokenType.IDENTIFIER or (_is_word(token.text) and token.token_type not in _DATA)
    if following.text == "(" and following.token_type not in _DATA and is_name:
        is_quoted = token.token_type is TokenType.IDENTIFIER
        if is_quoted or word not in (*FUNCTIONS, *KEYWORDS, "DECIMAL"):
            hint = instead.for_function(token.text)
            raise ExpressionError(UNKNOWN_FUNCTION, f"there is no function `{token.text}`", hint, token.start)
    if word == "IF" and token.token_type not in _DATA and following.text != "(":
        raise ExpressionError(SYNTAX, "`IF` needs its parentheses", "IF(condition, value, otherwise)", token.start)


def _check_nesting(tokens: Sequence[Token]) -> None:
    """Bound the parser's recursion: open parentheses and CASEs, and NOT or minus signs in a row."""
    depth, prefixes = 0, 0
    for token in tokens:
        word = "" if token.token_type in _DATA else token.text.upper()
        depth += (word in {"(", "CASE"}) - (word in {")", "END"})
        prefixes = prefixes + 1 if word in {"NOT", "-", "+"} else prefixes * (word in {"(", "CASE", "="})
        if depth + prefixes > MAX_NESTING:
            raise ExpressionError(
                TOO_LARGE, f"the expression is nested more than {MAX_NESTING} deep", "split it in two", token.start
            )
