"""The commands as one application, and the boundary at which every error becomes one line and an exit code."""

from __future__ import annotations

import importlib
import io
import json
import pkgutil
import sys
import tempfile
import traceback
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import typer
from typer.core import TyperGroup
from typer.exceptions import Abort, TyperException

from chronon.cli import commands
from chronon.cli.exits import ExitCode, exit_of
from chronon.cli.terminal import paint_for, printable
from chronon.model.errors import ChrononError, InvariantError

_ORDER = ("validate", "plan", "apply", "status", "show", "fetch", "serve", "doctor")
_SYSTEM_CODE = "CHR-R099"


class Commands(Mapping[str, Any]):
    """Name → command, for every module in `cli/commands/`; a command is imported when it is looked at."""

    def __init__(self) -> None:
        names = {module.name for module in pkgutil.iter_modules(commands.__path__)}
        self._names = (*(name for name in _ORDER if name in names), *sorted(names.difference(_ORDER)))

    def __getitem__(self, name: str) -> Any:
        if name not in self._names:
            raise KeyError(name)
        module = importlib.import_module(f"{commands.__name__}.{name}")
        single = typer.Typer(add_completion=False, rich_markup_mode=None)
        single.command(name)(getattr(module, name))
        return typer.main.get_command(single)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class Verbs(TyperGroup):
    """The group whose commands are the modules of `cli/commands/`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands = Commands()  # type: ignore[assignment]  # looked at, never written to


app = typer.Typer(cls=Verbs, rich_markup_mode=None, no_args_is_help=True)


@app.callback()
def chronon(
    *,
    version: bool = typer.Option(False, "--version", help="Show the version and exit.", is_eager=True),
) -> None:
    """A feature platform whose configuration is the product: validate, plan, apply, serve."""
    if version:
        from chronon import __version__

        print(f"chronon {__version__}")
        raise typer.Exit


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code. Never raises for a user's mistake, and shows no stack trace."""
    _encode_anything()
    as_json = "--json" in arguments
    try:
        code = typer.main.get_command(app).main(list(arguments), prog_name="chronon", standalone_mode=False)
        return _ended(code)
    except TyperException as error:
        return _wrong_usage(error, as_json=as_json)
    except InvariantError as error:
        return _our_bug(error, as_json=as_json)
    except ChrononError as error:
        show_error(error, as_json=as_json)
        return exit_of(error)
    except (KeyboardInterrupt, Abort):
        return _ended(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        # Whoever read the output has left (`| head`): nothing to tell, and nobody to tell it to.
        sys.stdout = io.StringIO()
        return ExitCode.FINDINGS
    except (PermissionError, FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        message = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        show_error(ChrononError(_SYSTEM_CODE, message, "check the path and its permissions"), as_json=as_json)
        return ExitCode.FINDINGS
    except Exception as error:  # noqa: BLE001  # the boundary: a stack trace goes to a file, never to the user
        return _our_bug(error, as_json=as_json)


def show_error(error: ChrononError, *, as_json: bool) -> None:
    """One error on standard error: a line and its hint, or one JSON object."""
    _show(error.code, error.message, error.hint, as_json=as_json)


def _show(code: str, message: str, hint: str, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"error": {"code": code, "message": message, "hint": hint}}), file=sys.stderr)
        return
    paint = paint_for(sys.stderr)
    print(" ".join(filter(None, (paint.bad("error"), code, printable(message)))), file=sys.stderr)
    if hint:
        print(f"hint: {printable(hint)}", file=sys.stderr)


def _ended(code: object) -> int:
    """The exit code of a command that came back: what it returned, or 0."""
    if code == ExitCode.INTERRUPTED:
        print("\ninterrupted: what was finished is kept; run the same command again to go on", file=sys.stderr)
    return code if isinstance(code, int) else ExitCode.DONE


def _wrong_usage(error: TyperException, *, as_json: bool) -> int:
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "chronon"
    if type(error).__name__ == "NoArgsIsHelpError":
        print(error.message)
        return ExitCode.USAGE
    _show("", error.format_message(), f"see `{path} --help`", as_json=as_json)
    return ExitCode.USAGE


def _our_bug(error: Exception, *, as_json: bool) -> int:
    with tempfile.NamedTemporaryFile("w", prefix="chronon-", suffix=".log", delete=False) as log:
        traceback.print_exception(error, file=log)
    message = f"this is a bug in chronon: {type(error).__name__}: {error}".splitlines()[0]
    _show("CHR-I000", message, f"please report it with the trace in {log.name}", as_json=as_json)
    return ExitCode.BUG


def _encode_anything() -> None:
    """Signs that a terminal's encoding lacks are shown escaped; a narrow encoding is no reason to fail."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
