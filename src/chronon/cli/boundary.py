"""The boundary at which every error becomes one line and an exit code. No parser of command lines is imported."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable

from chronon.cli.errors import show_bug, show_error
from chronon.cli.exits import ExitCode, exit_of
from chronon.model.errors import ChrononError, InvariantError

_SYSTEM_CODE = "CHR-R099"


def guarded(command: Callable[[], object], *, as_json: bool) -> int:
    """Run a command and return its exit code. Never raises, and shows no stack trace."""
    _encode_anything()
    try:
        code = _ended(command())
        sys.stdout.flush()  # a reader that has left is met here, not when the interpreter ends
        return code  # noqa: TRY300 - flushing belongs to what may fail
    except InvariantError as error:
        return show_bug(error, as_json=as_json)
    except ChrononError as error:
        show_error(error, as_json=as_json)
        return exit_of(error)
    except KeyboardInterrupt:
        return _ended(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        # Whoever read the output has left (`| head`): there is nothing to tell, and nobody to tell it to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return ExitCode.FINDINGS
    except (PermissionError, FileNotFoundError, FileExistsError, IsADirectoryError, NotADirectoryError) as error:
        message = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        show_error(ChrononError(_SYSTEM_CODE, message, "check the path and its permissions"), as_json=as_json)
        return ExitCode.FINDINGS
    except Exception as error:  # noqa: BLE001  # the boundary: a stack trace goes to a file, never to the user
        return show_bug(error, as_json=as_json)


def _ended(code: object) -> int:
    """The exit code of a command that came back: what it returned, or 0."""
    if code == ExitCode.INTERRUPTED:
        print("\ninterrupted: what was finished is kept; run the same command again to go on", file=sys.stderr)
    return code if isinstance(code, int) else ExitCode.DONE


def _encode_anything() -> None:
    """Signs that a terminal's encoding lacks are shown escaped; a narrow encoding is no reason to fail."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
