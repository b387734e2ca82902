"""The keys of a repository of which an earlier run has kept the graph: only documents that say something else have other ones.

Law: the closures are those of `closures_of`, or there are none (tests/validators/test_carried.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter

import msgspec

from chronon.loaders.summaries import Summary
from chronon.loaders.survey import Survey
from chronon.model.names import Kind, ObjectId, ObjectName
from chronon.model.specs import Level
from chronon.model.time import Day
from chronon.validators.closures import Closures, placed, teams_of
from chronon.validators.references import References
from chronon.validators.whole import Whole

Identity = tuple[str, str, str, int]
"""Kind, team, name and version of an object."""


class Graph(msgspec.Struct, frozen=True, array_like=True):
    """How the documents of a repository hang together: what their keys are made from, besides what each of them says.

    reads: as in `Closures`.  unread, served, checks, today: as in `Whole`.
    """

    reads: dict[str, tuple[str, ...]]
    unread: tuple[Identity, ...]
    served: dict[str, Identity]
    checks: dict[str, str]
    today: int


def graph_of(closures: Closures) -> Graph | None:
    """What to keep; None of a repository with a broken file or a cycle, which are rare, and looked at as a whole."""
    survey, whole = closures.survey, closures.whole
    if survey.found or whole.cycles or whole.references.hidden or whole.today is None:
        return None
    return Graph(
        reads=closures.reads,
        unread=tuple(map(_told, whole.unread)),
        served={team: _told(identity) for team, identity in whole.served.items()},
        checks={name: level.value for name, level in whole.checks.items()},
        today=whole.today,
    )


@dataclass(frozen=True, slots=True)
class Before:
    """What an earlier run has kept: the summary and the key of every document, and the graph."""

    summaries: Mapping[str, Summary]
    keys: dict[str, bytes]
    graph: Graph


def carried(survey: Survey, before: Before, checks: Mapping[str, Level], today: Day) -> Closures | None:
    """The closures of a survey; None when it hangs together otherwise than before, or may do so. checks, today: as in `Whole`."""
    summaries, graph = before.summaries, before.graph
    if survey.found or graph.checks != checks or survey.summaries.keys() != summaries.keys():
        return None
    changed = [path for path, one in survey.summaries.items() if summaries[path] is not one]
    if any(_links(summaries[path]) != _links(survey.summaries[path]) for path in changed):
        return None
    if any((day < graph.today) != (day < today) for one in survey.summaries.values() for day in one.days):
        return None
    whole = Whole(
        references=References.among(survey.paths, ()),
        unread=frozenset(map(_heard, graph.unread)),
        served={team: _heard(identity) for team, identity in graph.served.items()},
        checks=checks,
        today=today,
    )
    documents = {path: survey.summaries[path] for path in survey.paths.values()}
    made = Closures(survey, whole, placed(documents), dict(before.keys), dict(graph.reads), teams_of(documents))
    others = [path for path in changed if summaries[path].content != survey.summaries[path].content]
    concerned = made.with_readers(one for path in others for one in (path, *made.beside(path)))
    for path in _parents_first(concerned, graph.reads):
        made.add(path, ())
    return made


def _links(summary: Summary) -> Summary:
    """What a document has to do with others, whatever it says besides."""
    return msgspec.structs.replace(summary, stamp=None, content=b"")


def _parents_first(paths: Collection[str], reads: Mapping[str, tuple[str, ...]]) -> Iterable[str]:
    # A team is its own team.
    edges = {path: [one for one in reads[path] if one in paths and one != path] for path in paths}
    return TopologicalSorter(edges).static_order()


def _told(identity: ObjectId) -> Identity:
    return identity.kind.value, identity.name.team, identity.name.name, identity.version


def _heard(identity: Identity) -> ObjectId:
    kind, team, name, version = identity
    return ObjectId(Kind(kind), ObjectName(team, name), version)
