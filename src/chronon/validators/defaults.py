"""What a definition inherits where its author says nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chronon.model.specs import Accuracy, GroupBySpec, SourceSpec
from chronon.model.time import MINUTE, Millis

if TYPE_CHECKING:
    from chronon.validators.context import Context

LARGEST_TILE = Millis(5 * MINUTE)


def accuracy_of(context: Context, spec: GroupBySpec) -> Accuracy | None:
    """As written; else temporal when a source or its mutations have a topic, else snapshot; None when one is missing."""
    if spec.accuracy is not None:
        return spec.accuracy
    queries = [query for query in spec.queries if query.join is None]
    sources = [context.source(query, spec.header.id.name.team) for query in queries]
    if any(source is not None and has_topic(source) for source in sources):
        return Accuracy.TEMPORAL
    return None if None in sources else Accuracy.SNAPSHOT


def has_topic(source: SourceSpec) -> bool:
    """Whether a stream carries its rows, or the changes of its entities."""
    return source.topic is not None or (source.mutations is not None and source.mutations.topic is not None)


def tile_of(context: Context, spec: GroupBySpec) -> Millis:
    """Size of the stream's tiles: the group_by's, else the team's, else 5 minutes."""
    team = context.repository.teams.get(spec.header.id.name.team)
    return spec.tile or (team and team.tile) or LARGEST_TILE
