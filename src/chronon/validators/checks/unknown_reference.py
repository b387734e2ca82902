"""A reference to an object that is not in the repository."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.loaders.nearest import listing, nearest
from chronon.model.names import Kind, ObjectName
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context
from chronon.validators.references import Lost, Reason
from chronon.validators.sites import ReferenceSite, lost


def find(context: Context) -> Iterator[Finding]:
    """Every reference whose name no object of its kind has."""
    hints: dict[tuple[Kind, str, ObjectName], str] = {}  # one removed source may be missed by thousands
    for site, found in lost(context, Reason.UNKNOWN):
        message = f"there is no {site.kind} `{found.name}`"
        key = (site.kind, site.team, found.name)
        if key not in hints:
            hints[key] = _hint(context, site, found)
        yield Finding(span=site.span, message=message, hint=hints[key])


def _hint(context: Context, site: ReferenceSite, found: Lost) -> str:
    """The nearest name, own names compared apart from teams: a shared team makes no two names alike."""
    others = (kind for kind in Kind if found.name in context.references.objects[kind])
    other = next((f"`{found.name}` is a {kind}" for kind in others), "")
    names = context.references.names(site.kind, site.team)
    own = {str(name).partition(".")[2]: name for name in reversed(names)}
    versioned = f"{site.team}.{found.name.team}"
    if versioned in names and found.name.name[:1] == "v":
        return f"did you mean `{versioned}`? A version is written `{found.name.team}@{found.name.name[1:]}`"
    if near := nearest(found.name.name, own):
        return f"did you mean `{own[near]}`?{other and f' {other}'}"
    return other or listing(names) or f"no {site.kind} is declared"


CHECK = Check(code="CHR-V001", summary="a reference to an object that does not exist", find=find, alone=True)
