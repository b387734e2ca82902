"""A reference without a version to an object that has several."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.validators.check import Check, Finding
from chronon.validators.context import Context
from chronon.validators.references import Reason
from chronon.validators.sites import lost


def find(context: Context) -> Iterator[Finding]:
    """Every reference that several versions answer to."""
    for site, found in lost(context, Reason.AMBIGUOUS):
        message = f"{site.kind} `{found.name}` has versions {' and '.join(map(str, found.versions))}"
        yield Finding(span=site.span, message=message, hint=f"write the one meant: `{site.text}@{found.versions[-1]}`")


CHECK = Check(
    code="CHR-V003", summary="a reference without a version to an object that has several", find=find, alone=True
)
