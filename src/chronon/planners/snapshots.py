"""The snapshots that a catalog asks for: what an environment points at once everything is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chronon.model.definitions import Catalog, GroupBy, Join, Rows
from chronon.model.errors import ChrononError
from chronon.model.items import told_of
from chronon.model.jobs import Digest
from chronon.model.names import Kind, ObjectId
from chronon.model.specs import Deprecation, GroupBySpec, Header, JoinSpec, Repository
from chronon.model.state import Snapshot
from chronon.model.time import MINUTE, Millis
from chronon.planners.digests import Canonical, digest
from chronon.planners.fingerprints import Digests, digests_of, in_stored_order
from chronon.schemas.wire import definition_of, to_json

UNSTREAMED = Millis(5 * MINUTE)
"""The size of tiles that nobody makes: what is meant where nobody says one."""


def snapshots_of(catalog: Catalog, repository: Repository) -> tuple[Snapshot, ...]:
    """One snapshot per group_by and join, in the order of their ids."""
    return snapshots_from(catalog, repository, digests_of(catalog))


def snapshots_from(catalog: Catalog, repository: Repository, digests: Digests) -> tuple[Snapshot, ...]:
    """The same, from digests that are known."""
    group_bys = [_group_by_snapshot(group_by, repository, digests) for group_by in catalog.group_bys.values()]
    joins = [_join_snapshot(join, repository, digests) for join in catalog.joins.values()]
    return tuple(sorted((*group_bys, *joins), key=lambda snapshot: snapshot.id))


def known_definition(snapshot: Snapshot | None) -> GroupBy | Join | None:
    """What a snapshot is of; None where there is none, or another version wrote it and only digests tell what it means."""
    try:
        return definition_of(snapshot) if snapshot else None
    except ChrononError:
        return None


class Definitions:
    """What snapshots are of, read once of each in a plan: a thousand changes ask for it several times."""

    def __init__(self) -> None:
        self._known: dict[str, GroupBy | Join | None] = {}

    def of(self, snapshot: Snapshot | None) -> GroupBy | Join | None:
        """See `known_definition`."""
        if snapshot is None:
            return None
        if snapshot.definition not in self._known:
            self._known[snapshot.definition] = known_definition(snapshot)
        return self._known[snapshot.definition]


def content_of(snapshot: Snapshot) -> Digest:
    """A digest of all fields of a snapshot."""
    columns: Sequence[Canonical] = [[name, column] for name, column in sorted(snapshot.columns.items())]
    digests: Sequence[Canonical] = [
        snapshot.fingerprint, snapshot.left, snapshot.serving, snapshot.stream, snapshot.metadata,
    ]  # fmt: skip
    identity = f"{snapshot.id.kind}/{snapshot.id.name}@{snapshot.id.version}"
    return digest("snapshot", identity, columns, digests, snapshot.definition, snapshot.origin)


def header_of(identity: ObjectId, repository: Repository) -> Header:
    """What the document of an object says about itself."""
    return _spec(identity, repository).header


def owners_of(repository: Repository, identity: ObjectId) -> tuple[str, ...]:
    """Whom to ask about an object; about one that is not declared any more, the owners of its team."""
    declared = identity in (repository.joins if identity.kind is Kind.JOIN else repository.group_bys)
    return repository.owners_of(header_of(identity, repository) if declared else Header(id=identity))


def _spec(identity: ObjectId, repository: Repository) -> GroupBySpec | JoinSpec:
    return repository.joins[identity] if identity.kind is Kind.JOIN else repository.group_bys[identity]


def _group_by_snapshot(group_by: GroupBy, repository: Repository, digests: Digests) -> Snapshot:
    found = digests.group_bys[group_by.id]
    keys: Sequence[Canonical] = [key.name for key in group_by.keys]
    former = {old: found.features[feature.name] for feature in group_by.features for old in feature.aliases}
    named = {**found.features, **former}
    columns: Sequence[Canonical] = [[name, column] for name, column in sorted(named.items())]
    return Snapshot(
        id=group_by.id,
        fingerprint=digest("group_by", keys, columns, found.serving, found.stream),
        columns=named,
        serving=found.serving,
        stream=found.stream,
        metadata=_metadata(group_by.id, repository),
        definition=to_json(_recorded(in_stored_order(group_by, found))),
        origin=header_of(group_by.id, repository).path,
    )


def _join_snapshot(join: Join, repository: Repository, digests: Digests) -> Snapshot:
    found = digests.joins[join.id]
    left = {select.name: found.left for select in join.left.selects}
    columns = left | {
        name: found.outputs[column.name] for column in join.columns for name in (column.name, *column.aliases)
    }
    ordered: Sequence[Canonical] = [[name, column] for name, column in columns.items()]
    serving = _served_join(join, digests)
    return Snapshot(
        id=join.id,
        fingerprint=digest("join", found.left, ordered, serving),
        columns=columns,
        left=found.left,
        serving=serving,
        metadata=_metadata(join.id, repository),
        definition=to_json(replace(join, left=replace(join.left, topic=None))),
        origin=header_of(join.id, repository).path,
    )


def _recorded(group_by: GroupBy) -> GroupBy:
    """The group_by without what means nothing for it: topics and tiles where nothing streams."""
    if group_by.streamed:
        return group_by
    rows = tuple(replace(each, topic=None, mutations=_without_topic(each.mutations)) for each in group_by.rows)
    return replace(group_by, rows=rows, tile=UNSTREAMED)


def _without_topic(rows: Rows | None) -> Rows | None:
    return replace(rows, topic=None) if rows else None


def _served_join(join: Join, digests: Digests) -> Digest | None:
    """What a fetch of the join means: which values it asks for by which keys, and what it derives from them."""
    if not join.online:
        return None
    parts: Sequence[Canonical] = [
        [digests.group_bys[part.group_by].serving, [[key, column] for key, column in sorted(part.keys.items())]]
        for part in join.parts
    ]
    derived: Sequence[Canonical] = [digests.joins[join.id].served[derivation.name] for derivation in join.derivations]
    return digest("fetch", parts, derived)


def _metadata(identity: ObjectId, repository: Repository) -> Digest:
    header = header_of(identity, repository)
    tags: Sequence[Canonical] = [[tag, value] for tag, value in sorted(header.tags.items())]
    told = told_of(_spec(identity, repository))
    items: Sequence[Canonical] = sorted(
        ([item.name, item.description, _deprecation(item.deprecated)] for item in told), key=str
    )
    # What nobody says is left out: then the digest is the one that was recorded before it could be said.
    more: Sequence[Canonical] = [_deprecation(header.deprecated), items] if header.deprecated or told else []
    return digest("metadata", header.description, tags, repository.owners_of(header), *more)


def _deprecation(deprecated: Deprecation | None) -> Sequence[Canonical]:
    return [deprecated.until, deprecated.use, deprecated.reason] if deprecated else []
