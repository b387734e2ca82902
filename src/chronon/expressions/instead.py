"""What to write instead of functions and words of SQL that expressions do not have, and why they do not have them."""

from __future__ import annotations

from chronon.expressions.errors import did_you_mean
from chronon.expressions.words import FUNCTIONS

_LAST_BIT = "engines differ in its last bit, so training and serving would: compute it where the feature is read"
_MOMENT = "it has another value whenever it is asked, in training and in serving: use the row's own time"
_MANY_ROWS = "an expression sees one row: put it into `aggregations`"
_PATTERNS = "engines read such patterns in different ways; LIKE, REPLACE and SPLIT_PART mean the same on all"
_PARTS = "write YEAR(x), QUARTER(x), MONTH(x), DAY(x), DAYOFWEEK(x), DAYOFYEAR(x), HOUR(x), MINUTE(x) or SECOND(x)"
_CAST = "write CAST(x AS type): what does not fit is null"

_FUNCTIONS: dict[str, str] = {
    **dict.fromkeys(("LN", "LOG", "LOG2", "LOG10", "LOG1P", "EXP", "EXPM1", "POW", "POWER", "SQRT", "CBRT"), _LAST_BIT),
    **dict.fromkeys(("SIN", "COS", "TAN", "ASIN", "ACOS", "ATAN", "ATAN2", "SINH", "COSH", "TANH"), _LAST_BIT),
    **dict.fromkeys(("NOW", "GETDATE", "SYSDATE", "RAND", "RANDOM", "UUID", "TODAY"), _MOMENT),
    **dict.fromkeys(("SUM", "COUNT", "AVG", "MEAN", "STDDEV", "VARIANCE", "COLLECT_LIST", "ARRAY_AGG"), _MANY_ROWS),
    "MIN": f"LEAST(a, b) compares columns; {_MANY_ROWS}",
    "MAX": f"GREATEST(a, b) compares columns; {_MANY_ROWS}",
    **dict.fromkeys(("REGEXP_REPLACE", "REGEXP_EXTRACT", "REGEXP_LIKE", "REGEXP_MATCHES", "RLIKE"), _PATTERNS),
    **dict.fromkeys(("IFNULL", "NVL", "ZEROIFNULL"), "write COALESCE(a, b)"),
    "NVL2": "write IF(x IS NOT NULL, a, b)",
    **dict.fromkeys(("ISNULL", "ISNAN"), "write x IS NULL: NaN is null here"),
    "CEILING": "write CEIL(x)",
    **dict.fromkeys(("TRUNC", "TRUNCATE"), "write CAST(x AS long), which drops the fraction, or DATE_TRUNC('unit', x)"),
    **dict.fromkeys(("CHAR_LENGTH", "CHARACTER_LENGTH", "LEN"), "write LENGTH(text)"),
    **dict.fromkeys(("CARDINALITY", "ARRAY_LENGTH", "ARRAY_SIZE", "MAP_SIZE"), "write SIZE(x)"),
    **dict.fromkeys(("SUBSTR", "LEFT", "MID"), "write SUBSTRING(text, start, count)"),
    "BTRIM": "write TRIM(text)",
    "CONCAT_WS": "write a || ', ' || b",
    "LCASE": "write LOWER(text)",
    "UCASE": "write UPPER(text)",
    **dict.fromkeys(("STARTS_WITH", "STARTSWITH"), "write text LIKE 'start%'"),
    **dict.fromkeys(("ENDS_WITH", "ENDSWITH"), "write text LIKE '%end'"),
    **dict.fromkeys(("CONTAINS", "INSTR", "POSITION", "LOCATE", "STRPOS"), "write text LIKE '%part%'"),
    **dict.fromkeys(("TRY_CAST", "SAFE_CAST", "CONVERT", "TRY_CONVERT"), _CAST),
    **dict.fromkeys(("DATE", "TO_DATE"), "write CAST(x AS date)"),
    "TO_TIMESTAMP": "write TIMESTAMP_MILLIS(x), or CAST(x AS timestamp) of a date",
    "FROM_UNIXTIME": "write TIMESTAMP_SECONDS(x)",
    **dict.fromkeys(("UNIX_TIMESTAMP", "TO_UNIXTIME", "EPOCH"), "write UNIX_MILLIS(x), or UNIX_SECONDS(x)"),
    **dict.fromkeys(("EPOCH_MS", "TO_MILLIS"), "write UNIX_MILLIS(x)"),
    "EPOCH_US": "write UNIX_MICROS(x)",
    **dict.fromkeys(("DATE_DIFF", "TIMESTAMPDIFF"), "write DATEDIFF(end, start) for days, or subtract UNIX_MILLIS(x)"),
    "DATE_SUB": "write DATE_ADD(date, -days)",
    "DATEADD": "write DATE_ADD(date, days)",
    **dict.fromkeys(("EXTRACT", "DATE_PART", "DATEPART"), _PARTS),
    **dict.fromkeys(("DAYOFMONTH", "DAY_OF_MONTH"), "write DAY(x)"),
    **dict.fromkeys(("WEEKDAY", "DAY_OF_WEEK", "ISODOW"), "write DAYOFWEEK(x): Sunday is 1"),
    "DAY_OF_YEAR": "write DAYOFYEAR(x)",
    **dict.fromkeys(("WEEK", "WEEKOFYEAR"), "write DATE_TRUNC('week', x)"),
}

_WORDS: dict[str, str] = {
    "DISTINCT": "EQUAL_NULL(a, b) takes two nulls as equal",
    "ILIKE": "write LOWER(text) LIKE 'pattern'",
    "UNKNOWN": "write IS NULL",
    **dict.fromkeys(("OVER", "PARTITION", "QUALIFY"), "an expression sees one row: windows stand in `aggregations`"),
    **dict.fromkeys(
        ("SELECT", "FROM"), "an expression makes one column of a row: name what it computes, without SELECT"
    ),
    "GROUP": "rows are grouped by `keys`",
    "JOIN": "tables are joined by a join, with the group_by as one of its `parts`",
    "INTERVAL": "DATE_ADD(date, days) adds days; a time in milliseconds is added to as a number",
    **dict.fromkeys(("CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP"), _MOMENT),
    **dict.fromkeys(("RLIKE", "REGEXP", "GLOB"), _PATTERNS),
}


def for_function(name: str) -> str:
    """What to write instead of a call of that name: its equal here, the nearest names, or where all stand."""
    word = name.upper()
    if word in _FUNCTIONS:
        return _FUNCTIONS[word]
    found = did_you_mean(word, FUNCTIONS, "functions")
    return found if found.startswith("did") else "`chronon explain CHR-X005` lists the functions"


def for_word(word: str) -> str | None:
    """What to write instead of a word that cannot stand in an expression; None when there is nothing."""
    return _WORDS.get(word.upper())
