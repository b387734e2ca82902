"""Definitions as text and JSON: what an object is, what it reads and who reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from chronon.cli.terminal import PLAIN, Paint, printable
from chronon.cli.views.outputs import Output, group_by_outputs, join_outputs
from chronon.cli.views.words import aligned, plural
from chronon.model.definitions import Catalog, GroupBy, Join, Lookup, Part, Rows
from chronon.model.names import Kind, ObjectId
from chronon.model.specs import ColumnSpec, Deprecation, Header, Repository, SourceKind, SourceSpec
from chronon.model.time import Day, day_text, duration_text
from chronon.planners.objects import object_graph
from chronon.schemas.wire import to_plain


def definition_lines(identity: ObjectId, repository: Repository, catalog: Catalog, paint: Paint = PLAIN) -> list[str]:
    """An object of a checked repository, for people."""
    readers = ", ".join(map(_id, object_graph(catalog, repository).readers[identity]))
    match identity.kind:
        case Kind.GROUP_BY:
            lines = _group_by(catalog.group_bys[identity], repository, readers)
        case Kind.JOIN:
            lines = _join(catalog.joins[identity], catalog, repository, readers)
        case _:
            lines = _source(repository.sources[identity.name], readers)
    header = _header(identity, repository)
    owners = _facts(("owners", printable(", ".join(repository.owners_of(header)))))
    return [*_head(header, paint), *owners, *lines]


def definition_plain(identity: ObjectId, repository: Repository, catalog: Catalog) -> dict[str, Any]:
    """The definition for JSON, with what a reader wants to know about it.

    `outputs` are the columns of a group_by or join with their types, and the columns and types that each is made of.
    """
    header = _header(identity, repository)
    about = {
        "kind": identity.kind.value,
        "name": str(identity.name),
        "version": identity.version,
        "description": header.description,
        "owners": list(repository.owners_of(header)),
        "tags": dict(header.tags),
        "deprecated": _deprecation_plain(header.deprecated),
        "path": header.path,
        "read_by": [_id(reader) for reader in object_graph(catalog, repository).readers[identity]],
    }
    match identity.kind:
        case Kind.GROUP_BY:
            group_by = catalog.group_bys[identity]
            return {
                **about,
                "outputs": _outputs_plain(group_by_outputs(group_by, repository)),
                "definition": to_plain(group_by),
            }
        case Kind.JOIN:
            join = catalog.joins[identity]
            return {
                **about,
                "outputs": _outputs_plain(join_outputs(join, catalog, repository)),
                "definition": to_plain(join),
            }
        case _:
            return {**about, "definition": _source_plain(repository.sources[identity.name])}


def _outputs_plain(outputs: Iterable[Output]) -> list[dict[str, Any]]:
    return [{**to_plain(one), "deprecated": _deprecation_plain(one.deprecated)} for one in outputs]


def _deprecation_plain(deprecated: Deprecation | None) -> dict[str, Any] | None:
    if deprecated is None:
        return None
    until = None if deprecated.until is None else day_text(deprecated.until)
    return {"until": until, "use": deprecated.use, "reason": deprecated.reason}


def _header(identity: ObjectId, repository: Repository) -> Header:
    match identity.kind:
        case Kind.GROUP_BY:
            return repository.group_bys[identity].header
        case Kind.JOIN:
            return repository.joins[identity].header
        case _:
            return repository.sources[identity.name].header


def _source_plain(source: SourceSpec) -> dict[str, Any]:
    """What a source declares; the columns with everything that their contract says."""
    plain: dict[str, Any] = {
        "kind": source.kind.value,
        "table": source.table,
        "topic": source.topic,
        "time": source.time,
        "partition": source.partition,
        "start": None if source.start is None else day_text(source.start),
        "end": None if source.end is None else day_text(source.end),
        "columns": [_column_plain(column) for column in source.columns],
    }
    if found := source.mutations:
        facts = {"table": found.table, "topic": found.topic, "time": found.time, "reversal": found.reversal}
        plain["mutations"] = {**facts, "columns": [_column_plain(column) for column in found.columns]}
    return plain


def _column_plain(column: ColumnSpec) -> dict[str, Any]:
    optional = {"optional": True} if column.optional else {}
    aliases = {"aliases": list(column.aliases)} if column.aliases else {}
    described = {"description": column.description} if column.description else {}
    goes = {"deprecated": _deprecation_plain(column.deprecated)} if column.deprecated else {}
    return {"name": column.name, "type": str(column.type), **described, **optional, **aliases, **goes}


def _source(source: SourceSpec, readers: str) -> list[str]:
    changes = source.mutations
    days = f"{_day(source.start)} .. {_day(source.end)}" if source.start is not None or source.end is not None else ""
    images = f"table {changes.table}{_topic(changes.topic)}, changed at {changes.time}" if changes else ""
    return [
        *_facts(
            ("kind", source.kind.value),
            ("table", source.table),
            ("topic", source.topic or ""),
            ("time", source.time or ""),
            ("partition", {"ds": "", "": "none: one table for all days"}.get(source.partition, source.partition)),
            ("days", days),
            ("mutations", images),
            ("read by", readers),
        ),
        plural(len(source.columns), "column"),
        *aligned([_column(column) for column in source.columns]),
        *([f"{plural(len(changes.columns), 'column')} of mutations only"] if changes and changes.columns else []),
        *aligned([_column(column) for column in (changes.columns if changes else ())]),
    ]


def _column(column: ColumnSpec) -> tuple[str, str, str]:
    former = f"formerly {', '.join(column.aliases)}" if column.aliases else ""
    optional, goes = "may be missing" if column.optional else "", _goes(column.deprecated)
    told = filter(None, (printable(column.description), optional, former, goes))
    return f"  {column.name}", str(column.type), "; ".join(told)


def _goes(deprecated: Deprecation | None) -> str:
    """Until when something may be read, what to read in its place and why; empty for what stays."""
    if deprecated is None:
        return ""
    until = "" if deprecated.until is None else f" until {day_text(deprecated.until)}"
    use = f", read {deprecated.use}" if deprecated.use else ""
    reason = f": {printable(deprecated.reason)}" if deprecated.reason else ""
    return f"deprecated{until}{use}{reason}"


def _told(output: Output) -> str:
    """How a column is made, and what its author says about it."""
    return "; ".join(filter(None, (output.meaning, printable(output.description), _goes(output.deprecated))))


def _group_by(group_by: GroupBy, repository: Repository, readers: str) -> list[str]:
    served = f"online, tiles of {duration_text(group_by.tile)}" if group_by.online else "offline"
    features = group_by_outputs(group_by, repository)[len(group_by.keys) :]
    return [
        *_facts(
            ("keys", ", ".join(f"{key.name} {key.type}" for key in group_by.keys)),
            *(fact for rows in group_by.inputs for fact in _rows(rows, "reads")),
            ("accuracy", f"{group_by.accuracy.value}, {served}"),
            ("read by", readers),
        ),
        plural(len(features), "feature"),
        *aligned([(f"  {one.name}", one.types, _told(one)) for one in features]),
    ]


def _join(join: Join, catalog: Catalog, repository: Repository, readers: str) -> list[str]:
    outputs = join_outputs(join, catalog, repository)
    return [
        *_facts(
            *_rows(join.left, "left"),
            *(("part", _part(part)) for part in join.parts),
            *(fact for lookup in join.lookups for fact in _lookup(lookup)),
            *(("label", _part(part)) for part in join.labels),
            ("serving", "online" if join.online else "offline"),
            ("read by", readers),
        ),
        plural(len(outputs), "output column"),
        *aligned([(f"  {one.name}", one.types, one.origin, _told(one)) for one in outputs]),
    ]


def _head(header: Header, paint: Paint) -> list[str]:
    title = f"{header.id.kind} {paint.strong(str(header.id))}  {paint.faint(str(header.span()))}"
    said = filter(None, (printable(header.description), _goes(header.deprecated)))
    return [title, *(f"  {text}" for text in said)]


def _facts(*facts: tuple[str, str]) -> list[str]:
    return [f"{name:9} {text}" for name, text in facts if text]


def _id(identity: ObjectId) -> str:
    return f"{identity.kind} {identity}"


def _rows(rows: Rows, name: str) -> list[tuple[str, str]]:
    """What is read, and every column of it that is more than one of the table; mutations have those of their entities."""
    place = f"join {rows.join}" if rows.join else f"table {rows.table}"
    wheres = f", where {' and '.join(rows.wheres)}" if rows.wheres else ""
    own = () if rows.kind is SourceKind.MUTATIONS else rows.selects
    computed = [one for one in own if one.expression != one.name]
    selects = [("select", f"{one.name} {one.type} = {one.expression}") for one in computed]
    return [(name, f"{place} ({rows.kind.value}){_topic(rows.topic)}{wheres}"), *selects]


def _lookup(lookup: Lookup) -> list[tuple[str, str]]:
    """A table of the bootstrap: what is read, by which keys, of which days."""
    (rows,) = lookup.group_by.rows
    (name, read), *selects = _rows(rows, "bootstrap")
    days = (
        " .. ".join((_day(rows.start), _day(rows.end))).strip()
        if rows.start is not None or rows.end is not None
        else ""
    )
    return [(name, f"{read}, on {', '.join(lookup.part.keys)}{f', days {days}' if days else ''}"), *selects]


def _topic(topic: str | None) -> str:
    return f", topic {topic}" if topic else ""


def _day(day: Day | None) -> str:
    return "" if day is None else day_text(day)


def _part(part: Part) -> str:
    keys: Mapping[str, str] = part.keys
    pairs = ", ".join(key if key == column else f"{key} = {column}" for key, column in keys.items())
    return f"{part.group_by} on {pairs}, columns {part.prefix}_…"
