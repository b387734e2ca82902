"""A reference to an object that is not in the repository."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.loaders.nearest import suggestion
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context
from chronon.validators.references import Reason
from chronon.validators.sites import lost


def find(context: Context) -> Iterator[Finding]:
    """Every reference whose name no object of its kind has."""
    for site, found in lost(context, Reason.UNKNOWN):
        names = context.references.names(site.kind, site.team)
        message = f"there is no {site.kind} `{found.name}`"
        yield Finding(
            span=site.span, message=message, hint=suggestion(str(found.name), names, f"no {site.kind} is declared")
        )


CHECK = Check(code="CHR-V001", summary="a reference to an object that does not exist", find=find)
