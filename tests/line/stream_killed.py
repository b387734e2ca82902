"""Applies what is planned of a repository, and is killed beside one of the writes of tiles.

python stream_killed.py <folder> <before|after> <n>     the n-th write of tiles and a savepoint, counted from 1
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from stream_world import Silent, a_plan

from chronon.loaders.config import load_config
from chronon.runners.apply import apply_plan
from chronon.runners.deployment import open_deployment


class Deadly:
    """A store that ends this process before or after its n-th write of tiles."""

    def __init__(self, inner: object, side: str, deadly: int) -> None:
        self._inner, self._side, self._deadly, self._seen = inner, side, deadly, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def write(self, entries: Any, **options: Any) -> Any:
        return self._watched(list(entries), lambda batch: self._inner.write(batch, **options))  # type: ignore[attr-defined]

    def replace(self, prefix: bytes, entries: Any, **options: Any) -> Any:
        return self._watched(list(entries), lambda batch: self._inner.replace(prefix, batch, **options))  # type: ignore[attr-defined]

    def _watched(self, batch: Any, write: Any) -> Any:
        self._seen += any(key.startswith(b"t/") for key, _ in batch)
        is_it = self._seen == self._deadly and batch[0][0].startswith(b"t/")
        if is_it and self._side == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        done = write(batch)
        if is_it:
            os.kill(os.getpid(), signal.SIGKILL)
        return done


def main(root: Path, side: str, deadly: int) -> None:
    """Apply; the process does not end well."""
    plan = a_plan(root)
    config, _found = load_config(root)
    assert config is not None
    with open_deployment(config) as deployment:
        watched = replace(deployment, kv=Deadly(deployment.kv, side, deadly))  # type: ignore[arg-type]
        apply_plan(watched, plan, holder=f"ann@here pid {os.getpid()}", observer=Silent())


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
