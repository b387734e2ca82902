"""A label that something reads: it is not known when a feature is."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.validators.alike import in_expressions
from chronon.validators.check import Check, Finding
from chronon.validators.checks.unknown_column import used_names
from chronon.validators.context import Context
from chronon.validators.outcomes import label_read, labels_of
from chronon.validators.sites import ExpressionSite

_HINT = "what happens after a row is for training alone: read it from the training rows, or derive it there"


def find(context: Context) -> Iterator[Finding]:
    """Every label in a derivation, or in a group_by that reads the output of its join."""
    yield from in_expressions(context, _of_one)
    for spec in context.repository.group_bys.values():
        team = spec.header.id.name.team
        rows = zip(spec.queries, context.rows(spec), strict=True)
        taken = {name for query, yielded in rows for name in labels_of(context, query, team) if yielded.lacks(name)}
        for name, path in used_names(spec) if taken else ():
            if name in taken:
                yield Finding(span=spec.header.span(*path), message=_message(name), hint=_HINT)


def _of_one(context: Context, site: ExpressionSite) -> Iterator[Finding]:
    if name := label_read(context, site):
        yield Finding(span=site.span_of(name), message=f"{site.role}: {_message(name)}", hint=_HINT)


def _message(name: str) -> str:
    return f"`{name}` is a label: it tells what happens later"


CHECK = Check(code="CHR-V125", summary="a label that a derivation or a feature reads", find=find)
