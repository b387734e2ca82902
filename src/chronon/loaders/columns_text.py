"""Edits of `columns:` in the text of a source, character by character: everything that is not edited stays as it is.

ruamel.yaml says where keys and values begin and end; writing the document anew with it would move comments and break
lines elsewhere. What is edited here is read again before anybody keeps it (`pulling`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from chronon.model.types import DataType

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORDS = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}
"""Plain in YAML 1.2 or before it, these are no text."""
_LINE = 120

Edit = tuple[int, int, str]
"""From a character up to another, and what stands there then."""


def with_columns(
    text: str, path: Sequence[str], added: Mapping[str, DataType], retyped: Mapping[str, DataType]
) -> str | None:
    """The text with columns appended and types replaced; None when there is no such mapping to edit.

    path: keys that lead to the mapping of columns.
    """
    from ruamel.yaml import YAML

    block = _at(YAML(typ="safe", pure=True).compose(text), path)
    if block is None:
        return None
    edits = [_type_edit(text, block, value, retyped[key.value]) for key, value in block.value if key.value in retyped]
    edits += _appended(text, block, added) if added else []
    for start, end, replacement in sorted(edits, reverse=True):
        text = text[:start] + replacement + text[end:]
    return text


def column_line(name: str, kind: DataType, *, in_flow: bool = False) -> str:
    """`name: type` as YAML, quoted where it must be."""
    plain = _PLAIN.fullmatch(name) and name.lower() not in _WORDS
    return f"{name if plain else json.dumps(name, ensure_ascii=False)}: {_type_text(kind, in_flow=in_flow)}"


def _type_text(kind: DataType, *, in_flow: bool) -> str:
    """Commas would end a plain text between brackets."""
    return f'"{kind}"' if in_flow and "," in str(kind) else str(kind)


def _at(node: Any, path: Sequence[str]) -> Any | None:
    """The mapping under the keys."""
    for step in path:
        pairs = node.value if type(node).__name__ == "MappingNode" else []
        node = next((value for key, value in pairs if key.value == step), None)
    return node if type(node).__name__ == "MappingNode" and node.value else None


def _type_edit(text: str, block: Any, value: Any, kind: DataType) -> Edit:
    in_flow = bool(block.flow_style)
    if type(value).__name__ == "MappingNode":
        in_flow = in_flow or bool(value.flow_style)
        value = next(inner for key, inner in value.value if key.value == "type")
    start, end = value.start_mark.index, value.end_mark.index
    quote = text[start] if text[start] in "'\"" else ""
    return start, end, f"{quote}{kind}{quote}" if quote else _type_text(kind, in_flow=in_flow)


def _appended(text: str, block: Any, added: Mapping[str, DataType]) -> list[Edit]:
    first, (_last, value) = block.value[0][0], block.value[-1]
    end = _end_of(text, value)
    line_end = _line_end(text, end)
    newline = "\r\n" if "\r\n" in text else "\n"
    indent = newline + " " * first.start_mark.column
    if not block.flow_style:
        return [(line_end, line_end, "".join(indent + column_line(name, kind) for name, kind in added.items()))]
    entries = [column_line(name, kind, in_flow=True) for name, kind in added.items()]
    closes_here = block.end_mark.index <= line_end
    if block.start_mark.line == block.end_mark.line and line_end - _line_start(text, end) + _width(entries) <= _LINE:
        return [(end, end, "".join(f", {entry}" for entry in entries))]
    if closes_here:
        return [(end, end, "".join(f",{indent}{entry}" for entry in entries))]
    comma = text[end : block.end_mark.index].lstrip().startswith(",")
    lines = ",".join(indent + entry for entry in entries) + ("," if comma else "")
    return [(line_end, line_end, lines)] if comma else [(end, end, ","), (line_end, line_end, lines)]


def _width(entries: Sequence[str]) -> int:
    return sum(len(entry) + 2 for entry in entries)


def _end_of(text: str, node: Any) -> int:
    """Behind the last character that is written of a value."""
    name = type(node).__name__
    if name == "ScalarNode" or node.flow_style:
        end: int = node.end_mark.index
        return len(text[:end].rstrip()) if name == "ScalarNode" and node.style in {"|", ">"} else end
    return _end_of(text, node.value[-1][1] if name == "MappingNode" else node.value[-1])


def _line_start(text: str, place: int) -> int:
    return text.rfind("\n", 0, place) + 1


def _line_end(text: str, place: int) -> int:
    """Before the end of the line, whatever ends it."""
    found = text.find("\n", place)
    if found < 0:
        return len(text)
    return found - 1 if found and text[found - 1] == "\r" else found
