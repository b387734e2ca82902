"""Definitions as text and JSON: what an object is, what it reads and who reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chronon.cli.terminal import PLAIN, Paint, printable
from chronon.cli.views.words import aligned, plural
from chronon.model.definitions import Catalog, Feature, GroupBy, Join, Part, Rows
from chronon.model.names import Kind, ObjectId
from chronon.model.specs import Header, Repository, SourceSpec
from chronon.model.time import duration_text
from chronon.schemas.wire import to_plain


def definition_lines(identity: ObjectId, repository: Repository, catalog: Catalog, paint: Paint = PLAIN) -> list[str]:
    """An object of a checked repository, for people."""
    readers = ", ".join(map(_id, readers_of(identity, repository, catalog)))
    match identity.kind:
        case Kind.GROUP_BY:
            lines = _group_by(catalog.group_bys[identity], readers)
        case Kind.JOIN:
            lines = _join(catalog.joins[identity], catalog, readers)
        case _:
            lines = _source(repository.sources[identity.name], readers)
    return [*_head(_header(identity, repository), paint), *lines]


def definition_plain(identity: ObjectId, repository: Repository, catalog: Catalog) -> dict[str, Any]:
    """The definition for JSON, with what a reader wants to know about it."""
    header = _header(identity, repository)
    about = {
        "kind": identity.kind.value,
        "name": str(identity.name),
        "version": identity.version,
        "description": header.description,
        "tags": dict(header.tags),
        "path": header.path,
        "read_by": [_id(reader) for reader in readers_of(identity, repository, catalog)],
    }
    match identity.kind:
        case Kind.GROUP_BY:
            return {**about, "definition": to_plain(catalog.group_bys[identity])}
        case Kind.JOIN:
            return {**about, "definition": to_plain(catalog.joins[identity])}
        case _:
            source = repository.sources[identity.name]
            columns = [{"name": column.name, "type": str(column.type)} for column in source.columns]
            plain: dict[str, object] = {
                "kind": source.kind.value,
                "table": source.table,
                "topic": source.topic,
                "columns": columns,
            }
            if source.mutations is not None:
                plain["mutations"] = {"table": source.mutations.table, "topic": source.mutations.topic}
            return {**about, "definition": plain}


def readers_of(identity: ObjectId, repository: Repository, catalog: Catalog) -> tuple[ObjectId, ...]:
    """The group_bys and joins that read an object directly, by id."""
    if identity.kind is Kind.SOURCE:
        table = repository.sources[identity.name].table
        found = [each.id for each in catalog.group_bys.values() if any(rows.table == table for rows in each.rows)]
        found += [each.id for each in catalog.joins.values() if each.left.table == table]
    else:
        found = [each.id for each in catalog.group_bys.values() if any(rows.join == identity for rows in each.rows)]
        found += [each.id for each in catalog.joins.values() if any(part.group_by == identity for part in each.parts)]
        found += [each.id for each in catalog.joins.values() if each.left.join == identity]
    return tuple(sorted(set(found)))


def _header(identity: ObjectId, repository: Repository) -> Header:
    match identity.kind:
        case Kind.GROUP_BY:
            return repository.group_bys[identity].header
        case Kind.JOIN:
            return repository.joins[identity].header
        case _:
            return repository.sources[identity.name].header


def _source(source: SourceSpec, readers: str) -> list[str]:
    columns = [(f"  {column.name}", str(column.type), printable(column.description)) for column in source.columns]
    return [
        *_facts(
            ("kind", source.kind.value),
            ("table", source.table),
            ("topic", source.topic or ""),
            ("time", source.time or ""),
            ("mutations", f"table {source.mutations.table}" if source.mutations else ""),
            ("read by", readers),
        ),
        plural(len(columns), "column"),
        *aligned(columns),
    ]


def _group_by(group_by: GroupBy, readers: str) -> list[str]:
    served = f"online, tiles of {duration_text(group_by.tile)}" if group_by.online else "offline"
    return [
        *_facts(
            ("keys", ", ".join(f"{key.name} {key.type}" for key in group_by.keys)),
            *(("reads", _rows(rows)) for rows in group_by.inputs),
            ("accuracy", f"{group_by.accuracy.value}, {served}"),
            ("read by", readers),
        ),
        plural(len(group_by.features), "feature"),
        *aligned([_feature(feature) for feature in group_by.features]),
    ]


def _join(join: Join, catalog: Catalog, readers: str) -> list[str]:
    origins = {select.name: "left" for select in join.left.selects}
    for part in join.parts:
        origins |= {part.column(f.name): str(part.group_by) for f in catalog.group_bys[part.group_by].features}
    origins |= {derivation.name: f"= {derivation.expression}" for derivation in join.derivations}
    outputs = [(f"  {column.name}", str(column.type), origins[column.name]) for column in join.outputs]
    return [
        *_facts(
            ("left", _rows(join.left)),
            *(("part", _part(part)) for part in join.parts),
            ("serving", "online" if join.online else "offline"),
            ("read by", readers),
        ),
        plural(len(outputs), "output column"),
        *aligned(outputs),
    ]


def _head(header: Header, paint: Paint) -> list[str]:
    title = f"{header.id.kind} {paint.strong(str(header.id))}  {paint.faint(str(header.span()))}"
    return [title, *([f"  {printable(header.description)}"] if header.description else [])]


def _facts(*facts: tuple[str, str]) -> list[str]:
    return [f"{name:9} {text}" for name, text in facts if text]


def _id(identity: ObjectId) -> str:
    return f"{identity.kind} {identity}"


def _rows(rows: Rows) -> str:
    place = f"join {rows.join}" if rows.join else f"table {rows.table}"
    topic = f", topic {rows.topic}" if rows.topic else ""
    wheres = f", where {' and '.join(rows.wheres)}" if rows.wheres else ""
    return f"{place} ({rows.kind.value}){topic}{wheres}"


def _part(part: Part) -> str:
    keys: Mapping[str, str] = part.keys
    pairs = ", ".join(key if key == column else f"{key} = {column}" for key, column in keys.items())
    return f"{part.group_by} on {pairs}, columns {part.prefix}_…"


def _feature(feature: Feature) -> tuple[str, str, str]:
    window = f" over {duration_text(feature.window)}" if feature.window is not None else ""
    bucket = "".join(f" by {bucket}" for bucket in feature.buckets)
    each = "every position of " if feature.elementwise else ""
    meaning = (
        f"{feature.operation} of {each}{feature.input}{window}{bucket}"
        if feature.operation
        else f"{feature.input} as it is"
    )
    return f"  {feature.name}", str(feature.type), meaning
