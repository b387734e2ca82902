"""Whether something that takes away is meant: asked on a terminal, refused elsewhere."""

from __future__ import annotations

import sys

import typer

from chronon.cli.terminal import is_live, say
from chronon.model.errors import ChrononError

NOBODY_TO_ASK = "CHR-R081"


def is_meant(question: str, *, as_json: bool) -> bool:
    """The answer of whoever sits at the terminal. Errors: CHR-R081 when nobody does."""
    if as_json or not (is_live(sys.stderr) and sys.stdin.isatty()):
        message = "nobody said that this is meant, and there is no terminal to ask on; nothing was changed"
        raise ChrononError(NOBODY_TO_ASK, message, "look at it with --dry-run, then add --yes")
    if typer.confirm(question, err=True):
        return True
    say("nothing was changed")
    return False
