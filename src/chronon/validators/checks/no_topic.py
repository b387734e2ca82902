"""An online group_by that promises the current moment and has no stream, or one for some of its rows only."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.specs import Accuracy, GroupBySpec, SourceKind
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context
from chronon.validators.defaults import accuracy_of
from chronon.validators.sites import QuerySite

_BY_DAY = "the output of a join is known by day, and no topic carries it"


def find(context: Context) -> Iterator[Finding]:
    """Every online temporal group_by with a source that goes on and has no topic; entities have a check of their own.

    A source with an `end` is history: beside one with a topic nothing of it is missed.
    """
    for spec in context.repository.group_bys.values():
        is_inferred_of_one = spec.accuracy is None and len(spec.queries) == 1
        if not spec.online or is_inferred_of_one or accuracy_of(context, spec) is not Accuracy.TEMPORAL:
            continue
        lacking = [site for site in _sites(spec) if _lacks_topic(context, site)]
        if len(lacking) == len(spec.queries):
            is_chained = all(site.query.join for site in lacking)
            cause, hint = (f": {_BY_DAY}", "") if is_chained else ("", "give the source a topic, or ")
            message = f"an online temporal group_by needs a source with a `topic`{cause}"
            yield Finding(span=spec.header.span("accuracy"), message=message, hint=f"{hint}write `accuracy: snapshot`")
            continue
        for site in lacking:
            source = context.source(site.query, site.team)
            if source is not None and source.end is None and site.query.end is None:
                message = (
                    f"no topic carries `{site.query.source}`: its rows count in training, and not in what is served"
                )
                hint = "give it a topic, an `end` if nothing more comes, or write `accuracy: snapshot`"
                yield Finding(span=site.span("source"), message=message, hint=hint)


def _sites(spec: GroupBySpec) -> list[QuerySite]:
    return [QuerySite(owner=spec, index=index, query=query) for index, query in enumerate(spec.queries)]


def _lacks_topic(context: Context, site: QuerySite) -> bool:
    """Whether what a query reads certainly has no topic, and is no entities."""
    if site.query.join is not None:
        return True
    source = context.source(site.query, site.team)
    return source is not None and source.kind is SourceKind.EVENTS and source.topic is None


CHECK = Check(code="CHR-V018", summary="an online temporal group_by without a topic", find=find)
