"""The common document, read sixty times faster than with places: it either agrees with `loaders.yaml` or says nothing.

What is read here and there is the same value for value (`tests/loaders/test_quick.py` compares them). Whatever the two
parsers could understand in different ways, and whatever could be wrong with a file, is left to the exact one.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

from chronon.loaders.places import Places
from chronon.loaders.shared import Entry, Shared
from chronon.loaders.yaml import ENDLESS_TAG, HIDDEN, MAX_DEPTH, MAX_KEY, MAX_VALUES, WORDS, Document, resolve_scalar
from chronon.model.time import parse_day
from chronon.model.types import parse_type
from chronon.schemas.documents import document_schema

MAX_BYTES = 60_000
"""So few that the parser cannot be made to take long; the values are counted (`yaml.MAX_VALUES`)."""

_NOT_PLAIN = re.compile(r"[^\n -~]|[!&*%@`?\\]")
"""Characters that do not mean the same to everybody wherever they stand, apart from `_DOUBTFUL_WORDS`."""

_STRANGE = re.compile(r"[^\n -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
"""Tabs, carriage returns, control characters, and what some parsers take for the end of a line."""

_DOUBTFUL = re.compile(r"(?:^|[-:?\[{,]) *[!&*%@`?]|\\", re.MULTILINE)
"""Tags, anchors, aliases, directives, keys of several lines; escapes."""

_ALL_DOUBTFUL = (_STRANGE, HIDDEN, ENDLESS_TAG, _DOUBTFUL)

_BLOCK = re.compile(r"[|>][^\n]*\n *\n")
"""A block that begins with an empty line, which may or may not set its indentation."""

_DOUBTFUL_WORDS = re.compile(r"<<|^---|^\.\.\.|(?<![\w.])0[bB]|[-+]0[xXoO]", re.MULTILINE)
"""Merge keys, borders of documents, and numbers here or there but not in both."""


def quick_document(content: bytes, path: str, shared: Shared | None = None) -> Document | None:
    """What `yaml.parse` gives for the bytes; None when it must be asked. The places are looked for when asked for.

    shared: with documents that were read before.
    """
    if len(content) > MAX_BYTES:
        return None
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    data, size = (shared or Shared()).mapping(text, _entry) or _mapping(text)
    return Document(path=path, data=data, spans=Places(path, content)) if 0 < size <= MAX_VALUES else None


def _entry(text: str) -> Entry | None:
    data, size = _mapping(text)
    return Entry(*next(iter(data.items())), size) if len(data) == 1 else None


def _mapping(text: str) -> tuple[dict[str, Any], int]:
    """What a text says, and its size; nothing when it is no mapping, or not certain."""
    if (line := _LINE.fullmatch(text)) and all(resolve_scalar(word) is word for word in line.groups()):
        return {line[1]: line[2]}, 2
    from ryaml import InvalidYamlError, loads

    if _is_doubtful(text):
        return {}, 0
    try:
        data = loads(text)
    except (InvalidYamlError, ValueError):
        return {}, 0
    size = _size(data) if isinstance(data, dict) else 0
    return (data, size) if size else ({}, 0)


def _is_doubtful(text: str) -> bool:
    """Whether two parsers could understand the text in different ways."""
    if _NOT_PLAIN.search(text) and any(sign.search(text) for sign in _ALL_DOUBTFUL):
        return True
    if _BLOCK.search(text):
        return True
    return any(sign in text for sign in _SIGNS) and _DOUBTFUL_WORDS.search(text) is not None


_SIGNS = ("<<", "---", "...", "0b", "0B", "0x", "0X", "0o", "0O")
"""One of them is in every text in which `_DOUBTFUL_WORDS` finds something."""


def _size(data: dict[Any, Any]) -> int:
    """The number of keys and values; 0 unless each scalar is what it would be without quotes and what the core schema says it is."""
    level: list[Any] = [data]
    count = 0
    for _ in range(MAX_DEPTH):
        inner: list[Any] = []
        for value in level:
            if type(value) is str:
                if value in WORDS or (value[:1] in _SIGNS_OF_NUMBERS and resolve_scalar(value) is not value):
                    return 0
            elif type(value) is dict:
                for key in value:
                    if type(key) is not str or len(key) >= MAX_KEY - 2:  # with its quotes
                        return 0
                inner += value.values()
            elif type(value) is list:
                inner += value
            elif type(value) in _NUMBERS and not -_LARGEST < value < _LARGEST:
                return 0
        count += 2 * len(inner)
        if not inner or count > MAX_VALUES:
            return 0 if inner else count
        level = inner
    return 0


_LINE = re.compile(r"([a-z_]{1,40}): ([A-Za-z](?:[\w ,.()/@+-]*[\w.)])?)\n?", re.ASCII)
"""The commonest entry, of plain words: names and descriptions, which differ from file to file."""

_SIGNS_OF_NUMBERS = frozenset("+-.0123456789")
"""First characters of a scalar that may be a number."""


_NUMBERS = (int, float)
_LARGEST = 10**15
"""From here on, and in what is no number, the two differ."""


def fits(data: dict[str, Any], schema: str) -> bool:
    """Whether the data surely have no violation of the schema of that name (`shape.violations`)."""
    return _validity(schema)(data)


@functools.cache
def _validity(schema: str) -> Callable[[Any], bool]:
    from jsonschema_rs import Draft202012Validator

    formats = {
        "date": lambda text: parse_day(text) is not None,
        "data-type": lambda text: parse_type(text) is not None,
    }
    return Draft202012Validator(dict(document_schema(schema)), formats=formats, validate_formats=True).is_valid
