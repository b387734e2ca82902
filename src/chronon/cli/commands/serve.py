"""`chronon serve`: the fetcher over HTTP, until it is told to stop."""

from __future__ import annotations

from typing import Annotated

import typer

from chronon.cli.context import HERE, PROD, EnvOption, RepoOption, TargetOption, config_of
from chronon.cli.exits import ExitCode
from chronon.cli.terminal import say

_LOCAL = ("127.0.0.1", "::1", "localhost")


def serve(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 8080,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that answer.")] = 1,
    target: TargetOption = None,
    environment: EnvOption = PROD,
    repo: RepoOption = HERE,
) -> int:
    """Serve features over HTTP until SIGTERM or Ctrl-C, which let running requests finish.

    Says one line with the address when it is ready. Routes and statuses: docs/serving.md.
    """
    from chronon.serving.server import serve as run

    if host not in _LOCAL:
        say(f"listening on {host}: there is no authentication, so keep it behind a proxy that has one")
    run(
        config_of(repo).target(target).kv_address,
        environment,
        host,
        port,
        workers,
        announce=lambda line: print(line, flush=True),
    )
    return ExitCode.DONE
