"""What a stream can show: colour on a terminal that wants it, plain text everywhere else."""

from __future__ import annotations

import os
import sys
import unicodedata
from dataclasses import dataclass
from typing import TextIO

_STYLES = {"bad": "31;1", "warn": "33", "good": "32", "strong": "1", "faint": "2"}


@dataclass(frozen=True, slots=True)
class Paint:
    """Marks text with ANSI colours, or leaves it as it is when they are not enabled."""

    enabled: bool = False

    def bad(self, text: str) -> str:
        """Something that is wrong or dangerous."""
        return self._mark(text, "bad")

    def warn(self, text: str) -> str:
        """Something to look at."""
        return self._mark(text, "warn")

    def good(self, text: str) -> str:
        """Something that is as it should be."""
        return self._mark(text, "good")

    def strong(self, text: str) -> str:
        """A headline."""
        return self._mark(text, "strong")

    def faint(self, text: str) -> str:
        """Something secondary."""
        return self._mark(text, "faint")

    def _mark(self, text: str, style: str) -> str:
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self.enabled and text else text


PLAIN = Paint()


def paint_for(stream: TextIO) -> Paint:
    """The colours of a stream: none without a terminal, with NO_COLOR set, or on a dumb one."""
    return Paint(is_live(stream) and not os.environ.get("NO_COLOR"))


def is_live(stream: TextIO) -> bool:
    """Whether a person watches the stream on a terminal that can move its cursor."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def printable(text: str) -> str:
    """The text without control characters: what stands in a user's file must not drive the reader's terminal."""
    return "".join(repr(sign)[1:-1] if unicodedata.category(sign) in {"Cc", "Cf"} else sign for sign in text)


def say(text: str) -> None:
    """Progress and remarks, for people: standard error."""
    print(text, file=sys.stderr, flush=True)
