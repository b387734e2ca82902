"""A PostgreSQL server for tests: loopback, a free port, a folder and a password of its own, ended by its own process id."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

USER = "chronon"
PASSWORD_VARIABLE = "CHRONON_TEST_STATE_PASSWORD"  # noqa: S105 - the name of a variable
NOBODY = 65_534
READY = "database system is ready to accept connections"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running server. Its password stands in the environment of the tests, under PASSWORD_VARIABLE."""

    port: int
    password: str
    numbers: Iterator[int] = field(default_factory=count)

    def address(self, schema: str | None = None) -> str:
        """The address of a schema; of a new one when none is named."""
        name = schema or f"s{next(self.numbers)}"
        return f"postgres://{USER}@127.0.0.1:{self.port}/postgres?schema={name}&password=env:{PASSWORD_VARIABLE}"

    @property
    def conninfo(self) -> str:
        return f"host=127.0.0.1 port={self.port} user={USER} dbname=postgres password={self.password}"


@contextlib.contextmanager
def running() -> Iterator[Server]:
    """A server from the binaries of the environment; no system package is needed. A server refuses to run as root."""
    found = importlib.util.find_spec("pgserver")
    assert found is not None, "the tests need PostgreSQL: run `make install`"
    assert found.origin is not None
    binaries = Path(found.origin).parent / "pginstall" / "bin"
    rights: Mapping[str, object] = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="chronon-postgres-"))
    password = secrets.token_hex(16)
    (folder / "password").write_text(password)
    if rights:
        for path in (folder, folder / "password"):
            os.chown(path, NOBODY, NOBODY)
    try:
        made = [
            binaries / "initdb",
            "-D",
            folder / "data",
            "-U",
            USER,
            "-A",
            "scram-sha-256",
            "--no-sync",
            "-E",
            "UTF8",
        ]
        subprocess.run(
            [*made, "--locale=C.UTF-8", f"--pwfile={folder / 'password'}"],
            check=True, capture_output=True, cwd=folder, **rights,
        )  # type: ignore[call-overload]  # fmt: skip
        with _started(binaries / "postgres", folder, rights) as port:
            os.environ[PASSWORD_VARIABLE] = password
            yield Server(port=port, password=password)
    finally:
        os.environ.pop(PASSWORD_VARIABLE, None)
        shutil.rmtree(folder)


@contextlib.contextmanager
def _started(binary: Path, folder: Path, rights: Mapping[str, object]) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    settings = {
        "port": port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "max_connections": 50,
        "fsync": "off",
    }
    options = [text for name, value in settings.items() for text in ("-c", f"{name}={value}")]
    process: subprocess.Popen[str] = subprocess.Popen(
        [binary, "-D", folder / "data", *options],
        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, cwd=folder, **rights,
    )  # type: ignore[call-overload]  # fmt: skip
    assert process.stderr is not None
    log: list[str] = []
    for line in process.stderr:
        log.append(line)
        if READY in line:
            break
    else:
        raise AssertionError("PostgreSQL did not start:\n" + "".join(log))
    reader = threading.Thread(target=log.extend, args=(process.stderr,), daemon=True)
    reader.start()
    try:
        yield port
    finally:
        process.send_signal(signal.SIGINT)  # ends the sessions that are left, then itself
        process.wait(timeout=60)
        reader.join()
        process.stderr.close()
