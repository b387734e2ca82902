"""A child process that cannot outlive its parent, with its log in a file."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import IO

from chronon.stores.secrets import secret_variables

_PR_SET_PDEATHSIG = 1
_PARENT = "CHRONON_PARENT_PID"


def child_environment(**extra: str) -> dict[str, str]:
    """This process's environment with some variables more and without secrets, for a child that calls `die_with_parent`."""
    kept = {name: value for name, value in os.environ.items() if name not in secret_variables()}
    return kept | {_PARENT: str(os.getpid())} | extra


def started(command: Sequence[str], log: IO[bytes], environment: Mapping[str, str]) -> subprocess.Popen[str]:
    """A child that talks through its standard input and output, begun by a thread that lives as long as it does.

    The kernel's word for the end of a parent is the end of the thread that began the child, and one that works on steps
    may end earlier. Errors: OSError when it cannot be begun.
    """
    answer: SimpleQueue[subprocess.Popen[str] | OSError] = SimpleQueue()

    def keep() -> None:
        try:
            child = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, env=environment
            )
        except OSError as cause:
            answer.put(cause)
            return
        answer.put(child)
        child.wait()

    threading.Thread(target=keep, name="keeper of a child", daemon=True).start()
    child = answer.get()
    if isinstance(child, OSError):
        raise child
    return child


def die_with_parent() -> None:
    """Have the kernel end this process when its parent ends, however that happens.

    Called once by a child, before it starts anything. Children of ours hold nothing that is worth saving: what is not
    recorded by the parent is not read by anybody.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != int(os.environ.get(_PARENT, os.getppid())):
        os._exit(1)  # the parent was gone before the kernel was told


def tail_of_log(path: Path, lines: int = 12) -> str:
    """The last lines of a log without the frames of stack traces, for an error message."""
    return "\n".join(_told(path)[-lines:])


def last_words(path: Path) -> str:
    """The line of a log that says why it ends: why there was no JVM, else the last one."""
    lines = _told(path)
    for at, line in reversed(list(enumerate(lines))):
        if line.startswith("Error: Could not create the Java Virtual Machine"):
            return lines[max(0, at - 1)]
        if line.startswith("Error occurred during initialization of VM"):
            return lines[min(at + 1, len(lines) - 1)]
    return lines[-1] if lines else ""


def _told(path: Path) -> list[str]:
    text = path.read_text(errors="replace") if path.exists() else ""
    return [line for line in text.splitlines() if line.strip() and not line[0].isspace() and "Traceback" not in line]
