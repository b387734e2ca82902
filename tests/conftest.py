"""What every test shares: the deterministic hypothesis profile."""

from __future__ import annotations

import os
import signal
import tempfile

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "ci", derandomize=True, deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci")

_HOME = tempfile.TemporaryDirectory(prefix="chronon-tests-")
os.environ |= {"XDG_CACHE_HOME": f"{_HOME.name}/cache", "XDG_STATE_HOME": f"{_HOME.name}/state"}
"""What the product remembers of repositories here is gone with the tests, and its user's memory is not theirs."""

TIMES = int(os.environ.get("CHRONON_EXAMPLES", "1"))
"""How many times the examples of every property: more than once in `make soak`, with new ones in each run."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for function in {getattr(item, "obj", None) for item in items} if TIMES > 1 else ():
        own = getattr(function, "_hypothesis_internal_use_settings", None)
        if own is not None:
            more = settings(own, max_examples=own.max_examples * TIMES, derandomize=False)
            function._hypothesis_internal_use_settings = more  # type: ignore[union-attr]


# A shell starts background jobs with Ctrl-C ignored, and children inherit that: tests that interrupt would wait for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
