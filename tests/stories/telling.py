"""Command lines run one by one in a copy of a repository, and everything that they say, without what varies.

A plain `chronon …` runs in this process, and so do a program of the repository (`python program.py`) and a request to
the server of what is deployed there (`GET /ping`); any other line runs in a shell. What a line that begins with `@` says
is left out, unless it fails.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import getpass
import io
import os
import re
import resource
import runpy
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from shop_data import write_tables

from chronon.cli.app import run
from chronon.model.errors import ChrononError

HERE = Path(__file__).parent
PLAIN = re.compile(
    r"(?:ulimit -S -f (?P<limit>\d+); )?(?P<environment>(?:[A-Z_]+=\S* )*)chronon (?P<arguments>[^|<>;&*$]*)"
)
PROGRAM = re.compile(r"python (\w+\.py)")
REQUEST = re.compile(r"(GET|POST|PUT) (\S+)(?: (.+))?")
VARYING = (
    (re.compile(r"p-[0-9a-f]{16}"), "p-…"),
    (re.compile(r"\b\d+(\.\d+)? s\b"), "… s"),
    (re.compile(r'(?<="seconds": )\d+(\.\d+)?'), "…"),
    (re.compile(r"\b\d+(\.\d+)? (B|kB|MB|GB)\b"), "… kB"),
    (re.compile(r"\b20(?:2[5-9]|[3-9]\d)-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "<moment>"),
    (re.compile(r"[^\s\"]+@\S+ pid \d+"), "<who>"),
    (re.compile(re.escape(f"{getpass.getuser()}@{socket.gethostname()}")), "<person>"),
    (re.compile(r'(?<="generation": ")[^"]+'), "…"),
    (re.compile(r"sha256:[0-9a-f]{64}"), "sha256:…"),
    (re.compile(r"(?<=/staging/)p-\S+?-[0-9a-f]{24}-[0-9]+-[0-9a-f]{8}"), "…"),
)
BODY_TIMEOUT_S = 0.05
UNFINISHED = "…"
"""Ends a body of which the rest never comes."""

_CAPABILITIES_V3, _DAC_OVERRIDE, _DAC_READ_SEARCH = 0x20080522, 1 << 1, 1 << 2


def shop(folder: Path) -> Path:
    """The shop with its tables."""
    shutil.copytree(HERE / "shop", folder)
    write_tables(folder / "data")
    return folder


def tell(line: str, folder: Path) -> str:
    """A line of a script and what it says, with its exit code unless that is 0. The current folder is `folder`."""
    if line.startswith("#"):
        return f"{line}\n"
    line, is_shown = line.removeprefix("@"), not line.startswith("@")
    output, code = _answer(line, folder)
    output = steady(output.replace(str(folder), "<repo>")) if is_shown or code else ""
    return f"$ {line}\n{output}" + (f"[exit {code}]\n" if code else "")


def steady(text: str) -> str:
    """The text without what differs from run to run."""
    for pattern, name in VARYING:
        text = pattern.sub(name, text)
    return text


def _answer(line: str, folder: Path) -> tuple[str, int]:
    if plain := PLAIN.fullmatch(line):
        return _in_process(plain)
    if program := PROGRAM.fullmatch(line):
        return _program(folder / program[1])
    if request := REQUEST.fullmatch(line):
        return _request(request[1], request[2], request[3] or "", folder)
    return _in_shell(line, folder)


def _in_process(plain: re.Match[str]) -> tuple[str, int]:
    output = io.StringIO()
    environment = dict(word.split("=", 1) for word in plain["environment"].split())
    with contextlib.ExitStack() as around:
        around.enter_context(contextlib.redirect_stdout(output))
        around.enter_context(contextlib.redirect_stderr(output))
        around.enter_context(mock.patch.dict(os.environ, environment))
        around.enter_context(_bound_by_permissions())
        if plain["limit"]:
            around.enter_context(_files_at_most(int(plain["limit"])))
        code = run(shlex.split(plain["arguments"]))
    return output.getvalue(), code


def _program(path: Path) -> tuple[str, int]:
    """What a program prints, and the error that ends it, as the last line of a trace has it."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        try:
            runpy.run_path(str(path), run_name="__main__")
        except ChrononError as error:
            return f"{output.getvalue()}{type(error).__name__}: {error}\n", 1
    return output.getvalue(), 0


def _request(method: str, path: str, body: str, folder: Path) -> tuple[str, int]:
    """The reply to a request. body: `< FILE` is the file's; one that ends with `…` never ends."""
    from chronon.serving.fetcher import Fetcher
    from chronon.serving.http import Application
    from chronon.stores.kv import open_kv

    sent = (folder / body[2:]).read_bytes() if body.startswith("< ") else body.removesuffix(UNFINISHED).encode()
    messages = iter([{"type": "http.request", "body": sent, "more_body": body.endswith(UNFINISHED)}])
    replied: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return next(messages, None) or await asyncio.Future()

    async def send(message: dict[str, Any]) -> None:
        replied.append(message)

    with contextlib.closing(open_kv(f"lmdb:{folder}/.chronon/local/kv", read_only=True)) as kv:
        application = Application(Fetcher(kv), body_timeout_s=BODY_TIMEOUT_S)
        asyncio.run(application({"method": method, "path": path, "headers": []}, receive, send))
    status = replied[0]["status"]
    return f"{status} {replied[1]['body'].decode()}\n", 0 if status == 200 else 1


def _in_shell(line: str, folder: Path) -> tuple[str, int]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=folder,
        env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        check=False,
        timeout=120,
    )
    return done.stdout, done.returncode


@contextlib.contextmanager
def _bound_by_permissions() -> Iterator[None]:
    """What files and folders forbid binds the superuser too, who may run the tests; nobody else has what is given up."""
    libc, header, sets = ctypes.CDLL(None), (ctypes.c_uint32 * 2)(_CAPABILITIES_V3, 0), (ctypes.c_uint32 * 6)()
    libc.capget(header, sets)
    effective = sets[0]
    sets[0] = effective & ~(_DAC_OVERRIDE | _DAC_READ_SEARCH)
    libc.capset(header, sets)
    try:
        yield
    finally:
        sets[0] = effective
        libc.capset(header, sets)


@contextlib.contextmanager
def _files_at_most(kilobytes: int) -> Iterator[None]:
    """No file may become longer, which is how a full disk looks to a process."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes * 1024, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
