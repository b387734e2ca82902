"""Runs the HTTP service on uvicorn: binds, starts one process per worker, says when it is ready, ends gracefully."""

from __future__ import annotations

import logging
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.supervisors.multiprocess import Multiprocess

from chronon.model.errors import ChrononError

if TYPE_CHECKING:
    from chronon.serving.http import Application

_GRACE_S = 10
"""How long requests that are being answered may take after a signal to stop."""

START_S = 30.0
"""How long a worker may take to start."""

Announce = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Service:
    """Makes the application inside the worker that runs it; travels to other processes."""

    kv_address: str
    environment: str

    def __call__(self) -> Application:
        """The application of this process, on its own handle of the store, with everything loaded that answers need."""
        from chronon.expressions import parse  # noqa: F401 - no request shall wait for an import
        from chronon.serving.fetcher import Fetcher
        from chronon.serving.http import Application
        from chronon.stores.kv.contract import open_kv

        return Application(Fetcher(open_kv(self.kv_address, read_only=True), self.environment))


def serve(
    kv_address: str,
    environment: str = "prod",
    host: str = "127.0.0.1",
    port: int = 8080,
    workers: int = 1,
    *,
    announce: Announce = print,
    start_s: float = START_S,
) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is being answered and return.

    port: 0 takes a free one. announce: told one line with the address once every worker answers, which each does within start_s.
    Errors: CHR-K… when the store cannot be opened; CHR-F020 when the address cannot be bound; CHR-F021 when a worker
    does not start.
    """
    _check_store(kv_address)
    bound = _bind(host, port)
    config = uvicorn.Config(
        Service(kv_address, environment),
        factory=True,
        workers=workers,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level=logging.WARNING,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_S,
    )
    line = f"serving {environment} on http://{_address(bound)} ({workers} {'worker' if workers == 1 else 'workers'})"
    _mute_after_stop()
    with bound:
        if workers == 1:
            _One(config, lambda: announce(line)).run(sockets=[bound])
        else:
            _Many(config, bound, lambda: announce(line), start_s).run()


class _One(uvicorn.Server):
    """A server in this process that says when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


class _Many(Multiprocess):
    """Worker processes on one socket; ready when all of them are."""

    def __init__(self, config: uvicorn.Config, bound: socket.socket, ready: Callable[[], None], start_s: float) -> None:
        self._ready, self._start_s = ready, start_s
        super().__init__(config, [bound])

    def init_processes(self) -> None:
        super().init_processes()
        for process in self.processes:
            if not process.wait_until_ready(self._start_s, self.should_exit):
                self.terminate_all()
                self.join_all()
                raise ChrononError(
                    "CHR-F021", f"a worker did not start within {self._start_s:.0f} s", "see its log above"
                )
        self._ready()


def _check_store(kv_address: str) -> None:
    from chronon.stores.kv.contract import open_kv

    open_kv(kv_address, read_only=True).close()


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(2048)
    except (OSError, OverflowError) as refused:
        bound.close()
        raise ChrononError(
            "CHR-F020",
            f"cannot listen on {host}:{port}: {getattr(refused, 'strerror', None) or refused}",
            "choose another --port (0 takes a free one), or a --host that is an address of this machine",
        ) from refused
    bound.set_inheritable(True)
    return bound


def _address(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _mute_after_stop() -> None:
    """Uvicorn raises the signal again once it has stopped; a stop that was asked for is no failure."""
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, lambda _number, _frame: None)
