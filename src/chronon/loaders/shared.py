"""What documents have in common: an entry is parsed once for all files that have its text, and built once of each value.

The values are the same objects in all of them; nobody changes a document.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")

_BORDER = re.compile(r"^(?=[^\s#-])", re.MULTILINE)
"""Before each line that begins an entry of the outermost mapping, unless it stands inside something that is still open."""

_COMMENTS = re.compile(r"(?:(?:#[ \"-~]*)?\n)*")
"""Lines that say nothing, of characters about which nobody has doubts: a `!` may begin a tag that is refused anywhere."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a document with its value. size: how many keys and values that is."""

    key: str
    value: Any
    size: int


@dataclass(slots=True)
class Shared:
    """What was read so far and may come again.

    _entries: by their text, from the second time on; _values: theirs, by identity.  _met: hashes of texts that were met once.
    _built, _parsed: what was made of values and of texts.
    """

    _entries: dict[str, Entry] = field(default_factory=dict)
    _met: set[int] = field(default_factory=set)
    _values: dict[int, object] = field(default_factory=dict)
    _built: dict[tuple[object, int], Any] = field(default_factory=dict)
    _parsed: dict[tuple[object, tuple[str, ...]], Any] = field(default_factory=dict)

    def mapping(self, text: str, read: Callable[[str], Entry | None]) -> tuple[dict[str, Any], int] | None:
        """What a text says that is a sequence of entries, and its size; None when it is no such sequence.

        read: an entry from its text. What is left open at a border makes `read` fail on the text before it.
        """
        before, *texts = _BORDER.split(text)
        if before and not _COMMENTS.fullmatch(before):
            return None
        data: dict[str, Any] = {}
        size = 0
        for written in texts:
            entry = self._entries.get(written) or self._entry(written, read)
            if entry is None or entry.key in data:
                return None
            data[entry.key] = entry.value
            size += entry.size
        return data, size

    def _entry(self, written: str, read: Callable[[str], Entry | None]) -> Entry | None:
        """An entry that is not kept: one that is met the second time is, as most are met once."""
        entry, mark = read(written), hash(written)
        if entry is not None and mark in self._met:
            self._entries[written] = entry
            self._values[id(entry.value)] = entry.value
        self._met.add(mark)
        return entry

    def built(self, build: Callable[[Any, Shared], T], value: Any) -> T:
        """What is built of the value of an entry, and of nothing else: once, where the entry is kept."""
        if id(value) not in self._values:
            return build(value, self)
        key = (build, id(value))
        if key not in self._built:
            self._built[key] = build(value, self)
        made: T = self._built[key]
        return made

    def parsed(self, parse: Callable[[tuple[str, ...]], T], texts: tuple[str, ...]) -> T:
        """What texts say, and nothing else: one value for all that say the same."""
        key = (parse, texts)
        if key not in self._parsed:
            self._parsed[key] = parse(texts)
        made: T = self._parsed[key]
        return made
