"""`validate` and `plan` as they are typed all day, answered without the parser of options: it takes longer than they do.

Law: what is answered here is what the parser would have led to (tests/cli/test_everyday.py).
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chronon.cli.boundary import guarded

_VERBS = {"validate": {"--json", "--repo"}, "plan": {"--json", "--repo", "--target", "-t", "--env"}}
"""Verb → the options that are understood here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A command line. options: with their values."""

    verb: str
    as_json: bool
    options: dict[str, str] = field(default_factory=dict)

    @property
    def repo(self) -> Path:
        """See `RepoOption`."""
        return Path(self.options.get("--repo", "."))


def everyday(arguments: Sequence[str]) -> int | None:
    """The exit code of a command line that is understood here; None of every other one, of which nothing was done."""
    line = line_of(arguments)
    if line is None:
        return None
    if line.verb == "validate":
        return guarded(lambda: _validate(line), as_json=line.as_json)
    from chronon.cli.reading import root_of

    if root_of(line.repo.absolute().resolve()) is None:
        return None
    return guarded(lambda: _plan(line, arguments), as_json=line.as_json)


def line_of(arguments: Sequence[str]) -> Line | None:
    """The command line, if it is one of those."""
    known = _VERBS.get(arguments[0]) if arguments else None
    if known is None:
        return None
    options: dict[str, str] = {}
    left = list(arguments[1:])
    while left:
        name, equals, value = left.pop(0).partition("=")
        if name not in known or name in options or (name == "--json" and equals) or (name == "-t" and equals):
            return None
        if name != "--json" and not equals:
            if not left or left[0].startswith("-"):
                return None
            value = left.pop(0)
        options["--target" if name == "-t" else name] = value
    return Line(verb=arguments[0], as_json="--json" in options, options=options)


def _validate(line: Line) -> int:
    from chronon.cli.exits import ExitCode
    from chronon.cli.reading import reviewed
    from chronon.cli.telling import has_errors, tell_review

    begun = time.monotonic()
    checked = reviewed(line.repo)
    tell_review(checked, time.monotonic() - begun, as_json=line.as_json)
    return ExitCode.FINDINGS if has_errors(checked.found) else ExitCode.DONE


def _plan(line: Line, arguments: Sequence[str]) -> int:
    from chronon.cli.exits import ExitCode
    from chronon.cli.keeping import aside_of
    from chronon.cli.reading import PROD
    from chronon.cli.replanning import replanning
    from chronon.cli.telling import APPLY, APPROVE, tell_findings, tell_plan

    again = replanning(line.repo, time.time_ns())
    if again is None:
        from chronon.cli.app import run

        return run(arguments)
    tell_findings(again.found, is_planned=not again.has_errors, as_json=line.as_json)
    if again.has_errors:
        return ExitCode.FINDINGS
    environment, target = line.options.get("--env", PROD), line.options.get("--target")
    made = again.plan(line.repo, target, environment, None, whole=line.as_json)
    if line.as_json:
        tell_plan(made, as_json=True)
        return ExitCode.DONE
    options = "" if environment == PROD else f" --env {shlex.quote(environment)}"
    following = f"{APPLY}{options}", APPROVE.replace("chronon plan", f"chronon plan{options}")
    tell_plan(made, *following, aside=aside_of(made, line.repo, target), as_json=False)
    return ExitCode.DONE
