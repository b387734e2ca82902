"""What `doctor` looks at, one function per thing. Nothing is changed, and no engine is started."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from chronon.cli.context import config_of
from chronon.cli.views.words import size_text
from chronon.model.errors import ChrononError

if TYPE_CHECKING:
    from chronon.loaders import Config, Target

_PYTHON = (3, 11)
_LOW_DISK_BYTES = 1_000_000_000
_ENGINES = {"spark": ("pyspark", "pyspark"), "flink": ("pyflink", "apache-flink")}
"""Extra → module, distribution."""


class Health(StrEnum):
    """GOOD: there. WARN: not there, and not needed by the target's engine. BAD: needed, and not there."""

    GOOD = "good"
    WARN = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at, and what to do about it."""

    what: str
    health: Health
    found: str
    hint: str = ""


def examine(repo: Path, target: str | None) -> tuple[Finding, ...]:
    """Everything there is to say about this machine and the repository around a folder."""
    chosen: Target | None = None
    config: Config | None = None
    found = [_python()]
    try:
        config = config_of(repo)
        chosen = config.target(target)
        message = f"{config.root / 'chronon.yaml'}, target {chosen.name} with engine {chosen.engine}"
        found.append(Finding(what="repository", health=Health.GOOD, found=message))
    except ChrononError as error:
        found.append(_bad("repository", error))
    engine = chosen.engine if chosen else "local"
    found.append(_java(needed=engine == "spark"))
    found += [_engine(extra, needed=engine == extra) for extra in _ENGINES]
    if config and chosen:
        found += [*_folders(config), _stores(config, chosen), _disk(chosen)]
    return tuple(found)


def _python() -> Finding:
    version, fits = platform.python_version(), sys.version_info[:2] == _PYTHON
    hint = "" if fits else "install chronon into a virtual environment of Python 3.11"
    return Finding(what="python", health=Health.GOOD if fits else Health.BAD, found=version, hint=hint)


def _java(*, needed: bool) -> Finding:
    from chronon.runners.jdk import find_java

    try:
        return Finding(what="java", health=Health.GOOD, found=find_java())
    except ChrononError as error:
        health = Health.BAD if needed else Health.WARN
        return Finding(what="java", health=health, found=error.message, hint=error.hint)


def _engine(extra: str, *, needed: bool) -> Finding:
    module, distribution = _ENGINES[extra]
    if find_spec(module) is not None:
        version = f"{distribution} {metadata.version(distribution)}"
        return Finding(what=extra, health=Health.GOOD, found=version)
    use = "batch jobs of targets with `engine: spark`" if extra == "spark" else "streams"
    message = f"{distribution} is not installed; it runs {use}"
    hint = f"pip install 'chronon-platform[{extra}]'"
    return Finding(what=extra, health=Health.BAD if needed else Health.WARN, found=message, hint=hint)


def _folders(config: Config) -> Iterator[Finding]:
    for what, folder in (("tables", config.tables), ("streams", config.streams)):
        if folder.is_dir():
            yield Finding(what=what, health=Health.GOOD, found=str(folder))
        else:
            hint = f"create it, or set `{what}` in chronon.yaml"
            yield Finding(what=what, health=Health.WARN, found=f"{folder} is not there", hint=hint)


def _stores(config: Config, target: Target) -> Finding:
    if not target.home.exists():
        return _new_home(target.home)
    from chronon.runners.deployment import open_deployment

    try:
        with open_deployment(config, target.name) as deployment:
            serial = deployment.state.read().serial
    except ChrononError as error:
        return _bad("stores", error)
    return Finding(what="stores", health=Health.GOOD, found=f"{target.home}, state serial {serial}")


def _new_home(home: Path) -> Finding:
    parent = _nearest(home)
    if os.access(parent, os.W_OK):
        return Finding(what="stores", health=Health.GOOD, found=f"{home} will be made by the first plan")
    hint = "change its permissions, or set `home` of the target in chronon.yaml"
    return Finding(what="stores", health=Health.BAD, found=f"{parent} cannot be written to", hint=hint)


def _disk(target: Target) -> Finding:
    free = shutil.disk_usage(_nearest(target.home)).free
    is_low = free < _LOW_DISK_BYTES
    hint = "free some space: computed tables and uploads are kept side by side" if is_low else ""
    return Finding(
        what="disk", health=Health.BAD if is_low else Health.GOOD, found=f"{size_text(free)} free", hint=hint
    )


def _nearest(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(place for place in (folder, *folder.parents) if place.exists())


def _bad(what: str, error: ChrononError) -> Finding:
    return Finding(what=what, health=Health.BAD, found=f"{error.code} {error.message}", hint=error.hint)
