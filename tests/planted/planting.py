"""Errors planted one by one, each with the place, the family of codes and the suggestion that a reader must get."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from soil import REPOSITORY, Field, fields, files, place, start_of


@dataclass(frozen=True)
class Planted:
    """One repository with one error.

    file, source: the file that is changed, and its new text.  at: index of the first character of the token.
    codes: those of which one must be told.  meant: what a typing error stands for.
    """

    kind: str
    file: str
    source: str
    at: int
    codes: tuple[str, ...]
    meant: str = ""

    @property
    def where(self) -> tuple[str, int, int]:
        """The exact place."""
        return (self.file, *place(self.source, self.at))

    def __str__(self) -> str:
        line = self.source.splitlines()[self.where[1] - 1] if self.source.strip() else ""
        return f"{self.kind} {self.file}:{self.where[1]}:{self.where[2]} {line.strip()!r}"


SHAPE = ("CHR-S012", "CHR-S013", "CHR-S014", "CHR-S015")


def typos(word: str) -> list[str]:
    """The word with two letters swapped, with a letter doubled, and with a letter missing; never the word itself."""
    middle = max(1, len(word) // 2)
    swapped = word[: middle - 1] + word[middle : middle + 1] + word[middle - 1] + word[middle + 1 :]
    made = [swapped, word[:middle] + word[middle - 1] + word[middle:], word[:middle] + word[middle + 1 :]]
    return [one for one in dict.fromkeys(made) if one and one != word]


def replaced(one: Field, start: int, end: int, text: str) -> str:
    return one.source[:start] + text + one.source[end:]


def all_fields() -> Iterator[Field]:
    for file in files():
        yield from fields(file)


def is_expression(one: Field) -> bool:
    """Whether a scalar is SQL."""
    names = [step for step in one.steps if isinstance(step, str)]
    inside = names[-1] in {"time", "where", "reversal"} or names[-2:-1] in (["select"], ["derivations"])
    return one.node == "scalar" and inside and one.text != '"*"'


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


def without(one: Field) -> str | None:
    """The file without an entry; None when nothing would be left of its mapping."""
    assert one.key is not None
    line_start = one.source.rfind("\n", 0, one.key) + 1
    line_end = one.source.find("\n", one.end) + 1 or len(one.source)
    lead = one.source[line_start : one.key]
    if not lead.strip():
        return one.source[:line_start] + one.source[line_end:]
    if set(lead) <= {" ", "-"}:  # the first entry of an item: the next one takes its place behind the dash
        rest = one.source[line_end:]
        indent = len(lead)
        if rest.startswith(" " * indent) and not rest[indent:].startswith(("-", " ")):
            return one.source[:line_start] + lead + rest[indent:]
    return None


LISTED = {"keys", "where", "operations", "windows", "buckets", "owners"}
"""Fields that take a value or a list of them: of a list of lists, the inner one is wrong."""

WRONG = {"map": "{wrong: 1}", "list": "[[wrong]]", "null": "~"}


def wrong_types() -> Iterator[Planted]:
    """Every value replaced by a mapping, a list of lists and nothing."""
    for one in all_fields():
        for kind, text in WRONG.items():
            if (kind == "map" and one.node == "map") or (kind == "list" and one.node == "list"):
                continue
            if kind == "map" and (one.steps[:-1] == ("parts",) or one.steps[-2:-1] == ("columns",)):
                continue  # a mapping is one of the forms there
            if kind == "list" and one.steps[-2:-1] == ("buckets",):
                continue  # so is a list there
            source, at = value_replaced(one, text)
            is_listed = kind == "list" and one.key is not None and one.name in LISTED and one.steps[0] != "parts"
            yield Planted(f"wrong type: {kind}", one.file, source, at + is_listed, ("CHR-S012", "CHR-S013"))


def value_replaced(one: Field, text: str) -> tuple[str, int]:
    """The file with another value, and where it begins: a block becomes a value behind its key."""
    if one.node == "scalar" or one.source[one.value] in "[{" or one.key_end is None:
        return replaced(one, one.value, one.end, text), one.value
    return replaced(one, one.key_end, one.end, f": {text}"), one.key_end + 2


WORDS = {"accuracy": ["temporal", "snapshot"], "engine": ["local", "spark"]}


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


REFERENCES = {"source", "join", "group_by"}


def is_reference(one: Field) -> bool:
    is_own_name = len(one.steps) == 1 and one.name in one.file
    return (
        one.node == "scalar"
        and not is_own_name
        and (one.name in REFERENCES or (one.steps[0] == "parts" and len(one.steps) == 2))
    )


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


def form_errors() -> Iterator[Planted]:
    """Days, tiles, tables, topics, names and versions in forms that are none."""
    wrong = {
        "start": ["2024-02-30", "yesterday", "2024-2-1"],
        "end": ["2024-13-01", "20240101"],
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


def own_names() -> Iterator[Planted]:
    """Every object whose name is not that of its file."""
    for one in all_fields():
        if len(one.steps) == 1 and one.name in {"team", "source", "group_by", "join"} and not is_reference(one):
            source, at = value_replaced(one, one.text + "x")
            yield Planted("own name", one.file, source, at, ("CHR-S021",))


KINDS: dict[str, Callable[[], Iterator[Planted]]] = {
    kind.__name__: kind
    for kind in (
        field_typos, missing_fields, wrong_types, enum_typos, boolean_typos, reference_typos, version_errors,
        expression_typos, column_typos, operation_errors, operation_types, window_errors, form_errors, type_typos,
        doubled_keys, doubled_items, empty_values, syntax_errors, ranges, types_of_expressions, own_names,
    )
}  # fmt: skip


def planted(kind: str) -> list[Planted]:
    """The errors of a kind, those that change nothing left out."""
    return [one for one in KINDS[kind]() if one.source != (REPOSITORY / one.file).read_text()]
