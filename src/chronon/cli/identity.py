"""Who runs a command: for locks, approvals and the log."""

from __future__ import annotations

import getpass
import os
import socket


def person() -> str:
    """Who approves."""
    return f"{getpass.getuser()}@{socket.gethostname()}"


def holder() -> str:
    """Who this process is, for people who meet its lock."""
    return f"{person()} pid {os.getpid()}"
