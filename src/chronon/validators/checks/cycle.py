"""Joins and group_bys that read each other in a circle."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.diagnostics import Span
from chronon.model.names import Kind, ObjectId
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context
from chronon.validators.sites import queries, reference


def find(context: Context) -> Iterator[Finding]:
    """Every cycle once, where its first object reads the next."""
    for cycle in context.cycles:
        if cycle[0] not in context.repository.joins and cycle[0] not in context.repository.group_bys:
            continue  # not asked about
        path = " → ".join(f"{one.kind} {one}" for one in (*cycle, cycle[0]))
        message = f"objects read each other in a circle: {path}"
        yield Finding(span=_place(context, cycle[0], cycle[1]), message=message, hint="remove one of these references")


def _place(context: Context, reader: ObjectId, read: ObjectId) -> Span:
    """Where the reader names what it reads."""
    team = reader.name.team
    if reader.kind is Kind.JOIN:
        join = context.repository.joins[reader]
        for path, part in join.asked:
            if context.references.find(Kind.GROUP_BY, part.group_by, team) == read:
                return join.header.span(*path, "group_by")
        return join.header.span()
    sites = (reference(site) for site in queries(context) if site.owner.header.id == reader)
    spans = [site.span for site in sites if context.references.find(site.kind, site.text, team) == read]
    return spans[0] if spans else context.repository.group_bys[reader].header.span()


CHECK = Check(code="CHR-V004", summary="joins and group_bys that read each other in a circle", find=find)
