"""The name that somebody probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

LISTED = 8
"""How many names a hint lists before it says how many more there are."""


NEAR, VERY_NEAR = 0.6, 0.75
"""How much of two names must be alike."""


def nearest(name: str, known: Iterable[str], cutoff: float = NEAR) -> str | None:
    """The known name that is most like the given one; None when none is near. Ties go to the first by alphabet."""
    close = difflib.get_close_matches(name, sorted(known), n=1, cutoff=cutoff)
    return close[0] if close else None


def suggestion(name: str, known: Iterable[str]) -> str:
    """A hint: the nearest name, else the few that there are; empty when there are none."""
    names = sorted(known)
    found = nearest(name, names)
    return f"did you mean `{found}`?" if found else listing(names)


def listing(names: Sequence[str]) -> str:
    """A hint that names what there is; empty when there is nothing."""
    if not names:
        return ""
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return f"known: {', '.join(f'`{one}`' for one in names[:LISTED])}{more}"
