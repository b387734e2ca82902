"""What somebody meant who wrote a text that is no type."""

from __future__ import annotations

import re

from chronon.loaders.nearest import nearest
from chronon.model.types import MAX_PRECISION, Scalar, parse_type

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?!\w*\s*:)")
_KNOWN = (*Scalar, "decimal", "list", "map", "struct")
_ELSEWHERE = {
    **dict.fromkeys(("bigint", "int64", "integer64"), "long"),
    **dict.fromkeys(("integer", "int32", "smallint", "int16", "short", "tinyint", "int8", "byte"), "int"),
    **dict.fromkeys(("float32", "real"), "float"),
    **dict.fromkeys(("float64", "number"), "double"),
    **dict.fromkeys(("text", "varchar", "char", "str", "utf8"), "string"),
    **dict.fromkeys(("bytes", "blob", "varbinary", "bytea"), "binary"),
    **dict.fromkeys(("datetime", "timestamptz", "timestamp_ltz", "instant"), "timestamp"),
    **dict.fromkeys(("numeric", "dec"), "decimal"),
    **dict.fromkeys(("array", "sequence"), "list"),
    **dict.fromkeys(("object", "dict"), "map"),
    **dict.fromkeys(("row", "record", "tuple"), "struct"),
    "bool": "boolean",
}
"""Words that other systems have for our types."""
_LENGTH = re.compile(r"(?<=\b(?:string|binary))\(\d+\)|(?<=\bstring)\(max\)", re.IGNORECASE)
"""What texts have elsewhere: a length."""
_LONGEST = 500
"""Characters of a text in which somebody can have meant a type; every word is compared with every type."""


def type_hint(text: str) -> str:
    """The nearest type, or how the one that was tried is written; empty when nothing is near."""
    if len(text) > _LONGEST:
        return ""
    if re.search(r"\b(map|struct|decimal)\b", text) and (_opens_more(text, "<", ">") or _opens_more(text, "(", ")")):
        return "inside { } a comma ends the value: write the type in quotes"
    meant = _LENGTH.sub("", _WORD.sub(_corrected, text))
    if meant != text and parse_type(meant) is not None:
        return f"did you mean `{meant}`?"
    for word, usage in _USAGES.items():
        if re.search(rf"\b{word}\b(?!\s*:)", meant):
            return usage
    return ""


_USAGES = {
    "decimal": f"such as decimal(12,2): 12 digits, 2 of them behind the point; at most {MAX_PRECISION}",
    "map": "keys of a map are strings: map<string,double>",
    "struct": "such as struct<city:string,at:timestamp>: every part has its own name",
    "list": "such as list<long>",
}


def _opens_more(text: str, opening: str, closing: str) -> bool:
    return text.count(opening) > text.count(closing)


def _corrected(found: re.Match[str]) -> str:
    word = found[0].lower()
    return word if word in _KNOWN else _ELSEWHERE.get(word) or nearest(word, _KNOWN) or found[0]
