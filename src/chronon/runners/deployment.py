"""Everything that a target consists of, opened together: state, KV store, warehouse, source tables, engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from chronon.loaders.config import Config
from chronon.model.errors import ChrononError, InvariantError
from chronon.runners.engine import Engine
from chronon.stores.kv import open_kv
from chronon.stores.kv.contract import KvStore
from chronon.stores.state import open_state
from chronon.stores.state.contract import StateStore
from chronon.stores.tables.sources import SourceTables
from chronon.stores.tables.warehouse import Warehouse


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """The stores of one target. engine: starts the target's engine; the caller closes it."""

    home: Path
    state: StateStore
    kv: KvStore
    warehouse: Warehouse
    tables: SourceTables
    streams: Path
    engine: Callable[[], Engine]


@contextmanager
def open_deployment(config: Config, target: str | None = None) -> Iterator[Deployment]:
    """Open the stores of a target, the default one where none is named, and close them at the end.

    What is missing is made. Errors: CHR-S031 unknown target; CHR-R002 a home that cannot be made; CHR-K… from a store
    that cannot be opened.
    """
    chosen = config.target(target)
    _make(chosen.home)
    with ExitStack() as opened:
        state = open_state(chosen.state)
        opened.callback(state.close)
        kv = open_kv(chosen.kv_address)
        opened.callback(kv.close)
        yield Deployment(
            home=chosen.home,
            state=state,
            kv=kv,
            warehouse=Warehouse(chosen.warehouse),
            tables=SourceTables(config.tables),
            streams=config.streams,
            engine=lambda: start_engine(chosen.engine, chosen.home),
        )


def _make(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as cause:
        message = f"the folder {home} of the target cannot be made: {cause.strerror}"
        raise ChrononError(
            "CHR-R002", message, "check the path and its permissions, or set `home` in chronon.yaml"
        ) from cause


def start_engine(name: str, home: Path) -> Engine:
    """The engine of that name. The schema of chronon.yaml knows no other."""
    match name:
        case "local":
            from chronon.runners.local.engine import LocalEngine

            return LocalEngine()
        case "spark":
            from chronon.runners.spark.engine import SparkEngine

            return SparkEngine(home / "spark")
    raise InvariantError("known-engine", f"there is no engine {name!r}")
