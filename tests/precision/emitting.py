"""Plain data as YAML in one of many ways: blocks or braces, quotes, comments, indents, anchors. It shares nothing with a parser."""

from __future__ import annotations

import random
import re
from typing import Any

Plain = Any
"""Dicts, lists, texts, whole numbers and truth values, as a definition has them."""

_SAFE = re.compile(r"[A-Za-z_*][A-Za-z0-9_.@/]*(?: [A-Za-z0-9_.@/]+)*")
_OTHERWISE = re.compile(r"(?i)true|false|null|~|[-+.0-9].*|yes|no")
_COMMENTS = ("", "# why", "#", "# windows: [9d]", "#- input: n")


class Writer:
    """Writes one document; every choice is made by chance."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._indent = chance.choice((1, 2, 4))
        self._anchors: dict[str, str] = {}

    def document(self, data: dict[str, Plain]) -> str:
        """The text of a document whose keys already stand in their order."""
        head = self._chance.choice(("", "", "---\n", "# a definition\n\n"))
        return head + self._mapping(data, 0) + self._chance.choice(("", "\n", "# end\n"))

    def _mapping(self, data: dict[str, Plain], depth: int) -> str:
        return "".join(f"{' ' * depth}{self._text(key)}:{self._value(value, depth)}" for key, value in data.items())

    def _value(self, value: Plain, depth: int) -> str:
        """What stands behind a colon or a dash, with the end of its line."""
        is_block = isinstance(value, dict | list) and value and self._chance.random() < 0.5
        if not is_block:
            return f"{' ' * self._chance.randint(1, 3)}{self._flow(value)}{self._comment()}"
        deeper = depth + self._indent
        if isinstance(value, dict):
            return f"{self._comment()}{self._mapping(value, deeper)}"
        dashes = self._chance.choice((depth, deeper)) if depth else deeper
        return self._comment() + "".join(f"{' ' * dashes}-{self._item(item, dashes)}" for item in value)

    def _item(self, item: Plain, dashes: int) -> str:
        if isinstance(item, dict) and item and self._chance.random() < 0.5:
            lines = self._mapping(item, dashes + 2)
            return f" {lines[dashes + 2 :]}"
        return f" {self._flow(item)}{self._comment()}"

    def _flow(self, value: Plain) -> str:
        space = self._chance.choice(("", " "))
        match value:
            case dict():
                inside = f",{space or ' '}".join(f"{self._text(k)}: {self._flow(v)}" for k, v in value.items())
                return f"{{{space}{inside}{space}}}"
            case list():
                return self._anchored(f"[{space}{f', {space}'.join(self._flow(item) for item in value)}{space}]", value)
            case str():
                return self._text(value)
            case bool():
                return str(value).lower()
            case _:
                return str(value)

    def _anchored(self, text: str, value: list[Plain]) -> str:
        """The list with an anchor, or an alias of an equal one before it."""
        known = repr(value)
        if known in self._anchors and self._chance.random() < 0.7:
            return f"*{self._anchors[known]} "
        if known not in self._anchors and self._chance.random() < 0.2:
            self._anchors[known] = f"a{len(self._anchors)}"
            return f"&{self._anchors[known]} {text}"
        return text

    def _text(self, text: str) -> str:
        if _SAFE.fullmatch(text) and not text.startswith("*") and not _OTHERWISE.fullmatch(text):
            form = self._chance.choice(("plain", "plain", "single", "double"))
        else:
            form = self._chance.choice(("single", "double"))
        if form == "plain":
            return text
        if form == "single":
            return "'" + text.replace("'", "''") + "'"
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    def _comment(self) -> str:
        comment = self._chance.choice(_COMMENTS) if self._chance.random() < 0.15 else ""
        return f"  {comment}\n" if comment else "\n"
