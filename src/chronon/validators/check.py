"""What a check is: one mistake that a repository can hold, and the function that finds it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from chronon.model.diagnostics import Diagnostic, Severity, Span
from chronon.validators.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One place where the mistake is made."""

    span: Span
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One file in `validators/checks/` holds one, as `CHECK`.

    code:    `CHR-V` and three digits, never used again for something else.
    summary: the mistake in half a sentence, for the manual.
    find:    every place, in any order; it changes nothing and asks only the context. A finding lies in the document of
             its object and depends on what that object refers to, directly or not, and on nothing else that
             `closures` does not put into its key (of the whole, `whole`): only objects with a new key are checked again.
    """

    code: str
    summary: str
    find: Callable[[Context], Iterator[Finding]]
    severity: Severity = Severity.ERROR

    def run(self, context: Context) -> Iterator[Diagnostic]:
        """The findings as diagnostics."""
        for found in self.find(context):
            yield Diagnostic(
                code=self.code, span=found.span, message=found.message, hint=found.hint, severity=self.severity
            )
