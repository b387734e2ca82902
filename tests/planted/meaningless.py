"""Errors in what well formed files mean: references, columns, operations, windows, types."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seeds import (
    Planted,
    all_fields,
    is_expression,
    is_reference,
    replaced,
    typos,
    value_replaced,
    without,
)
from soil import Field, start_of


def reference_typos() -> Iterator[Planted]:
    """Every name of another object, misspelt."""
    for one in all_fields():
        if is_reference(one):
            team, dot, rest = one.text.rpartition(".")
            name, at_sign, version = rest.partition("@")
            for typo in typos(name):
                source, at = value_replaced(one, f"{team}{dot}{typo}{at_sign}{version}")
                full = f"{team or one.file.split('/')[1]}.{name}"
                yield Planted("reference typo", one.file, source, at, ("CHR-V001",), full)


def version_errors() -> Iterator[Planted]:
    """Every name of another object, in a version that it does not have."""
    for one in all_fields():
        if is_reference(one) and one.name != "source":
            source, at = value_replaced(one, one.text.partition("@")[0] + "@9")
            yield Planted("unknown version", one.file, source, at, ("CHR-V002",))


def replacement_typos() -> Iterator[Planted]:
    """Every name of what is to be read in place of something else, misspelt."""
    for one in all_fields():
        if one.name == "use":
            for typo in typos(one.text):
                source, at = value_replaced(one, typo)
                yield Planted("replacement typo", one.file, source, at, ("CHR-V114",), one.text)


FUNCTIONS = ("LOWER", "UPPER", "COALESCE", "NULLIF")


def expression_typos() -> Iterator[Planted]:
    """Every column and every function in an expression, misspelt."""
    for one in all_fields():
        if is_expression(one):
            for word in re.finditer(r"(?<!['\w])[a-z_]\w*(?!['\w])", one.text):
                yield from in_text(one, word, "column typo in expression")
            for word in re.finditer("|".join(FUNCTIONS), one.text):
                yield from in_text(one, word, "function typo")


def in_text(one: Field, word: re.Match[str], kind: str) -> Iterator[Planted]:
    for typo in typos(word[0]):
        start = one.value + word.start()
        source = replaced(one, start, start + len(word[0]), typo)
        yield Planted(kind, one.file, source, start, ("CHR-V005",), word[0])


def column_typos() -> Iterator[Planted]:
    """Every key, input, bucket and mapped key, misspelt."""
    codes = {"keys": "CHR-V008", "input": "CHR-V008", "buckets": "CHR-V008"}
    for one in all_fields():
        if one.node == "scalar" and one.steps[0] == "parts" and "keys" in one.steps:
            for typo in typos(one.text):
                source, at = value_replaced(one, typo)
                yield Planted("mapped key typo", one.file, source, at, ("CHR-V021",), one.text)
        elif one.node == "scalar" and one.name in codes and one.steps[0] in {"keys", "aggregations"}:
            for typo in typos(one.text):
                source, at = value_replaced(one, typo)
                yield Planted(f"{one.name} typo", one.file, source, at, (codes[one.name],), one.text)


def operation_errors() -> Iterator[Planted]:
    """Every operation, misspelt, and with arguments that it does not take."""
    for one in all_fields():
        if one.node == "scalar" and one.name == "operations":
            name, parenthesis, rest = one.text.partition("(")
            for typo in typos(name):
                source, at = value_replaced(one, typo + parenthesis + rest)
                yield Planted("operation typo", one.file, source, at, ("CHR-V010",), name)
            wrong = [f"{name}(3, 4, 5)"] if not parenthesis else [name, f"{name}(0)", f"{name}(-1)"]
            if name == "approx_percentile":
                wrong = [f"{name}(1.5)", f"{name}(-0.1)"]
            for call in wrong:
                source, at = value_replaced(one, call)
                yield Planted("operation arguments", one.file, source, at, ("CHR-V010",))


TAKES_NO_TEXT = ("sum", "average", "variance", "skew", "kurtosis", "approx_percentile(0.5)")


def operation_types() -> Iterator[Planted]:
    """Operations of numbers over an input of text."""
    for one in all_fields():
        if (
            one.node == "scalar"
            and one.file.endswith("spending.yaml")
            and one.steps[:3] == ("aggregations", 3, "operations")
        ):
            for call in TAKES_NO_TEXT:
                source, at = value_replaced(one, call)
                yield Planted("operation over text", one.file, source, at, ("CHR-V010",))


def window_errors() -> Iterator[Planted]:
    """Every window with a length that no hops make, and in a form that is none."""
    for one in all_fields():
        if one.node == "scalar" and one.name == "windows":
            for text, codes in {
                "7m": ("CHR-V011",),
                "289h": ("CHR-V011",),
                "7 days": ("CHR-S014",),
                "0d": ("CHR-S014",),
                "-1d": ("CHR-S014",),
                "7": ("CHR-S012",),
                "7D": ("CHR-S014",),
            }.items():
                source, at = value_replaced(one, text)
                yield Planted("window", one.file, source, at, codes)


def ranges() -> Iterator[Planted]:
    """Every end before its start, and every tile that divides nothing."""
    for one in all_fields():
        if one.name == "end" and one.node == "scalar":
            source, at = value_replaced(one, "2022-01-01")
            yield Planted("end before start", one.file, source, at, ("CHR-V020",))
        if one.name == "tile" and one.node == "scalar":
            source, at = value_replaced(one, "2m")
            yield Planted("tile", one.file, source, at, ("CHR-V013",))


def types_of_expressions() -> Iterator[Planted]:
    """Every condition that is no condition, and every time that is none."""
    for one in all_fields():
        if one.node == "scalar" and one.name in {"where", "reversal"}:
            source, at = value_replaced(one, "LENGTH('x')")
            yield Planted("where is a number", one.file, source, at, ("CHR-V007",))
        if one.node == "scalar" and one.name == "time":
            source, at = value_replaced(one, "'''x'''")
            yield Planted("time is a text", one.file, source, at, ("CHR-V006",))


def empty_conditions() -> Iterator[Planted]:
    """Every condition that no row meets, and every key that no row has."""
    for one in all_fields():
        if one.node == "scalar" and one.name == "where":
            source, at = value_replaced(one, "1 > 2")
            yield Planted("where is never true", one.file, source, at, ("CHR-V109",))
        if one.node == "scalar" and one.steps[-2:-1] == ("select",) and one.name in KEYS_OF.get(one.file, ()):
            source, at = value_replaced(one, "CAST(NULL AS string)")
            yield Planted("key is null", one.file, source, at, ("CHR-V110",))


KEYS_OF = {
    "teams/market/group_bys/spending.yaml": ("customer",),
    "teams/market/group_bys/movement.yaml": ("region",),
    "teams/market/group_bys/outlook.yaml": ("country",),
    "teams/market/joins/checkout.yaml": ("customer", "visitor"),
    "teams/people/group_bys/profile.yaml": ("customer",),
}
"""The selects that are keys, or stand for one on the left side."""


def doubtful_choices() -> Iterator[Planted]:
    """What works and is hardly meant: no owners, 32 bits of time, windows beyond the source, states that grow for ever."""
    for one in all_fields():
        if one.steps == ("owners",) and (source := without(one)) is not None:
            yield Planted("no owners", one.file, source, start_of(one.file, source, ("team",)), ("CHR-V102",))
        if one.node == "scalar" and one.name == "time":
            source, at = value_replaced(one, f"CAST({one.text} AS int)")
            yield Planted("time of 32 bits", one.file, source, at, ("CHR-V106",))
        if one.node == "scalar" and one.file.endswith("spending.yaml"):
            if one.name == "windows" and one.text not in {"3h", "7d"}:  # derivations read these
                source, at = value_replaced(one, "2000d")
                yield Planted("window beyond the source", one.file, source, at, ("CHR-V107",))
            if one.steps[:3] == ("aggregations", 0, "operations") and one.text in {"max", "last_k(5)"}:
                source, at = value_replaced(one, "unique_count")
                yield Planted("state grows for ever", one.file, source, at, ("CHR-V105",))
