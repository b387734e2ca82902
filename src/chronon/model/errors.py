"""Exceptions that programs see. Users' mistakes in configuration are diagnostics, not exceptions."""

from __future__ import annotations


class ChrononError(Exception):
    """Something that the caller can act on.

    code:    `CHR-` + room letter + three digits.
    message: what was found and what was expected, one sentence.
    hint:    what to do next.
    """

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(f"{code} {message}" + (f" ({hint})" if hint else ""))
        self.code = code
        self.message = message
        self.hint = hint


class InvariantError(ChrononError):
    """Our own bug: a law that the code promised to keep does not hold."""

    def __init__(self, law: str, message: str) -> None:
        super().__init__("CHR-I000", f"{law}: {message}", "this is a bug in chronon: please report it")
