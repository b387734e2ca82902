"""Findings about a user's files: values with a place, never raised across a room."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs: only errors stop a plan."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in a file.

    path: relative to the root of the repository, with forward slashes.
    line, column: counted from 1; the first character of the token meant.
    """

    path: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One finding: what was found and expected (message), where (span), what to do (hint)."""

    code: str
    span: Span
    message: str
    hint: str = ""
    severity: Severity = Severity.ERROR


def in_order(found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Findings without repetition, by place and code: the same list whatever found them first."""
    return tuple(sorted(set(found), key=lambda d: (d.span, d.code, d.message)))
