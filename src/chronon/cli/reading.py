"""The way from a folder to its configuration and its findings, for every command; nothing of a command line is imported."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chronon.model.errors import ChrononError

if TYPE_CHECKING:
    from chronon.loaders import Config
    from chronon.model.diagnostics import Diagnostic


PROD = "prod"
"""The environment that is meant where none is named, and that the others are held against."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """The findings of a repository. root: the folder of its chronon.yaml; None when there is none."""

    root: Path | None
    definitions: int
    found: tuple[Diagnostic, ...]


def config_of(repo: Path) -> Config:
    """The configuration around a folder, for commands that read no definitions.

    Errors: the first finding of chronon.yaml, with its place.
    """
    from chronon.loaders import find_config

    config, found = find_config(repo.absolute())
    if config is None:
        first = found[0]
        place = "" if first.code == "CHR-S030" else f"{first.span}: "
        raise ChrononError(first.code, f"{place}{first.message}", first.hint)
    return config


def reviewed(repo: Path) -> Reviewed:
    """Every finding of the repository around a folder; what has not changed since an earlier run is remembered."""
    from chronon.loaders import find_config
    from chronon.loaders.memory import memory_of
    from chronon.loaders.summaries import NOT_LOOKED, heard, look

    here = repo.absolute().resolve()
    root = root_of(here)
    if root is None:
        return Reviewed(root=None, definitions=0, found=find_config(here)[1])
    begun = time.time_ns()
    memory = memory_of(root, os.environ)
    seen = look(root, memory, begun) if memory else NOT_LOOKED
    if answer := seen.answer:
        return Reviewed(root=root, definitions=answer.definitions, found=heard(answer.found))
    from chronon.validators.review import review

    made = review(root, memory, begun, seen)
    return Reviewed(root=root, definitions=made.definitions, found=made.found)


def root_of(here: Path) -> Path | None:
    """The nearest folder with a chronon.yaml, there or above."""
    from chronon.loaders.config import FILE

    return next((folder for folder in (here, *here.parents) if (folder / FILE).exists()), None)
