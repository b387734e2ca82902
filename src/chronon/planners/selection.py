"""A plan for some objects only: which snapshots stay as they are deployed, and what must not be torn apart.

An object that differs and is not selected stays at its deployed snapshot. That holds together only when nobody who is
selected reads it, or is read by it: an edge between the two would mix a new definition with an old one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from chronon.model.definitions import Catalog, GroupBy, Join
from chronon.model.errors import ChrononError
from chronon.model.names import Kind, ObjectId
from chronon.model.state import Snapshot
from chronon.planners.dag import parents_of
from chronon.schemas.wire import definition_of

TORN = "CHR-P094"

Snapshots = Mapping[ObjectId, Snapshot]


def partly(deployed: Snapshots, wanted: Snapshots, catalog: Catalog, selected: Collection[ObjectId]) -> Snapshots:
    """What the environment points at when only the selected objects change.

    Errors: CHR-P094 when a selected object that differs reads, or is read by, one that differs and is not selected.
    """
    differing = {
        identity
        for identity in deployed.keys() | wanted.keys()
        if _fingerprint(deployed, identity) != _fingerprint(wanted, identity)
    }
    for reader, parent in _edges(deployed, catalog, differing):
        if (reader in selected) != (parent in selected):
            raise _torn(reader, parent, is_reader_selected=reader in selected)
    kept = {identity: snapshot for identity, snapshot in deployed.items() if identity not in selected}
    return kept | {identity: snapshot for identity, snapshot in wanted.items() if identity in selected}


def needed(catalog: Catalog, selected: Collection[ObjectId]) -> Catalog:
    """The catalog of the selected objects and of everything above them: whose data theirs is made of."""
    definitions: Mapping[ObjectId, GroupBy | Join] = {**catalog.group_bys, **catalog.joins}
    found = {identity for identity in selected if identity in definitions}
    waiting = list(found)
    while waiting:
        for parent in parents_of(definitions[waiting.pop()]):
            if parent not in found:
                found.add(parent)
                waiting.append(parent)
    return Catalog(
        group_bys={identity: one for identity, one in catalog.group_bys.items() if identity in found},
        joins={identity: one for identity, one in catalog.joins.items() if identity in found},
        revision=catalog.revision,
    )


def _fingerprint(snapshots: Snapshots, identity: ObjectId) -> str | None:
    return snapshots[identity].fingerprint if identity in snapshots else None


def _edges(
    deployed: Snapshots, catalog: Catalog, differing: Collection[ObjectId]
) -> Iterator[tuple[ObjectId, ObjectId]]:
    """(reader, what it reads) between objects that differ, as they are declared and as they are deployed."""
    for identity in sorted(differing):
        for definition in _definitions(identity, deployed, catalog):
            yield from ((identity, parent) for parent in parents_of(definition) if parent in differing)


def _definitions(identity: ObjectId, deployed: Snapshots, catalog: Catalog) -> Sequence[GroupBy | Join]:
    declared = catalog.joins.get(identity) if identity.kind is Kind.JOIN else catalog.group_bys.get(identity)
    found: list[GroupBy | Join] = [declared] if declared else []
    if identity in deployed:
        found.append(definition_of(deployed[identity]))
    return found


def _torn(reader: ObjectId, parent: ObjectId, *, is_reader_selected: bool) -> ChrononError:
    ours, other = (reader, parent) if is_reader_selected else (parent, reader)
    verb = "reads" if is_reader_selected else "is read by"
    message = f"{ours.kind} {ours} {verb} {other.kind} {other}, which differs too and is not selected"
    hint = f"select both: `--select {f'+{ours}' if is_reader_selected else f'{ours}+'}`"
    return ChrononError(TORN, message, hint)
