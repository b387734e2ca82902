"""The columns of labels, which training rows have and nobody may read: whoever does would know the future."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.expressions.errors import UNKNOWN_COLUMN
from chronon.model.names import Kind, ObjectId
from chronon.model.specs import GroupBySpec, JoinSpec, PartSpec, Path, QuerySpec
from chronon.validators.context import Context
from chronon.validators.sites import ExpressionSite, wrong


def labels_of(context: Context, query: QuerySpec, team: str) -> frozenset[str]:
    """The labels of the join whose output a query reads."""
    if query.join is None:
        return frozenset()
    found = context.find(Kind.JOIN, query.join, team)
    return label_names(context, context.repository.joins[found]) if isinstance(found, ObjectId) else frozenset()


def label_names(context: Context, join: JoinSpec) -> frozenset[str]:
    """The columns of a join's labels, under all their names."""
    columns = context.join(join).labels
    return frozenset(name for label in columns for name in (*label.types, *label.aliases))


def label_read(context: Context, site: ExpressionSite) -> str | None:
    """The label that an expression names as if it were a column; None when it names none."""
    error = wrong(context, site)
    if error is None or error.code != UNKNOWN_COLUMN:
        return None
    if site.query:
        names = labels_of(context, site.query.query, site.query.team)
    else:
        join = context.repository.joins.get(site.header.id)
        names = label_names(context, join) if join else frozenset()
    return next((name for name in sorted(names) if error.message.endswith(f"`{name}`")), None)


def labels(context: Context) -> Iterator[tuple[JoinSpec, Path, PartSpec, GroupBySpec]]:
    """Every label whose group_by is there, and the path at which it is written."""
    for join in context.repository.joins.values():
        for index, label in enumerate(join.labels):
            if group_by := context.group_by(label, join.header.id.name.team):
                yield join, ("labels", index), label, group_by
