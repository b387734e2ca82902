"""Words that an expression gives a meaning, and words that no column can be called without double quotes."""

from __future__ import annotations

import re

KEYWORDS = frozenset({
    *("AND", "AS", "BETWEEN", "CASE", "ELSE", "END", "FALSE", "IN", "IS", "NOT", "NULL", "OR", "THEN", "TRUE", "WHEN")
})  # fmt: skip

FUNCTIONS = (
    *("ABS", "CAST", "CEIL", "COALESCE", "CONCAT", "FLOOR", "GREATEST", "IF", "LEAST", "LENGTH", "LOWER", "NULLIF"),
    *("SUBSTRING", "UPPER"),
)  # fmt: skip
"""Everything that may stand before a parenthesis. One call of each means the same on every engine."""

FORBIDDEN = frozenset(
    [
        "ALL",
        "ALTER",
        "ANY",
        "ATTACH",
        "CALL",
        "CONNECT_BY_ROOT",
        "COPY",
        "CREATE",
        "CROSS",
        "CURRENT_DATE",
        "CURRENT_TIME",
        "CURRENT_TIMESTAMP",
        "CURRENT_USER",
        "DELETE",
        "DISTINCT",
        "DROP",
        "EXCEPT",
        "EXECUTE",
        "EXISTS",
        "EXPLAIN",
        "FETCH",
        "FOR",
        "FROM",
        "GLOB",
        "GRANT",
        "HAVING",
        "ILIKE",
        "INNER",
        "INSERT",
        "INTERSECT",
        "INTERVAL",
        "INTO",
        "JOIN",
        "LATERAL",
        "LIKE",
        "NOTNULL",
        "ON",
        "OPTIMIZE",
        "OUTER",
        "OVER",
        "PARTITIONED_BY",
        "PREPARE",
        "QUALIFY",
        "REGEXP",
        "RENAME",
        "RETURNING",
        "REVOKE",
        "RLIKE",
        "ROLLBACK",
        "SELECT",
        "SET",
        "SHOW",
        "TABLESAMPLE",
        "UNCACHE",
        "UNION",
        "UNKNOWN",
        "UPDATE",
        "USING",
        "VACUUM",
        "VALUES",
        "WHERE",
        "WITH",
        "XOR",
    ]
)
"""Words that a SQL parser would read as something else than a name."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def is_plain_name(text: str) -> bool:
    """Whether a column of this name needs no quotes."""
    word = text.upper()
    is_taken = word in KEYWORDS or word in FORBIDDEN or word == "IF"
    return _NAME.fullmatch(text) is not None and not is_taken
