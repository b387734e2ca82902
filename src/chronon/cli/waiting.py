"""Waiting for the lock of a target: for how long, and what is said meanwhile."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Annotated

import typer

from chronon.cli.terminal import say
from chronon.model.errors import ChrononError

if TYPE_CHECKING:
    from chronon.runners.lock import Patience

LockTimeoutOption = Annotated[
    str, typer.Option("--lock-timeout", metavar="TIME", help="Wait so long for the lock: 30s, 10m, 1h.")
]
NOT_AT_ALL = "0s"

_TIME = re.compile(r"(\d{1,6})(s|m|h)?")
_SECONDS = {"s": 1, "m": 60, "h": 3600, None: 1}


def patience_option(text: str, *, as_json: bool) -> Patience:
    """How long an option says to wait; who holds the lock is told before each pause. Errors: wrong usage."""
    from chronon.runners.lock import Patience

    found = _TIME.fullmatch(text)
    if found is None:
        raise typer.BadParameter(f"--lock-timeout: {text!r} is no time; expected a number with s, m or h such as 10m")

    def told(error: ChrononError, pause_s: float) -> None:
        if as_json:
            from chronon.cli.views.progress import emit

            emit("waiting", message=error.message, seconds=pause_s)
        else:
            say(f"{error.message}; trying again in {math.ceil(pause_s)} s")

    return Patience(timeout_s=int(found[1]) * _SECONDS[found[2]], told=told)
