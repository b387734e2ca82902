"""Errors as people and programs read them: one line and a hint, or one JSON object, on standard error."""

from __future__ import annotations

import json
import sys
import tempfile
import traceback

from chronon.cli.exits import ExitCode
from chronon.cli.terminal import paint_for, printable
from chronon.model.errors import ChrononError


def show_error(error: ChrononError, *, as_json: bool) -> None:
    """A mistake that the reader can act on."""
    _show(error.code, error.message, error.hint, as_json=as_json)


def show_usage(message: str, hint: str, *, as_json: bool) -> ExitCode:
    """A command line that means nothing."""
    _show("", message, hint, as_json=as_json)
    return ExitCode.USAGE


def show_bug(error: Exception, *, as_json: bool) -> ExitCode:
    """Our own mistake: the trace goes to a file, the reader gets a line."""
    with tempfile.NamedTemporaryFile("w", prefix="chronon-", suffix=".log", delete=False, encoding="utf-8") as log:
        traceback.print_exception(error, file=log)
    message = f"this is a bug in chronon: {type(error).__name__}: {error}".splitlines()[0]
    _show("CHR-I000", message, f"please report it with the trace in {log.name}", as_json=as_json)
    return ExitCode.BUG


def _show(code: str, message: str, hint: str, *, as_json: bool) -> None:
    if as_json:
        error = {"code": code, "message": message, "hint": hint}
        print(json.dumps({"error": error}, ensure_ascii=False), file=sys.stderr)
        return
    paint = paint_for(sys.stderr)
    lines = [printable(line) for line in message.splitlines()] or [""]
    print(" ".join(filter(None, (paint.bad("error"), code, lines[0]))), file=sys.stderr)
    for line in lines[1:]:
        print(f"    {line}", file=sys.stderr)
    for number, line in enumerate(hint.splitlines()):
        print(f"    {printable(line)}" if number else f"hint: {printable(line)}", file=sys.stderr)
