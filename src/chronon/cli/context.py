"""What commands share: their common options, and the way from those to a configuration, a catalog, a deployment."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chronon.cli.reading import PROD, Reviewed, config_of, reviewed, root_of

if TYPE_CHECKING:
    from chronon.model.definitions import Catalog
    from chronon.model.diagnostics import Diagnostic
    from chronon.model.specs import Repository
    from chronon.runners.deployment import Deployment

RepoOption = Annotated[
    Path, typer.Option("--repo", help="A folder inside the repository; chronon.yaml is there or above.")
]
TargetOption = Annotated[str | None, typer.Option("--target", "-t", help="Target of chronon.yaml.  [default: its own]")]
EnvOption = Annotated[str, typer.Option("--env", help="Environment: which snapshots stand behind the names.")]
JsonOption = Annotated[bool, typer.Option("--json", help="The result as JSON on standard output.")]

HERE = Path()


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
]
