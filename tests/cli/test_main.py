"""The command line as a process: fast answers, exit codes, one line for every mistake."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from chronon import __version__
from chronon.cli import app
from chronon.cli.exits import ExitCode, exit_of
from chronon.model.errors import ChrononError, InvariantError

ROOT = Path(__file__).parents[2]
CHRONON = Path(sys.executable).with_name("chronon")
HEAVY = [
    "cattrs",
    "duckdb",
    "git",
    "jsonschema",
    "lmdb",
    "msgspec",
    "numpy",
    "pandas",
    "pyarrow",
    "pyflink",
    "pyspark",
    "redis",
    "rich",
    "ruamel",
    "sqlglot",
    "uvicorn",
]


def chronon(
    *arguments: str, folder: Path = ROOT, more: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "TERM"}}
    return subprocess.run(
        [str(CHRONON), *arguments],
        cwd=folder,
        env={**environment, **(more or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )


def imported_by(*arguments: str) -> set[str]:
    command = [sys.executable, "-X", "importtime", str(CHRONON), *arguments]
    report = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stderr
    return {line.rpartition("|")[2].strip() for line in report.splitlines() if line.startswith("import time:")}


BARE_MS = 16.0
"""What an interpreter that does nothing takes on the machine for which the two limits below are meant."""


def cost_ms(command: Sequence[str | Path]) -> float:
    """The processor time of one run."""
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return (used.ru_utime + used.ru_stime) * 1000


def best_of_seven_ms(*arguments: str) -> float:
    """The processor time of a command: the best of seven, as if the machine were one where nothing takes `BARE_MS`.

    A slower machine, or one that is busy, is slower for the bare interpreter between the runs too.
    """
    runs = [(cost_ms([sys.executable, "-c", "pass"]), cost_ms([CHRONON, *arguments])) for _ in range(7)]
    slowness = max(1.0, min(bare for bare, _ in runs) / BARE_MS)
    return min(own for _, own in runs) / slowness


def test_version_when_asked_then_is_that_of_the_package() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

    answer = chronon("--version")

    assert (answer.stdout, answer.stderr, answer.returncode) == (f"chronon {declared}\n", "", 0)
    assert declared == __version__


def test_version_when_asked_then_imports_not_even_typer() -> None:
    imported = imported_by("--version")

    assert "chronon.cli.main" in imported
    assert not {name for name in imported if name.split(".")[0] in {"typer", *HEAVY}}


@pytest.mark.parametrize("arguments", [("--help",), ("plan", "--help"), ("fetch", "--help"), ("serve", "--help")])
def test_help_when_asked_then_imports_nothing_heavy(arguments: tuple[str, ...]) -> None:
    imported = imported_by(*arguments)

    assert "typer" in imported
    assert not {name for name in imported if name.split(".")[0] in HEAVY}


def test_version_when_asked_then_answers_within_80_ms() -> None:
    assert best_of_seven_ms("--version") <= 80


def test_help_when_asked_then_answers_within_250_ms() -> None:
    assert best_of_seven_ms("--help") <= 250


def test_help_when_asked_then_lists_every_module_of_the_commands_folder() -> None:
    verbs = {file.stem for file in (ROOT / "src/chronon/cli/commands").glob("*.py")} - {"__init__"}

    text = chronon("--help").stdout

    listed = {
        line.split()[0]
        for line in text.partition("Commands:")[2].splitlines()
        if line.startswith("  ") and line[2] != " "
    }
    assert listed == verbs


@pytest.mark.parametrize("verb", sorted(app.Commands()))
def test_command_when_asked_for_help_then_describes_every_option(verb: str) -> None:
    command = app.Commands()[verb]

    assert (command.help or "").partition("\n")[0].rstrip(".") == app.Commands().summary(verb) != ""
    assert not [param.name for param in command.params if not getattr(param, "help", None)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("applyy",), "error No such command 'applyy'. Did you mean 'apply'?"),
        (("plan", "--nope"), "error No such option: --nope"),
        (
            ("plan", "--as-of", "tomorrow"),
            "error Invalid value: 'tomorrow' is no day; expected a date such as 2013-02-28",
        ),
        (("plan", "--json", "--markdown"), "error Invalid value: --json and --markdown exclude each other"),
        (("show",), "error Missing argument 'name'."),
    ],
)
def test_usage_when_wrong_then_exits_64_with_one_line_and_a_hint(arguments: tuple[str, ...], message: str) -> None:
    answer = chronon(*arguments)

    assert answer.returncode == ExitCode.USAGE
    assert answer.stdout == ""
    error = answer.stderr
    if "--json" in arguments:
        assert json.loads(error)["error"]["message"] in message
    else:
        assert error.splitlines()[0] == message
        assert error.splitlines()[1].startswith("hint: see `chronon")


def test_no_arguments_when_run_then_shows_help_and_exits_64() -> None:
    answer = chronon()

    assert answer.returncode == ExitCode.USAGE
    assert "Usage: chronon" in answer.stderr


def test_error_when_not_in_a_repository_then_is_one_line_with_code_and_hint(tmp_path: Path) -> None:
    answer = chronon("status", folder=tmp_path)

    lines = answer.stderr.splitlines()
    assert answer.returncode == ExitCode.FINDINGS
    assert lines[0].startswith("error CHR-S030 there is no chronon.yaml in ")
    assert lines[1].startswith("hint: ")
    assert len(lines) == 2


def test_error_when_json_is_asked_then_is_one_object(tmp_path: Path) -> None:
    answer = chronon("status", "--json", folder=tmp_path)

    error = json.loads(answer.stderr)["error"]
    assert (error["code"], sorted(error)) == ("CHR-S030", ["code", "hint", "message"])


def test_bug_when_a_command_breaks_then_the_trace_is_in_a_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def broken() -> int:
        """Breaks."""
        raise RuntimeError("one\ntwo")

    monkeypatch.setattr("chronon.cli.commands.validate.validate", broken)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    code = app.run(["validate"])

    error = capsys.readouterr().err
    (log,) = tmp_path.glob("chronon-*.log")
    assert code == ExitCode.BUG
    assert error.splitlines()[0] == "error CHR-I000 this is a bug in chronon: RuntimeError: one"
    assert str(log) in error
    assert "Traceback" not in error
    assert "Traceback" in log.read_text()


def test_interrupt_when_a_command_runs_then_exits_130_and_says_how_to_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted() -> int:
        """Is interrupted."""
        raise KeyboardInterrupt

    monkeypatch.setattr("chronon.cli.commands.validate.validate", interrupted)

    code = app.run(["validate"])

    assert code == ExitCode.INTERRUPTED
    assert "run the same command again to go on" in capsys.readouterr().err


def test_output_when_the_reader_leaves_then_no_trace_is_shown() -> None:
    command = f"{CHRONON} --help | head -c 1; {CHRONON} validate --json --repo {ROOT} | true"

    answer = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, timeout=60)

    assert answer.stderr == ""


def test_output_when_the_encoding_is_narrow_then_signs_are_escaped(tmp_path: Path) -> None:
    answer = chronon("validate", "--repo", "ü", folder=tmp_path, more={"PYTHONIOENCODING": "ascii"})

    assert answer.returncode == ExitCode.FINDINGS
    assert "\\xfc" in answer.stdout


@pytest.mark.parametrize(
    ("more", "coloured"),
    [({"TERM": "xterm"}, True), ({"TERM": "xterm", "NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)],
)
def test_colour_when_on_a_terminal_then_only_if_it_is_wanted(
    tmp_path: Path, more: Mapping[str, str], *, coloured: bool
) -> None:
    answer = on_a_terminal("validate", folder=tmp_path, more=more)

    assert ("\x1b[" in answer) is coloured
    assert "CHR-S030" in answer


def test_colour_when_not_on_a_terminal_then_is_left_out(tmp_path: Path) -> None:
    answer = chronon("validate", folder=tmp_path, more={"TERM": "xterm"})

    assert "\x1b" not in answer.stdout + answer.stderr


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ChrononError("CHR-K010", "held"), ExitCode.LOCKED),
        (ChrononError("CHR-K011", "moved"), ExitCode.STALE),
        (ChrononError("CHR-K012", "again"), ExitCode.STALE),
        (ChrononError("CHR-R020", "none"), ExitCode.FINDINGS),
        (InvariantError("law", "broken"), ExitCode.BUG),
    ],
)
def test_exit_when_an_error_ends_a_command_then_is_as_documented(error: ChrononError, code: ExitCode) -> None:
    assert exit_of(error) is code


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("chronon val", ["validate"]),
        ("chronon plan --detailed", ["--detailed-exitcode"]),
        ("chronon show delays.d", ["delays.departure"]),
        ("chronon explain airports.o", ["airports.origin"]),
    ],
)
def test_completion_when_asked_then_knows_commands_options_and_objects(line: str, found: list[str]) -> None:
    asked = {"_CHRONON_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}

    answer = chronon(more=asked)

    assert (answer.stdout.split(), answer.stderr, answer.returncode) == (found, "", 0)


def on_a_terminal(*arguments: str, folder: Path, more: Mapping[str, str]) -> str:
    environment = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "TERM"}}
    near, far = pty.openpty()
    with subprocess.Popen(
        [str(CHRONON), *arguments], cwd=folder, env={**environment, **more}, stdin=far, stdout=far, stderr=far
    ) as process:
        os.close(far)
        text = b""
        with contextlib.suppress(OSError):  # Linux says EIO instead of end of file once the other side has closed
            while chunk := os.read(near, 65_536):
                text += chunk
        process.wait(timeout=60)
    os.close(near)
    return text.decode()
