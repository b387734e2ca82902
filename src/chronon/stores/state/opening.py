"""From the address of a state store to the store: a backend is a module of this folder that has `open_store`."""

from __future__ import annotations

import re

from chronon.model.errors import ChrononError
from chronon.stores.backends import meant, openers, schemes
from chronon.stores.state.contract import StateStore

_PACKAGE = __name__.rpartition(".")[0]


def open_state(address: str) -> StateStore:
    """The store at an address such as `sqlite:<path>`. Nothing is created before the first write.

    The part before the colon names the module of this folder that has `open_store(rest)`.
    Errors: CHR-K014 unknown backend; CHR-K016 damaged; CHR-K019 no permission; CHR-K125 … CHR-K127 of an address.
    """
    scheme, colon, rest = address.partition(":")
    found = openers(_PACKAGE, scheme)
    if not colon or not rest or scheme not in found:
        known = state_backends()
        expected = ", ".join(f"{one}:…" for one in known)
        message = f"{_shown(address)!r} is no address of a state store: expected one of {expected}"
        raise ChrononError("CHR-K014", message, meant(scheme, known, "sqlite"))
    store: StateStore = found[scheme](rest)
    return store


def state_backends() -> tuple[str, ...]:
    """The schemes of every backend, sorted."""
    return schemes(_PACKAGE)


def _shown(address: str) -> str:
    """The address without what could be a password."""
    return re.sub(r"//[^@/]*@", "//…@", address)
