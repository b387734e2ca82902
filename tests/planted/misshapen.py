"""Errors in the form of a file: its fields, their types, words and texts."""

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
from soil import place, start_of

SHAPE = ("CHR-S012", "CHR-S013", "CHR-S014", "CHR-S015")


def field_typos() -> Iterator[Planted]:
    """Every name of a field, misspelt."""
    for one in all_fields():
        if one.key is not None and one.key_end is not None and not one.is_free:
            for typo in typos(one.name):
                source = replaced(one, one.key, one.key_end, typo)
                yield Planted("field typo", one.file, source, one.key, ("CHR-S010",), one.name)


REQUIRED = {
    "keys",
    "input",
    "operations",
    "group_by",
    "left",
    "parts",
    "table",
    "columns",
    "join",
    "source",
    "team",
    "reversal",
    "expression",
}


def missing_fields() -> Iterator[Planted]:
    """Every field that must be there, removed with all that it holds."""
    for one in all_fields():
        is_nested_source = one.name in {"source", "join"} and len(one.steps) > 1
        if one.key is None or one.is_free or one.name not in REQUIRED or one.steps[-2:] == (0, "keys"):
            continue
        if (one.steps[0] == "parts" and one.name == "keys") or one.steps[-2:] == ("mutations", "columns"):
            continue  # these may be missing
        source = without(one)
        if source is None:
            continue
        at = start_of(one.file, source, one.steps[:-1])
        is_choice = (is_nested_source and one.steps[0] == "sources") or (
            one.steps == ("source",) and "group_by" in one.file
        )
        codes = ("CHR-S016", "CHR-S011") if is_choice else ("CHR-S011",)
        yield Planted("missing field", one.file, source, at, codes)


LISTED = {"keys", "where", "operations", "windows", "buckets", "owners"}
"""Fields that take a value or a list of them: of a list of lists, the inner one is wrong."""


WRONG = {"map": "{wrong: 1}", "list": "[[wrong]]", "null": "~"}


def wrong_types() -> Iterator[Planted]:
    """Every value replaced by a mapping, a list of lists and nothing."""
    for one in all_fields():
        for kind, text in WRONG.items():
            if (kind == "map" and one.node == "map") or (kind == "list" and one.node == "list"):
                continue
            if kind == "map" and (one.steps[:-1] in (("parts",), ("derivations",)) or one.steps[-2:-1] == ("columns",)):
                continue  # a mapping is one of the forms there
            if kind == "map" and one.name == "deprecated":
                continue  # there too
            if kind == "list" and one.steps[-2:-1] == ("buckets",):
                continue  # so is a list there
            source, at = value_replaced(one, text)
            is_listed = kind == "list" and one.key is not None and one.name in LISTED and one.steps[0] != "parts"
            yield Planted(f"wrong type: {kind}", one.file, source, at + is_listed, ("CHR-S012", "CHR-S013"))


WORDS = {"accuracy": ["temporal", "snapshot"], "engine": ["local", "spark"], "column_descriptions": ["off", "warning"]}


def enum_typos() -> Iterator[Planted]:
    """Every word out of a few, misspelt."""
    for one in all_fields():
        for word in WORDS.get(one.name, []):
            if one.node == "scalar":
                for typo in typos(word):
                    source, at = value_replaced(one, typo)
                    yield Planted("enum typo", one.file, source, at, ("CHR-S013",), word)


def boolean_typos() -> Iterator[Planted]:
    """Every true that is no boolean."""
    for one in all_fields():
        if one.text in {"true", "false"}:
            for typo in ("yes", "ture", "1"):
                source, at = value_replaced(one, typo)
                yield Planted("no boolean", one.file, source, at, ("CHR-S012",))


def form_errors() -> Iterator[Planted]:
    """Days, tiles, tables, topics, names and versions in forms that are none."""
    wrong = {
        "start": ["2024-02-30", "yesterday", "2024-2-1"],
        "end": ["2024-13-01", "20240101"],
        "until": ["2024-02-30", "soon"],
        "deprecated": ["2024-02-30", "soon"],
        "tile": ["2x", "5"],
        "table": ["purchases", "a.b.c", "a-b.c"],
        "topic": ["purchases", "file://../x"],
        "partition": ["../ds", "d s"],
        "version": ["0", "-1", "one", "1.5"],
        "name": ["Luxury", "1st"],
        "prefix": ["Owner", "own er"],
        "input": ["Spent", "a b"],
    }
    for one in all_fields():
        if one.node == "scalar" and not one.is_free and not is_expression(one):
            for text in wrong.get(one.name, []):
                source, at = value_replaced(one, text)
                yield Planted(f"form of {one.name}", one.file, source, at, SHAPE)


TYPES = ("string", "double", "boolean", "timestamp", "list<long>", "map<string,long>", "decimal(12,2)")


def type_typos() -> Iterator[Planted]:
    """Every type of a column, misspelt."""
    for one in all_fields():
        is_type = one.name == "type" or one.steps[-2:-1] == ("columns",)
        if one.node == "scalar" and is_type:
            for word in TYPES:
                name = re.match("[a-z]+", word)
                assert name
                for typo in typos(name[0])[:1]:
                    source, at = value_replaced(one, typo + word[name.end() :])
                    yield Planted("type typo", one.file, source, at, ("CHR-S014",), word)


def doubled_keys() -> Iterator[Planted]:
    """Every entry of a mapping with a plain value, written twice."""
    for one in all_fields():
        if one.key is not None and one.node == "scalar":
            indent = " " * (place(one.source, one.key)[1] - 1)
            again = f"\n{indent}{one.source[one.key : one.end]}"
            if one.source[one.end : one.end + 1] == "\n":
                source = replaced(one, one.end, one.end, again)
                yield Planted("doubled key", one.file, source, one.end + 1 + len(indent), ("CHR-S004",))


def doubled_items() -> Iterator[Planted]:
    """Every plain item of a list, written twice."""
    for one in all_fields():
        if one.key is None and one.node == "scalar" and one.name != "parts" and one.source[one.end] == "\n":
            indent = " " * (place(one.source, one.value)[1] - 3)
            lead = f"\n{indent}- "
            source = replaced(one, one.end, one.end, lead + one.text)
            # The second of equals that are not neighbours is the later one: it is planted behind the first.
            yield Planted("doubled item", one.file, source, one.end + len(lead), ("CHR-S017",))


def empty_values() -> Iterator[Planted]:
    """Every list and mapping that must hold something, emptied."""
    for one in all_fields():
        is_filled = one.node == "list" or one.name in {"select", "columns", "derivations"}
        if is_filled and one.node != "scalar" and one.key is not None:
            source, at = value_replaced(one, "[]" if one.node == "list" else "{}")
            yield Planted("empty", one.file, source, at, ("CHR-S015",))


def syntax_errors() -> Iterator[Planted]:
    """Every file with a tab, with an open bracket, and with an alias to nothing."""
    for one in all_fields():
        if one.key is not None and one.node == "scalar" and len(one.steps) == 1:
            line = one.source.rfind("\n", 0, one.key) + 1
            yield Planted("tab", one.file, replaced(one, line, line, "\t"), line, ("CHR-S001",))
            source, at = value_replaced(one, "*nothing")
            yield Planted("alias", one.file, source, at, ("CHR-S006",))
            source, at = value_replaced(one, "!!str text")
            yield Planted("tag", one.file, source, at, ("CHR-S005",))


def own_names() -> Iterator[Planted]:
    """Every object whose name is not that of its file."""
    for one in all_fields():
        if len(one.steps) == 1 and one.name in {"team", "source", "group_by", "join"} and not is_reference(one):
            source, at = value_replaced(one, one.text + "x")
            yield Planted("own name", one.file, source, at, ("CHR-S021",))
