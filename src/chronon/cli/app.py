"""The commands as one application."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup
from typer.exceptions import Abort, TyperException

from chronon import __version__
from chronon.cli import commands
from chronon.cli.boundary import guarded
from chronon.cli.errors import show_usage
from chronon.cli.exits import ExitCode

_ORDER = (
    "init",
    "validate",
    "plan",
    "diff",
    "explain",
    "approve",
    "apply",
    "promote",
    "rollback",
    "env",
    "clean",
    "status",
    "history",
    "show",
    "graph",
    "lineage",
    "compare",
    "fetch",
    "serve",
    "unlock",
    "schema",
    "state",
    "doctor",
)
"""How the help lists commands; others follow by name."""


class Commands(Mapping[str, Any]):
    """Name → command, for every module in `cli/commands/`; a command is imported when it is looked at."""

    def __init__(self) -> None:
        names = {module.name for module in pkgutil.iter_modules(commands.__path__)}
        self._names = (*(name for name in _ORDER if name in names), *sorted(names.difference(_ORDER)))

    def __getitem__(self, name: str) -> Any:
        if name not in self._names:
            raise KeyError(name)
        module = importlib.import_module(f"{commands.__name__}.{name}")
        if group := getattr(module, "verbs", None):  # a command of commands; the function of its name describes it
            return typer.main.get_command(group)
        single = typer.Typer(add_completion=False, rich_markup_mode=None)
        single.command(name)(getattr(module, name))
        return typer.main.get_command(single)

    def summary(self, name: str) -> str:
        """The first line of a command's help, read from its source: importing every command takes longer."""
        source = Path(next(iter(commands.__path__)), f"{name}.py").read_text(encoding="utf-8")
        functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and node.name == name]
        return (ast.get_docstring(functions[0]) or "").partition("\n")[0].rstrip(".")

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class Verbs(TyperGroup):
    """The group whose commands are the modules of `cli/commands/`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._verbs = Commands()
        self.commands = self._verbs  # type: ignore[assignment]  # looked at, never written to

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  # the signature is typer's
        """The names, in the order of the help."""
        return list(self._verbs)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002  # the signature is typer's
        """The list of commands in the help."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, self._verbs.summary(name)) for name in self._verbs])


app = typer.Typer(cls=Verbs, rich_markup_mode=None, no_args_is_help=True)


@app.callback()
def chronon(
    *, version: bool = typer.Option(False, "--version", help="Show the version and exit.", is_eager=True)
) -> None:
    """A feature platform whose configuration is the product: validate, plan, apply, serve."""
    if version:
        print(f"chronon {__version__}")
        raise typer.Exit


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code. Never raises, and shows no stack trace."""
    as_json = "--json" in arguments
    return guarded(lambda: _called(arguments, as_json=as_json), as_json=as_json)


def _called(arguments: Sequence[str], *, as_json: bool) -> object:
    try:
        return typer.main.get_command(app).main(list(arguments), prog_name="chronon", standalone_mode=False)
    except TyperException as error:
        return _wrong_usage(error, as_json=as_json)
    except Abort as error:
        raise KeyboardInterrupt from error


def _wrong_usage(error: TyperException, *, as_json: bool) -> int:
    if type(error).__name__ == "NoArgsIsHelpError":
        print(error.message, file=sys.stderr)
        return ExitCode.USAGE
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "chronon"
    return show_usage(error.format_message(), f"see `{path} --help`", as_json=as_json)
