"""A reference to a version that its object does not have."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.validators.check import Check, Finding
from chronon.validators.context import Context
from chronon.validators.references import Reason
from chronon.validators.sites import lost


def find(context: Context) -> Iterator[Finding]:
    """Every reference `name@version` whose name exists and whose version does not."""
    for site, found in lost(context, Reason.NO_VERSION):
        message = f"{site.kind} `{found.name}` has no version {site.text.partition('@')[2]}"
        there = " and ".join(map(str, found.versions))
        yield Finding(span=site.span, message=message, hint=f"there is version {there}")


CHECK = Check(code="CHR-V002", summary="a reference to a version that does not exist", find=find, alone=True)
