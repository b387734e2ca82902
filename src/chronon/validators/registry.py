"""Every check that there is: the files of `validators/checks/`. A new check is a new file."""

from __future__ import annotations

import functools
import pkgutil
from importlib import import_module

from chronon.model.errors import InvariantError
from chronon.validators import checks
from chronon.validators.check import Check


@functools.cache
def all_checks() -> tuple[Check, ...]:
    """The checks in the order of their codes."""
    names = (module.name for module in pkgutil.iter_modules(checks.__path__))
    found: list[Check] = [import_module(f"{checks.__name__}.{name}").CHECK for name in names]
    if len({check.code for check in found}) != len(found):
        raise InvariantError("codes-are-unique", "two checks have one code")
    return tuple(sorted(found, key=lambda check: check.code))
