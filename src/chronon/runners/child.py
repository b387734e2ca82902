"""A child process that cannot outlive its parent, with its log in a file."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """End this process when its parent ends, however that happens: by signal where the kernel has one, else by stdin.

    Called once by the child, before it starts anything. Children of ours hold nothing that is worth saving: what is not
    recorded by the parent is not read by anybody.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() == 1:
        os._exit(1)


def exit_on_end_of_input(stream: int = 0) -> None:
    """End this process group's work once the stream that the parent holds is closed. For children that read nothing."""

    def watch() -> None:
        while os.read(stream, 1):
            continue
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def tail_of_log(path: Path, lines: int = 12) -> str:
    """The last lines of a log, for an error message."""
    if not path.exists():
        return ""
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
