"""From the address of a state store to the store: a backend is a module of this folder that has `open_store`."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
import re
from collections.abc import Callable
from pathlib import Path
from typing import cast

from chronon.model.errors import ChrononError
from chronon.stores.state.contract import StateStore


def open_state(address: str) -> StateStore:
    """The store at an address such as `sqlite:<path>`. Nothing is created before the first write.

    The part before the colon names the module of this folder that has `open_store(rest)`.
    Errors: CHR-K014 unknown backend; CHR-K016 damaged; CHR-K019 no permission; CHR-K125 … CHR-K127 of an address.
    """
    scheme, colon, rest = address.partition(":")
    openers = _openers(scheme)
    if not colon or not rest or scheme not in openers:
        known = state_backends()
        near = difflib.get_close_matches(scheme, known, n=1)
        message = (
            f"{_shown(address)!r} is no address of a state store: expected one of {', '.join(f'{k}:…' for k in known)}"
        )
        hint = f"did you mean {near[0]}:<path>?" if near else "for example sqlite:<path>"
        raise ChrononError("CHR-K014", message, hint)
    return openers[scheme](rest)


def state_backends() -> tuple[str, ...]:
    """The schemes of every backend, sorted."""
    return tuple(sorted(_openers()))


def _shown(address: str) -> str:
    """The address without what could be a password."""
    return re.sub(r"//[^@/]*@", "//…@", address)


def _openers(only: str | None = None) -> dict[str, Callable[[str], StateStore]]:
    package = __name__.rpartition(".")[0]
    folder = str(Path(__file__).parent)
    names = [module.name for module in pkgutil.iter_modules([folder]) if only in (None, module.name)]
    modules = {name: importlib.import_module(f"{package}.{name}") for name in names}
    return {
        name: cast("Callable[[str], StateStore]", module.open_store)
        for name, module in modules.items()
        if hasattr(module, "open_store")
    }
