"""Backends of a kind of store: the modules of its package that have `open_store`, by the scheme of an address."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from typing import Any


def openers(package: str, only: str | None = None) -> Mapping[str, Callable[..., Any]]:
    """Scheme → what opens a store at the rest of an address. only: no other module is imported."""
    paths = importlib.import_module(package).__path__
    names = [module.name for module in pkgutil.iter_modules(paths) if only in (None, module.name)]
    modules = {name: importlib.import_module(f"{package}.{name}") for name in names}
    return {name: module.open_store for name, module in modules.items() if hasattr(module, "open_store")}


def schemes(package: str) -> tuple[str, ...]:
    """The schemes of every backend, sorted."""
    return tuple(sorted(openers(package)))


def meant(scheme: str, known: Sequence[str], usual: str) -> str:
    """What to write in the place of an address that has no backend. usual: the scheme to show where none is near."""
    near = difflib.get_close_matches(scheme, known, n=1)
    return f"did you mean {near[0]}:<path>?" if near else f"for example {usual}:<path>"
