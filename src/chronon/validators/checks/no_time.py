"""Events that nobody gave a time."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.specs import JoinSpec, SourceKind
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context
from chronon.validators.sites import queries, reference


def find(context: Context) -> Iterator[Finding]:
    """Every query of events where neither the query nor the source says when a row became known.

    A bootstrap asks for the rows of a day, whatever their time.
    """
    for site in queries(context):
        if isinstance(site.owner, JoinSpec) and site.index is not None:
            continue
        source = context.source(site.query, site.team)
        is_timeless = source is not None and source.kind is SourceKind.EVENTS and source.time is None
        if is_timeless and site.query.time is None:
            read = reference(site)
            message = f"the events of `{read.text}` have no `time`"
            yield Finding(span=read.span, message=message, hint="write `time` in the source, or beside this reference")


CHECK = Check(code="CHR-V016", summary="events without a time", find=find)
