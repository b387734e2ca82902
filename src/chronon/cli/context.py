"""What commands share: their common options, and the way from those to a configuration, a catalog, a deployment."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chronon.cli.reading import Reviewed, config_of, reviewed, root_of

if TYPE_CHECKING:
    from chronon.model.dayset import DaySet
    from chronon.model.definitions import Catalog
    from chronon.model.diagnostics import Diagnostic
    from chronon.model.live import Observed
    from chronon.model.specs import Repository
    from chronon.model.state import State
    from chronon.runners.deployment import Deployment
    from chronon.stores.tables.sources import SourceTables

RepoOption = Annotated[
    Path, typer.Option("--repo", help="A folder inside the repository; chronon.yaml is there or above.")
]
TargetOption = Annotated[str | None, typer.Option("--target", "-t", help="Target of chronon.yaml.  [default: its own]")]
EnvOption = Annotated[str, typer.Option("--env", help="Environment: which snapshots stand behind the names.")]
JsonOption = Annotated[bool, typer.Option("--json", help="The result as JSON on standard output.")]

HERE = Path()
PROD = "prod"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A repository after every check.

    root: the folder of its chronon.yaml; None when there is none.  catalog: None when a finding is an error.
    """

    root: Path | None
    repository: Repository | None
    catalog: Catalog | None
    found: tuple[Diagnostic, ...]


def check(repo: Path) -> Checked:
    """Everything in the repository around a folder, loaded and checked, with every finding."""
    from chronon.loaders import find_config
    from chronon.loaders.summaries import today_of
    from chronon.validators import validate

    here = repo.absolute().resolve()
    root = root_of(here)
    if root is None:
        return Checked(root=None, repository=None, catalog=None, found=find_config(here)[1])
    repository, catalog, found = validate(root, today_of(time.time_ns()))
    return Checked(root=root, repository=repository, catalog=catalog, found=found)


def seen(
    repo: Path,
    target: str | None,
    environment: str | None,
    told: Mapping[str, DaySet] | None = None,
    *,
    thorough: bool,
) -> tuple[State, SourceTables, Observed | None]:
    """What is deployed to a target, the source tables, and what is there of an environment: what a plan needs.

    environment: None looks at nothing.  told, thorough: see `observing.look`. Writes nothing, not even a folder.
    Errors: as `config_of`; CHR-S031 no such target; CHR-K016 … CHR-K019 of the state store.
    """
    from chronon.cli.observing import look
    from chronon.stores.state import open_state
    from chronon.stores.tables.sources import SourceTables

    config = config_of(repo)
    chosen, tables = config.target(target), SourceTables(config.tables)
    store = open_state(chosen.state)
    try:
        state = store.read()
        observed = None
        if environment is not None:
            observed = look(store, state, chosen, tables, environment, told or {}, thorough=thorough)
    finally:
        store.close()
    return state, tables, observed


@contextmanager
def deployment_of(repo: Path, target: str | None) -> Iterator[Deployment]:
    """The opened stores of a target. Errors: as `config_of`; CHR-S031 no such target; CHR-K… and CHR-R… of stores."""
    from chronon.runners.deployment import open_deployment

    with open_deployment(config_of(repo), target) as deployment:
        yield deployment


__all__ = [
    "HERE",
    "PROD",
    "Checked",
    "EnvOption",
    "JsonOption",
    "RepoOption",
    "Reviewed",
    "TargetOption",
    "check",
    "config_of",
    "deployment_of",
    "reviewed",
    "seen",
]
