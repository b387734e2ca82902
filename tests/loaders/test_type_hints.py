"""What is said to somebody who wrote a type that is none."""

from __future__ import annotations

import pytest

from chronon.loaders.type_hints import type_hint


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("lnog", "did you mean `long`?"),
        ("bigint", "did you mean `long`?"),
        ("String", "did you mean `string`?"),
        ("timestammp", "did you mean `timestamp`?"),
        ("datetime", "did you mean `timestamp`?"),
        ("list<strinng>", "did you mean `list<string>`?"),
        ("array<int64>", "did you mean `list<long>`?"),
        ("map<string, struct<a:bytes,long:varchar>>", "did you mean `map<string, struct<a:binary,long:string>>`?"),
        ("numeric(12,2)", "did you mean `decimal(12,2)`?"),
        ("decimal", "such as decimal(12,2): 12 digits, 2 of them behind the point; at most 18"),
        (
            "decimal(38,2)",
            "such as decimal(12,2): 12 digits, 2 of them behind the point; at most 18",
        ),
        ("map<long,double>", "keys of a map are strings: map<string,double>"),
        ("struct<long>", "such as struct<city:string,at:timestamp>: every part has its own name"),
        ("struct<a:int,a:int>", "such as struct<city:string,at:timestamp>: every part has its own name"),
        ("list", "such as list<long>"),
        ("decimal(12", "inside { } a comma ends the value: write the type in quotes"),
        ("map<string", "inside { } a comma ends the value: write the type in quotes"),
        ("colour", ""),
    ],
)
def test_hint(text: str, hint: str) -> None:
    assert type_hint(text) == hint
