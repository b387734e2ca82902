"""Entities that change during the day, served online."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.specs import Accuracy, GroupBySpec
from chronon.validators.alike import in_group_bys
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context
from chronon.validators.defaults import accuracy_of


def find(context: Context) -> Iterator[Finding]:
    """Every online temporal group_by over entities whose mutations no topic carries.

    Entities that tell no mutations at all have a check of their own.
    """
    return in_group_bys(context, _of_one)


def _of_one(context: Context, spec: GroupBySpec) -> Iterator[Finding]:
    if not spec.online or accuracy_of(context, spec) is not Accuracy.TEMPORAL:
        return
    for source in (context.source(query, spec.header.id.name.team) for query in spec.queries):
        if source is not None and source.mutations is not None and source.mutations.topic is None:
            message = f"no topic carries the mutations of `{source.header.id.name.name}`: nothing could be served of its changes"
            hint = "give `mutations` a `topic`, write `accuracy: snapshot`, or leave `online` out"
            yield Finding(span=spec.header.span("online"), message=message, hint=hint)


CHECK = Check(code="CHR-V037", summary="an online temporal group_by over mutations without a topic", find=find)
