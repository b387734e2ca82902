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
    """Entries by their text; None for those that are no entry by themselves."""

    _entries: dict[str, Entry | None] = field(default_factory=dict)
    _built: dict[tuple[object, int], tuple[object, Any]] = field(default_factory=dict)

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
            if written not in self._entries:
                self._entries[written] = read(written)
            entry = self._entries[written]
            if entry is None or entry.key in data:
                return None
            data[entry.key] = entry.value
            size += entry.size
        return data, size

    def built(self, build: Callable[[Any], T], value: Any) -> T:
        """What is built of a value, which must not depend on anything else."""
        key = (build, id(value))
        if key not in self._built:
            self._built[key] = (value, build(value))  # with the value, so that no other one gets its id
        made: T = self._built[key][1]
        return made
