"""The graph of objects: sources, group_bys and joins, and which of them reads which."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from chronon.model.definitions import Catalog, Rows
from chronon.model.names import Kind, ObjectId
from chronon.model.specs import Repository


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectGraph:
    """What reads what, in both directions: object → objects, sorted. Every object is a key of both."""

    parents: Mapping[ObjectId, tuple[ObjectId, ...]]
    readers: Mapping[ObjectId, tuple[ObjectId, ...]]

    def reached(self, start: Collection[ObjectId], *, down: bool, steps: int | None = None) -> frozenset[ObjectId]:
        """The objects, and those above them, or below them with `down`, at most some steps away. None: however far."""
        edges = self.readers if down else self.parents
        found, edge = set(start), set(start)
        while edge and steps != 0:
            edge = {other for one in edge for other in edges[one]} - found
            found |= edge
            steps = None if steps is None else steps - 1
        return frozenset(found)


def object_graph(catalog: Catalog, repository: Repository) -> ObjectGraph:
    """The graph of a checked repository. A source stands for the tables that it declares."""
    of_table: dict[str, list[ObjectId]] = {}
    for source in repository.sources.values():
        for table in source.tables:
            of_table.setdefault(table, []).append(source.header.id)
    parents: dict[ObjectId, set[ObjectId]] = {spec.header.id: set() for spec in repository.sources.values()}
    for group_by in catalog.group_bys.values():
        parents[group_by.id] = {parent for rows in group_by.rows for parent in _read(rows, of_table)}
    for join in catalog.joins.values():
        parents[join.id] = {
            *(parent for rows in join.inputs for parent in _read(rows, of_table)),
            *(part.group_by for part in join.asked),
        }
    readers: dict[ObjectId, set[ObjectId]] = {identity: set() for identity in parents}
    for identity, read in parents.items():
        for parent in read:
            readers[parent].add(identity)
    return ObjectGraph(
        parents={identity: tuple(sorted(parents[identity], key=_rank)) for identity in sorted(parents, key=_rank)},
        readers={identity: tuple(sorted(readers[identity], key=_rank)) for identity in sorted(readers, key=_rank)},
    )


def _read(rows: Rows, of_table: Mapping[str, list[ObjectId]]) -> list[ObjectId]:
    return of_table.get(rows.table, []) if rows.join is None else [rows.join]


_ORDER = (Kind.TEAM, Kind.SOURCE, Kind.GROUP_BY, Kind.JOIN)


def _rank(identity: ObjectId) -> tuple[int, ObjectId]:
    return _ORDER.index(identity.kind), identity
