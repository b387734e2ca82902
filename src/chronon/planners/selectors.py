"""One grammar for choosing objects, wherever a command takes a selection (docs/planning.md, Selecting).

    airlines.carrier        an object, or with * and ? several; a version with @2
    +airlines.carrier       the same with everything above it;   2+… at most two steps up
    airlines.carrier+       with everything that reads it;       …+1 at most one step down
    team:airlines kind:join tag:tier=gold owner:@ml path:teams/airlines/*
    changed                 what differs from what is deployed

Blanks (and several options) take one or the other, commas what is in all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from chronon.loaders.nearest import suggestion
from chronon.model.errors import ChrononError
from chronon.model.names import Kind, ObjectId
from chronon.model.specs import Header, Repository
from chronon.model.state import Snapshot
from chronon.planners.objects import ObjectGraph, object_graph
from chronon.planners.recorded import catalog_of, repository_of

MALFORMED = "CHR-P092"
NOTHING = "CHR-P093"

_TERM = re.compile(r"(?P<up>\d*\+)?(?P<body>[^+\s,]+)(?P<down>\+\d*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selectable:
    """What selectors ask of an object."""

    id: ObjectId
    tags: Mapping[str, str]
    owners: tuple[str, ...]
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """What selectors choose from.

    changed: the objects that differ from what is deployed; None where nothing was compared, and `changed` means nothing.
    untold:  ways to choose of which nothing is known here: snapshots record neither tags nor owners.
    """

    graph: ObjectGraph
    objects: tuple[Selectable, ...]
    changed: frozenset[ObjectId] | None
    untold: frozenset[str] = frozenset()


def field_of_move(
    snapshots: Sequence[Snapshot], deployed: Mapping[ObjectId, Snapshot], changed: Collection[ObjectId]
) -> Field:
    """What selectors choose from where an environment is moved to snapshots. changed: the objects that change by it."""
    repository = repository_of(snapshots)
    field = Field(
        graph=object_graph(catalog_of(snapshots), repository),
        objects=selectable(repository),
        changed=frozenset(changed),
        untold=frozenset({"owner", "tag"}),
    )
    gone = deployed.keys() - field.graph.parents.keys()
    return with_removed(field, {identity: deployed[identity].origin for identity in sorted(gone)})


def selectable(repository: Repository) -> tuple[Selectable, ...]:
    """Every source, group_by and join of a repository."""
    headers = [source.header for source in repository.sources.values()]
    headers += [group_by.header for group_by in repository.group_bys.values()]
    headers += [join.header for join in repository.joins.values()]
    return tuple(_selectable(header, repository) for header in headers)


def _selectable(header: Header, repository: Repository) -> Selectable:
    return Selectable(id=header.id, tags=header.tags, owners=repository.owners_of(header), path=header.path)


def with_removed(field: Field, removed: Mapping[ObjectId, str]) -> Field:
    """The same with objects that are deployed and no longer declared. removed: object → the file where it was."""
    gone = tuple(Selectable(id=one, tags={}, owners=(), path=path) for one, path in removed.items())
    alone: Mapping[ObjectId, tuple[ObjectId, ...]] = dict.fromkeys(removed, ())
    graph = ObjectGraph(parents={**field.graph.parents, **alone}, readers={**field.graph.readers, **alone})
    return replace(field, graph=graph, objects=(*field.objects, *gone))


def chosen(selectors: Sequence[str], field: Field) -> frozenset[ObjectId]:
    """The objects that any of the selectors chooses.

    Errors: CHR-P092 a selector that is none; CHR-P093 one that chooses nothing.
    """
    found: set[ObjectId] = set()
    for selector in (part for text in selectors for part in text.split()):
        each = frozenset.intersection(*(_term(term, field) for term in selector.split(",")))
        if not each:
            raise ChrononError(NOTHING, f"`{selector}` chooses nothing", "`chronon graph` lists what there is")
        found |= each
    return frozenset(found)


def _term(term: str, field: Field) -> frozenset[ObjectId]:
    match = _TERM.fullmatch(term)
    if match is None:
        raise ChrononError(MALFORMED, f"`{term}` is no selector", "write a name such as `airlines.carrier` or `team:x`")
    start = _named(match["body"], field)
    above = field.graph.reached(start, down=False, steps=_steps(match["up"]))
    return start | above | field.graph.reached(start, down=True, steps=_steps(match["down"]))


def _steps(sign: str | None) -> int | None:
    if sign is None:
        return 0
    number = sign.strip("+")
    return int(number) if number else None


def _named(body: str, field: Field) -> frozenset[ObjectId]:
    method, colon, value = body.partition(":")
    if colon:
        return _by_method(method, value, field)
    if body == "changed":
        return _changed(field)
    names = {one.id: (str(one.id.name), f"{one.id.name}@{one.id.version}") for one in field.objects}
    found = frozenset(identity for identity, both in names.items() if any(fnmatchcase(name, body) for name in both))
    if not found:
        hint = suggestion(body, sorted({both[0] for both in names.values()}))
        raise ChrononError(NOTHING, f"no object is named `{body}`", hint)
    return found


def _changed(field: Field) -> frozenset[ObjectId]:
    if field.changed is None:
        raise ChrononError(MALFORMED, "nothing is compared here, so nothing is `changed`", "use it with `chronon plan`")
    return field.changed


Matches = Callable[[Selectable, str], bool]

_METHODS: Mapping[str, Matches] = {
    "kind": lambda one, value: one.id.kind.value == value,
    "owner": lambda one, value: any(fnmatchcase(owner, value) for owner in one.owners),
    "path": lambda one, value: fnmatchcase(one.path, value) or one.path.startswith(f"{value.rstrip('/')}/"),
    "tag": lambda one, value: _has_tag(one, *value.partition("=")),
    "team": lambda one, value: fnmatchcase(one.id.name.team, value),
}


def _has_tag(one: Selectable, key: str, equals: str, value: str) -> bool:
    return key in one.tags and (not equals or one.tags[key] == value)


def _by_method(method: str, value: str, field: Field) -> frozenset[ObjectId]:
    if method not in _METHODS:
        hint = suggestion(method, sorted(_METHODS))
        raise ChrononError(MALFORMED, f"`{method}:` is no way to choose: there are {', '.join(_METHODS)}", hint)
    if method in field.untold:
        others = ", ".join(f"{one}:" for one in _METHODS if one not in field.untold)
        message = f"`{method}:` asks for what files say, and here no files are read"
        raise ChrononError(MALFORMED, message, f"choose by name, or with {others}")
    kinds = [kind.value for kind in Kind if kind is not Kind.TEAM]
    if method == "kind" and value not in kinds:
        raise ChrononError(MALFORMED, f"`{value}` is no kind: there are {', '.join(kinds)}", suggestion(value, kinds))
    found = frozenset(one.id for one in field.objects if _METHODS[method](one, value))
    if not found:
        raise ChrononError(NOTHING, f"`{method}:{value}` chooses nothing", "`chronon graph` lists what there is")
    return found
