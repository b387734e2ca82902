"""The command line in a process of its own, with what it cost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MOST_MB = 256
MOST_CPU_S = 1.0
COMMAND = "chronon.cli.main"
LIMITED = 'ulimit -t "$1"; ulimit -v "$2"; shift 2; exec "$@"'
WATCHED = """
import atexit, pathlib, re, runpy, sys
peak, module, *arguments = sys.argv[1:]
status = pathlib.Path("/proc/self/status")
atexit.register(lambda: pathlib.Path(peak).write_text(re.search(r"VmHWM:\\s+(\\d+)", status.read_text())[1]))
sys.argv = [module, *arguments]
runpy.run_module(module, run_name="__main__")
"""
"""Runs the command and writes its peak of memory: what the parent learns of it counts the parent's own, from the fork."""


BARE_S = 0.016
"""What an interpreter that does nothing takes on the machine for which the limits are meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a child ended.

    cpu_s: user and system, as if on a machine where nothing takes `BARE_S`.  peak_mb: of resident memory.
    """

    code: int
    findings: list[dict[str, Any]]
    error: str
    cpu_s: float
    peak_mb: float


def validated(folder: Path, seconds: int = 20) -> Ended:
    """`chronon validate --json` on a folder; a child that hangs or grows without end is killed by its limits."""
    limits = [LIMITED, "sh", str(seconds), str(4 * MOST_MB << 10)]
    out, err, peak = (folder.parent / name for name in ("out.txt", "err.txt", "peak.txt"))
    told = ["validate", "--json", "--repo", str(folder)]
    # Watched, it touches memory otherwise and takes longer: its time is that of another run.
    watched = [sys.executable, "-c", WATCHED, str(peak), COMMAND, *told]
    anew = {**os.environ, "CHRONON_CACHE": "off"}
    subprocess.run(
        ["/bin/sh", "-c", *limits, *watched],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=anew,
        check=False,
    )
    command = [sys.executable, "-m", COMMAND, *told]
    before = bare_s()
    with out.open("wb") as stdout, err.open("wb") as stderr:
        child = subprocess.Popen(
            ["/bin/sh", "-c", *limits, *command],
            stdout=stdout,
            stderr=stderr,
            stdin=subprocess.DEVNULL,
        )
        _pid, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    printed = out.read_text()
    return Ended(
        code=child.returncode,
        findings=json.loads(printed)["findings"] if printed else [],
        error=err.read_text(),
        cpu_s=(used.ru_utime + used.ru_stime) / max(1.0, (before + bare_s()) / 2 / BARE_S),
        peak_mb=int(peak.read_text()) / 1024,
    )


def bare_s() -> float:
    """The processor time of an interpreter that does nothing: more on a slow machine, or one that others use too."""
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    _pid, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime
