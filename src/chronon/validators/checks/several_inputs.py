"""A group_by that would be fed from several streams, or from a join and something else."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.specs import GroupBySpec, SourceKind, SourceSpec
from chronon.validators.alike import in_group_bys
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context


def find(context: Context) -> Iterator[Finding]:
    """Every group_by whose sources name several topics, and every one that reads a join beside another source."""
    return in_group_bys(context, _of_one)


def _of_one(context: Context, spec: GroupBySpec) -> Iterator[Finding]:
    team = spec.header.id.name.team
    found = [context.source(query, team) for query in spec.queries if query.source is not None]
    topics = sorted({topic for source in found if source is not None and (topic := _topic(source))})
    if len(topics) > 1:
        message = f"the sources have {len(topics)} topics ({', '.join(topics)}), expected one"
        yield _finding(spec, message, "write one group_by per topic")
    if len(spec.queries) > 1 and any(query.join for query in spec.queries):
        message = "the output of a join is read beside other sources, expected it alone"
        yield _finding(spec, message, "write one group_by that reads the join")


def _topic(source: SourceSpec) -> str | None:
    """What is folded of a source: its rows, or of entities what changes in them."""
    if source.kind is SourceKind.ENTITIES:
        return source.mutations.topic if source.mutations else None
    return source.topic


def _finding(spec: GroupBySpec, message: str, hint: str) -> Finding:
    return Finding(span=spec.header.span("sources"), message=message, hint=hint)


CHECK = Check(code="CHR-V035", summary="several topics, or a join beside other sources, in one group_by", find=find)
