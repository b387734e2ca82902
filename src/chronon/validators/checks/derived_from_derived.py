"""A derivation that reads another derivation."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.validators.check import Check, Finding
from chronon.validators.context import Context
from chronon.validators.derived import derived_reads
from chronon.validators.sites import derivations


def find(context: Context) -> Iterator[Finding]:
    """Every derivation that would be right if other derivations were columns."""
    for join in context.repository.joins.values():
        for site in derivations(context, join):
            if names := derived_reads(context, site):
                message = f"this derivation reads the derivation `{names[0]}`: all are computed at once"
                hint = f"put the expression of `{names[0]}` in its place"
                yield Finding(span=site.span, message=message, hint=hint)


CHECK = Check(code="CHR-V025", summary="a derivation that reads another derivation", find=find)
