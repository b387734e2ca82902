"""What a revision or an environment promises its readers: the schema of every source, group_by and join."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from chronon.model.definitions import Catalog, Column, GroupBy, Join, Rows, asked_with
from chronon.model.errors import ChrononError
from chronon.model.names import Kind, ObjectId, ObjectName
from chronon.model.specs import ColumnSpec, Compatibility, Header, Repository, SourceSpec
from chronon.model.state import Snapshot
from chronon.schemas.wire import definition_of
from chronon.validators.compatibility import Field, Schema
from chronon.validators.meanings import feature_meanings, output_meanings


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """The schemas of one revision or environment.

    label: its name.  modes: what an object declared itself.  paths: the files of the objects.
    is_partial: of a source only the columns that something reads are known.
    """

    label: str
    schemas: Mapping[ObjectId, Schema]
    modes: Mapping[ObjectId, Compatibility] = field(default_factory=dict)
    paths: Mapping[ObjectId, str] = field(default_factory=dict)
    is_partial: bool = False


def past_of(label: str, repository: Repository, catalog: Catalog) -> Past:
    """A revision."""
    schemas = schemas_of(repository, catalog)
    headers = {identity: header_of(identity, repository) for identity in schemas}
    modes = {identity: header.compatibility or _of_team(header, repository) for identity, header in headers.items()}
    return Past(
        label=label,
        schemas=schemas,
        modes={identity: mode for identity, mode in modes.items() if mode},
        paths={identity: header.path for identity, header in headers.items()},
    )


def deployed_past(label: str, snapshots: Collection[Snapshot], repository: Repository) -> Past:
    """What snapshots promise. Their tables are known by name: they belong to today's sources of the same table.

    Errors: CHR-S900 when another version of chronon wrote a definition.
    """
    schemas: dict[ObjectId, Schema] = {}
    read: dict[str, dict[str, Field]] = {}
    definitions = {snapshot.id: _definition(snapshot) for snapshot in snapshots}
    paths = {snapshot.id: snapshot.origin for snapshot in snapshots}
    group_bys = {identity: each for identity, each in definitions.items() if isinstance(each, GroupBy)}
    for identity, definition in definitions.items():
        schemas[identity] = schema_of(definition, group_bys)
        for rows in _rows(definition):
            read.setdefault(rows.table, {}).update((column.name, _field(column)) for column in rows.columns)
    for name, source in repository.sources.items():
        if columns := read.get(source.table):
            schemas[_source_id(name)] = Schema(fields=tuple(columns[column] for column in sorted(columns)))
    return Past(label=label, schemas=schemas, paths=paths, is_partial=True)


def schemas_of(repository: Repository, catalog: Catalog) -> dict[ObjectId, Schema]:
    """The schema of every object of a checked repository."""
    sources = {_source_id(name): schema_of(source) for name, source in repository.sources.items()}
    group_bys = {identity: schema_of(group_by) for identity, group_by in catalog.group_bys.items()}
    joins = {identity: schema_of(join, catalog.group_bys) for identity, join in catalog.joins.items()}
    return {**sources, **group_bys, **joins}


def schema_of(promised: SourceSpec | GroupBy | Join, group_bys: Mapping[ObjectId, GroupBy] | None = None) -> Schema:
    """A source's contract, a group_by's features by its keys, a join's outputs. group_bys: of the parts, if known."""
    match promised:
        case SourceSpec():
            return Schema(fields=tuple(_field(column) for column in promised.columns))
        case GroupBy():
            meanings = feature_meanings(promised)
            return Schema(
                fields=tuple(
                    Field(name=name, type=feature.type, meaning=meanings[feature.name])
                    for feature in promised.features
                    for name in (feature.name, *feature.aliases)
                ),
                keys=tuple((key.name, key.type) for key in promised.keys),
                fills=True,
            )
        case Join():
            return Schema(fields=_outputs(promised, group_bys or {}), fills=True)


def _outputs(join: Join, group_bys: Mapping[ObjectId, GroupBy]) -> tuple[Field, ...]:
    """Every column of a join under all its names. What a served one is asked with is known where every group_by is."""
    meanings = output_meanings(join, group_bys)
    is_known = all(part.group_by in group_bys for part in join.asked)
    asked = asked_with(join, group_bys) if is_known else {}
    served = {column.name for column in join.outputs} & asked.keys()
    return tuple(
        Field(
            name=name,
            type=column.type,
            asked=tuple(left.name for left in asked[column.name]) if column.name in served else None,
            meaning=meanings.get(column.name, ""),
        )
        for column in join.columns
        for name in (column.name, *column.aliases)
    )


def header_of(identity: ObjectId, repository: Repository) -> Header:
    """What the document of a source, group_by or join says about itself."""
    match identity.kind:
        case Kind.SOURCE:
            return repository.sources[identity.name].header
        case Kind.JOIN:
            return repository.joins[identity].header
        case _:
            return repository.group_bys[identity].header


def _field(column: ColumnSpec | Column) -> Field:
    return Field(name=column.name, type=column.type, optional=column.optional, aliases=column.aliases)


def _of_team(header: Header, repository: Repository) -> Compatibility | None:
    team = repository.teams.get(header.id.name.team)
    return team.header.compatibility if team else None


def _definition(snapshot: Snapshot) -> GroupBy | Join:
    try:
        return definition_of(snapshot)
    except ChrononError as cause:
        message = f"the deployed definition of {snapshot.id.kind} {snapshot.id} cannot be read: {cause.message}"
        raise ChrononError(cause.code, message, "apply once with this version of chronon, then compare") from cause


def _rows(definition: GroupBy | Join) -> tuple[Rows, ...]:
    rows = definition.inputs if isinstance(definition, Join) else definition.rows
    return tuple(each for each in rows if each.table)


def _source_id(name: ObjectName) -> ObjectId:
    return ObjectId(Kind.SOURCE, name)
