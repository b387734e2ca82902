"""What the exit codes mean; a contract with scripts and pipelines (docs/cli.md)."""

from __future__ import annotations

from enum import IntEnum

from chronon.model.errors import ChrononError, InvariantError


class ExitCode(IntEnum):
    """How a command ended."""

    DONE = 0
    FINDINGS = 1
    CHANGES = 2
    APPROVAL = 3
    STALE = 4
    LOCKED = 5
    PARTIAL = 6
    USAGE = 64
    BUG = 70
    INTERRUPTED = 130


_BY_CODE = {
    "CHR-K010": ExitCode.LOCKED,
    "CHR-K011": ExitCode.STALE,
    "CHR-K012": ExitCode.STALE,
    "CHR-K013": ExitCode.LOCKED,
    "CHR-K020": ExitCode.STALE,
    "CHR-R070": ExitCode.APPROVAL,
    "CHR-R080": ExitCode.APPROVAL,
    "CHR-R081": ExitCode.APPROVAL,
    "CHR-R082": ExitCode.STALE,
    "CHR-R091": ExitCode.STALE,
}


def exit_of(error: ChrononError) -> ExitCode:
    """The exit code of a command that an error ended."""
    if isinstance(error, InvariantError):
        return ExitCode.BUG
    return _BY_CODE.get(error.code, ExitCode.FINDINGS)
