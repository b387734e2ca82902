"""How many cores this process may use: the one place that asks."""

from __future__ import annotations

import os


def cores() -> int:
    """Processors that the process may run on, which a container or a scheduler can have narrowed; at least one."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
