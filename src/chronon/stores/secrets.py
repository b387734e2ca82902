"""Secrets are named, never written down: `env:NAME` or `file:<path>`, looked up at the moment of their use."""

from __future__ import annotations

import os
from pathlib import Path

from chronon.model.errors import ChrononError

KINDS = ("env", "file")
_VARIABLES: set[str] = set()


def is_reference(text: str) -> bool:
    """Whether a text names a secret, as opposed to being one."""
    kind, _, name = text.partition(":")
    return kind in KINDS and bool(name)


def secret(reference: str) -> str:
    """What a reference names; of a file its text without the end of the last line.

    Errors: CHR-K127 when there is no such variable or file; the message names the reference alone.
    """
    kind, _, name = reference.partition(":")
    if kind == "env":
        _VARIABLES.add(name)
        found = os.environ.get(name)
        if found is None:
            raise ChrononError(
                "CHR-K127", f"the variable {name} is not set", f"set it: a secret is read from {reference}"
            )
        return found
    try:
        return Path(name).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as cause:
        why = cause.strerror if isinstance(cause, OSError) else "it is no text"
        raise ChrononError("CHR-K127", f"{name} cannot be read: {why}", "check path and permissions") from None


def secret_variables() -> frozenset[str]:
    """The variables that this process has looked a secret up in: no child of it needs them."""
    return frozenset(_VARIABLES)
