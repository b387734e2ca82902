"""Which failures pass by themselves, and how long to wait before trying again.

The list is closed: what is not named here is not tried again. A mistake of a definition, a wrong type, a full disk or a
denied permission fails in the same way the next time, and trying again would only hide it for a while.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Callable
from dataclasses import dataclass

from chronon.model.errors import ChrononError

_BUSY_STORES = frozenset({"CHR-K017", "CHR-K124"})
"""A database that stayed locked, and a server that does not answer."""

_SYSTEM = frozenset({"CHR-R006", "CHR-K009"})
"""The system refused; its own number says why."""

_PASSING = frozenset(
    {
        errno.ECONNABORTED,
        errno.ECONNREFUSED,
        errno.ECONNRESET,
        errno.EHOSTUNREACH,
        errno.EINTR,
        errno.ENETUNREACH,
        errno.EPIPE,
        errno.ETIMEDOUT,
    }
)

_ENGINES = frozenset({"CHR-R005", "CHR-R024"})
"""Spark and Flink: only their words say why."""

_LOST = re.compile(
    r"ExecutorLostFailure \(|FetchFailed\(|FetchFailedException"
    r"|java\.net\.(ConnectException|SocketException|SocketTimeoutException|NoRouteToHostException)"
    r"|Connection (refused|reset)( by peer)?\b"
    r"|Lost executor \d+|Executor heartbeat timed out"
    r"|TaskManager with id \S+ (is no longer reachable|timed out)|Heartbeat of TaskManager .* timed out"
    r"|RemoteTransportException|LocalTransportException|NoResourceAvailableException"
)
_OWN_CONDITION = re.compile(r"\[[A-Z][A-Z0-9_.]+\]")
"""`[CAST_INVALID_INPUT]`: an engine says so of the query or of the data, whatever words the data hold."""


def is_transient(error: ChrononError) -> bool:
    """Whether the same step may well succeed a moment later."""
    if error.code in _BUSY_STORES:
        return True
    if error.code in _SYSTEM:
        return isinstance(error.__cause__, OSError) and error.__cause__.errno in _PASSING
    if error.code in _ENGINES:
        return bool(_LOST.search(error.message)) and not _OWN_CONDITION.search(error.message)
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """How often a step is tried again after a failure that passes, and after which pauses.

    limit:  attempts beside the first, of one apply.
    random: a number of [0, 1): pauses are drawn anew each time, so that those who failed together do not come back together.
    """

    limit: int
    random: Callable[[], float]
    first_s: float = 1.0
    longest_s: float = 60.0

    def pause_s(self, failures: int) -> float:
        """Seconds before the next attempt, after so many failures: anything up to a bound that doubles."""
        return self.random() * min(self.first_s * 2.0 ** (failures - 1), self.longest_s)
