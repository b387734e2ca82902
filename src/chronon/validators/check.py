"""What a check is: one mistake that a repository can hold, and the function that finds it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from chronon.model.diagnostics import Diagnostic, Severity, Span
from chronon.validators.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One place where the mistake is made. severity: of a check on request, as its team has it."""

    span: Span
    message: str
    hint: str = ""
    severity: Severity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One file in `validators/checks/` holds one, as `CHECK`.

    code:    `CHR-V` and three digits, never used again for something else.
    summary: the mistake in half a sentence, for the manual.
    find:    every place, in any order; it changes nothing and asks only the context. A finding lies in the document of
             its object and depends on what that object refers to, directly or not, and on nothing else that
             `closures` does not put into its key (of the whole, `whole`): only objects with a new key are checked again.
             One that goes by no names can look at each form of group_by or expression once (`alike`).
    request: the name of a check that is only made where `checks` of the team or of chronon.yaml asks for it.
    alone:   whether a finding stands by what is written at its place and by the names of objects alone: it is also looked
             for where other parts of a document do not fit (`remains`).
    """

    code: str
    summary: str
    find: Callable[[Context], Iterator[Finding]]
    severity: Severity = Severity.ERROR
    request: str = ""
    alone: bool = False

    def run(self, context: Context) -> Iterator[Diagnostic]:
        """The findings as diagnostics."""
        for found in self.find(context):
            severity = found.severity or self.severity
            yield Diagnostic(code=self.code, span=found.span, message=found.message, hint=found.hint, severity=severity)
