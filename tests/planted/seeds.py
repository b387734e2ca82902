"""What is planted, and how a file is changed so that its place is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from soil import Field, fields, files, place


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
    inside = names[-1] in {"time", "where", "reversal", "expression"} or names[-2:-1] in (["select"], ["derivations"])
    return one.node == "scalar" and inside and one.text != '"*"'


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


def value_replaced(one: Field, text: str) -> tuple[str, int]:
    """The file with another value, and where it begins: a block becomes a value behind its key."""
    if one.node == "scalar" or one.source[one.value] in "[{" or one.key_end is None:
        return replaced(one, one.value, one.end, text), one.value
    return replaced(one, one.key_end, one.end, f": {text}"), one.key_end + 2


REFERENCES = {"source", "join", "group_by"}


def is_reference(one: Field) -> bool:
    is_own_name = len(one.steps) == 1 and one.name in one.file
    return (
        one.node == "scalar"
        and not is_own_name
        and (one.name in REFERENCES or (one.steps[0] == "parts" and len(one.steps) == 2))
    )
