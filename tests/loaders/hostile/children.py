"""The command line in a process of its own, with what it cost."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MOST_MB = 256
MOST_CPU_S = 1.0
COMMAND = "chronon.cli.main"
LIMITED = 'ulimit -t "$1"; ulimit -v "$2"; shift 2; exec "$@"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a child ended. cpu_s: user and system.  peak_mb: of resident memory."""

    code: int
    findings: list[dict[str, Any]]
    error: str
    cpu_s: float
    peak_mb: float


def validated(folder: Path, seconds: int = 20) -> Ended:
    """`chronon validate --json` on a folder; a child that hangs or grows without end is killed by its limits."""
    limits = [LIMITED, "sh", str(seconds), str(4 * MOST_MB << 10)]
    command = [sys.executable, "-m", COMMAND, "validate", "--json", "--repo", str(folder)]
    out, err = folder.parent / "out.txt", folder.parent / "err.txt"
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
        cpu_s=used.ru_utime + used.ru_stime,
        peak_mb=_peak_mb(used.ru_maxrss),
    )


def _peak_mb(child_kb: int) -> float:
    """The child's own peak: the kernel counts what the test's process held when it forked, which tells nothing then."""
    own_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return 0.0 if child_kb <= own_kb else child_kb / 1024
