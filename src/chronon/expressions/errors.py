"""What is wrong with an expression, and where in its text."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from chronon.model.errors import ChrononError

SYNTAX = "CHR-X001"
NOT_ALLOWED = "CHR-X002"
UNKNOWN_COLUMN = "CHR-X003"
WRONG_TYPE = "CHR-X004"
UNKNOWN_FUNCTION = "CHR-X005"
TOO_LARGE = "CHR-X006"


class ExpressionError(ChrononError):
    """A mistake in an expression.

    offset: index of the character in the text where it shows; None when it is the expression as a whole.
    """

    def __init__(self, code: str, message: str, hint: str = "", offset: int | None = None) -> None:
        super().__init__(code, message, hint)
        self.offset = offset


def did_you_mean(name: str, known: Iterable[str], noun: str) -> str:
    """A hint with the nearest names, or with some of the known ones."""
    names = sorted(known)
    if close := difflib.get_close_matches(name, names, n=3, cutoff=0.5):
        return "did you mean " + " or ".join(f"`{match}`" for match in close) + "?"
    some = ", ".join(names[:20]) + (", …" if len(names) > 20 else "")
    return f"{noun}: {some}" if names else f"there are no {noun}"
