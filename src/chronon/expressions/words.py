"""Words that an expression gives a meaning, and words that no column can be called without double quotes."""

from __future__ import annotations

import re

KEYWORDS = frozenset({
    *("AND", "AS", "BETWEEN", "CASE", "ELSE", "END", "FALSE", "IN", "IS", "LIKE", "NOT", "NULL", "OR", "THEN", "TRUE", "WHEN")
})  # fmt: skip

FUNCTIONS = (
    *("ABS", "CAST", "CEIL", "COALESCE", "CONCAT", "DATEDIFF", "DATE_ADD", "DATE_FROM_UNIX_DATE", "DATE_TRUNC", "DAY"),
    *("DAYOFWEEK", "DAYOFYEAR", "ELEMENT_AT", "EQUAL_NULL", "FLOOR", "GREATEST", "HOUR", "IF", "LEAST", "LENGTH", "LOWER", "LTRIM"),
    *("MINUTE", "MOD", "MONTH", "NULLIF", "QUARTER", "REPLACE", "ROUND", "RTRIM", "SECOND", "SIGN", "SIZE"),
    *("SPLIT_PART", "SUBSTRING", "TIMESTAMP_MICROS", "TIMESTAMP_MILLIS", "TIMESTAMP_SECONDS", "TRIM", "UNIX_DATE"),
    *("UNIX_MICROS", "UNIX_MILLIS", "UNIX_SECONDS", "UPPER", "YEAR"),
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

SPOKEN = frozenset({
    *("ARRAY", "ASYMMETRIC", "DESCRIBE", "LIST", "MAP", "NULLABLE", "OBJECT", "RANGE", "STRUCT", "SYMMETRIC"),
})  # fmt: skip
"""Words that are names of columns in most places, and that a SQL parser reads as something else in some."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def is_plain_name(text: str) -> bool:
    """Whether a column of this name needs no quotes."""
    word = text.upper()
    is_taken = word in KEYWORDS or word in FORBIDDEN or word == "IF"
    return _NAME.fullmatch(text) is not None and not is_taken
