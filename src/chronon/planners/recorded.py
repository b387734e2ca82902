"""What recorded snapshots declare, without the files that declared it: for plans that move an environment to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chronon.model.definitions import Catalog, GroupBy, Join, Part, Rows
from chronon.model.errors import ChrononError
from chronon.model.names import Kind, ObjectId
from chronon.model.specs import BootstrapSpec, GroupBySpec, Header, JoinSpec, PartSpec, QuerySpec, Repository
from chronon.model.state import Snapshot
from chronon.planners.fingerprints import Digests, digests_of
from chronon.planners.snapshots import snapshots_from
from chronon.schemas.wire import definition_of

OTHERWISE = "CHR-P163"


def catalog_of(snapshots: Iterable[Snapshot], revision: str = "") -> Catalog:
    """The definitions of what an environment points at. Errors: CHR-S900 when another version of chronon wrote one."""
    group_bys: dict[ObjectId, GroupBy] = {}
    joins: dict[ObjectId, Join] = {}
    for snapshot in sorted(snapshots, key=lambda each: each.id):
        match definition_of(snapshot):
            case GroupBy() as group_by:
                group_bys[group_by.id] = group_by
            case Join() as join:
                joins[join.id] = join
    return Catalog(group_bys=group_bys, joins=joins, revision=revision)


def repository_of(snapshots: Iterable[Snapshot]) -> Repository:
    """Which file declared each object. What else stood in the files is in the definitions, or is not recorded."""
    group_bys: dict[ObjectId, GroupBySpec] = {}
    joins: dict[ObjectId, JoinSpec] = {}
    for snapshot in snapshots:
        header, definition = Header(id=snapshot.id, path=snapshot.origin), _definition(snapshot)
        if snapshot.id.kind is Kind.JOIN:
            joins[snapshot.id] = _join_spec(header, definition if isinstance(definition, Join) else None)
        else:
            queries = definition.rows if isinstance(definition, GroupBy) else ()
            group_bys[snapshot.id] = GroupBySpec(header=header, queries=tuple(map(_query_spec, queries)), keys=())
    return Repository(teams={}, sources={}, group_bys=group_bys, joins=joins)


def _definition(snapshot: Snapshot) -> GroupBy | Join | None:
    """What a snapshot is of; None when another version of chronon wrote it."""
    try:
        return definition_of(snapshot)
    except ChrononError:
        return None


def _query_spec(rows: Rows) -> QuerySpec:
    """The range of rows; those of a join may have theirs from the join."""
    return QuerySpec(join=str(rows.join)) if rows.join else QuerySpec(start=rows.start, end=rows.end)


def _join_spec(header: Header, join: Join | None) -> JoinSpec:
    """The parts and labels of a join, with the keys that are not matched by name, its bootstrap and its former names."""
    if join is None:
        return JoinSpec(header=header, left=QuerySpec(), parts=())
    parts, labels = (tuple(map(_part_spec, several)) for several in (join.parts, join.labels))
    bootstrap = tuple(
        BootstrapSpec(query=query, keys=tuple(lookup.part.keys))
        for lookup in join.lookups
        for query in map(_query_spec, lookup.group_by.rows)
    )
    aliases = {old: column.name for column in join.outputs for old in column.aliases}
    return JoinSpec(header=header, left=QuerySpec(), parts=parts, labels=labels, bootstrap=bootstrap, aliases=aliases)


def _part_spec(part: Part) -> PartSpec:
    return PartSpec(
        group_by=str(part.group_by),
        keys={column: key for key, column in part.keys.items() if column != key},
        prefix=part.prefix,
        ahead=part.ahead,
        after=part.after,
    )


def checked_digests(snapshots: Sequence[Snapshot], catalog: Catalog) -> Digests:
    """The digests of a catalog, which are those under which the data of the snapshots are stored.

    Errors: CHR-P163 when they are not: then another version of chronon has named the data.
    """
    digests = digests_of(catalog)
    now = {each.id: each.fingerprint for each in snapshots_from(catalog, repository_of(snapshots), digests)}
    for snapshot in snapshots:
        if now[snapshot.id] != snapshot.fingerprint:
            message = f"{snapshot.id.kind} {snapshot.id} was recorded by another version of chronon, which named its data otherwise"
            raise ChrononError(OTHERWISE, message, "check the files out of git as they were then, and apply them")
    return digests
