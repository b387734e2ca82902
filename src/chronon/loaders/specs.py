"""A document that fits its schema, as a typed spec. Total: the schema has refused everything that could fail here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chronon.loaders.config import levels
from chronon.loaders.files import Place
from chronon.loaders.shared import Shared
from chronon.loaders.yaml import Document
from chronon.model.errors import InvariantError
from chronon.model.names import Kind, ObjectId, ObjectName
from chronon.model.specs import (
    Accuracy,
    AggregationSpec,
    BootstrapSpec,
    ColumnSpec,
    Compatibility,
    Deprecation,
    DerivationSpec,
    GroupBySpec,
    Header,
    JoinSpec,
    MutationsSpec,
    OperationCall,
    PartSpec,
    QuerySpec,
    SourceKind,
    SourceSpec,
    Spec,
    TeamSpec,
)
from chronon.model.time import Day, Millis, parse_day, parse_duration
from chronon.model.types import parse_type

Fields = Mapping[str, Any]
_NOTHING: Fields = {}


def spec_of(document: Document, place: Place, shared: Shared | None = None) -> Spec:
    """The spec that a document declares. shared: with documents that were read before."""
    header = _header(document, place)
    shared = shared or Shared()
    match place.kind:
        case Kind.TEAM:
            return _team(header, document.data)
        case Kind.SOURCE:
            return _source(header, document.data)
        case Kind.GROUP_BY:
            return _group_by(header, document.data, shared)
        case Kind.JOIN:
            return _join(header, document.data, shared)


def parse_operation(text: str) -> OperationCall:
    """The call that `last_k(10)` writes. Errors: InvariantError when the schema let something else pass."""
    name, _parenthesis, rest = text.partition("(")
    arguments = tuple(_number(part) for part in rest.rstrip(")").split(",")) if rest else ()
    return OperationCall(name, arguments)


def _number(text: str) -> int | float:
    return int(text) if re.fullmatch(r" *-?[0-9]+ *", text) else float(text)


def _header(document: Document, place: Place) -> Header:
    data = document.data
    return Header(
        id=ObjectId(place.kind, ObjectName(place.team, place.name), int(data.get("version", 1))),
        description=data.get("description", ""),
        tags=data.get("tags", _NOTHING),
        path=document.path,
        owners=_texts(data.get("owners")),
        compatibility=Compatibility(data["compatibility"]) if "compatibility" in data else None,
        deprecated=_deprecation(data.get("deprecated")),
        spans=document.spans,
    )


def _team(header: Header, data: Fields) -> TeamSpec:
    start, tile = _day(data.get("start")), _length(data.get("tile"))
    return TeamSpec(header=header, start=start, tile=tile, checks=levels(data.get("checks", {})))


def _source(header: Header, data: Fields) -> SourceSpec:
    kind = SourceKind.EVENTS if "events" in data else SourceKind.ENTITIES
    body = data[kind]
    return SourceSpec(
        header=header,
        kind=kind,
        table=body["table"],
        columns=_columns(body),
        topic=body.get("topic"),
        time=_expression(body.get("time")),
        mutations=_mutations(body["mutations"]) if "mutations" in body else None,
        partition=body.get("partition", "ds"),
        start=_day(body.get("start")),
        end=_day(body.get("end")),
    )


def _mutations(data: Fields) -> MutationsSpec:
    return MutationsSpec(
        table=data["table"],
        topic=data.get("topic"),
        time=str(_expression(data["time"])),
        reversal=str(_expression(data["reversal"])),
        columns=_columns(data),
    )


def _columns(body: Fields) -> tuple[ColumnSpec, ...]:
    return tuple(_column(name, column) for name, column in body.get("columns", {}).items())


def _column(name: str, column: str | Fields) -> ColumnSpec:
    written = column if isinstance(column, str) else column["type"]
    parsed = parse_type(written)
    if parsed is None:
        raise InvariantError("schema-holds", f"{written!r} is no type")
    if isinstance(column, str):
        return ColumnSpec(name=name, type=parsed)
    return ColumnSpec(
        name=name,
        type=parsed,
        description=column.get("description", ""),
        optional=column.get("optional", False),
        aliases=_texts(column.get("alias")),
        deprecated=_deprecation(column.get("deprecated")),
    )


def _deprecation(data: str | Fields | None) -> Deprecation | None:
    """What `deprecated` says; a day alone stands for a mapping with `until`."""
    if data is None or isinstance(data, str):
        return None if data is None else Deprecation(until=_day(data))
    return Deprecation(until=_day(data.get("until")), use=data.get("use"), reason=data.get("reason", ""))


def _query(data: str | Fields, shared: Shared) -> QuerySpec:
    if isinstance(data, str):
        return QuerySpec(source=data)
    return QuerySpec(
        source=data.get("source"),
        join=data.get("join") if "source" not in data else None,
        select=shared.built(_select, data.get("select", _NOTHING)),
        where=shared.built(_words, data.get("where")),
        time=_expression(data.get("time")),
        start=_day(data.get("start")),
        end=_day(data.get("end")),
    )


def _queries(data: list[Fields], shared: Shared) -> tuple[QuerySpec, ...]:
    return tuple(_query(query, shared) for query in data)


def _select(data: Fields, _shared: Shared) -> Mapping[str, str]:
    return {name: str(_expression(sql)) for name, sql in data.items()} if data else _NOTHING


def _words(value: Any, shared: Shared) -> tuple[str, ...]:
    return shared.parsed(tuple, _texts(value))


def _group_by(header: Header, data: Fields, shared: Shared) -> GroupBySpec:
    return GroupBySpec(
        header=header,
        queries=shared.built(_queries, data["sources"]) if "sources" in data else (_query(data, shared),),
        keys=shared.built(_words, data["keys"]),
        aggregations=shared.built(_aggregations, data.get("aggregations")),
        accuracy=Accuracy(data["accuracy"]) if "accuracy" in data else None,
        online=data.get("online", False),
        tile=_length(data.get("tile")),
        warm_up=data.get("warm_up", False),
        aliases=data.get("aliases", _NOTHING),
    )


def _aggregations(data: list[Fields] | None, shared: Shared) -> tuple[AggregationSpec, ...]:
    return tuple(_aggregation(one, shared) for one in data or ())


def _aggregation(data: Fields, shared: Shared) -> AggregationSpec:
    return AggregationSpec(
        input=data["input"],
        operations=shared.parsed(_operations, _texts(data["operations"])),
        windows=shared.parsed(_lengths, _texts(data.get("windows", "unbounded"))),
        buckets=_buckets(data.get("buckets")),
        elementwise=data.get("elementwise", False),
        name=data.get("name"),
        aliases=_texts(data.get("alias")),
        description=data.get("description", ""),
        deprecated=_deprecation(data.get("deprecated")),
    )


def _operations(texts: tuple[str, ...]) -> tuple[OperationCall, ...]:
    return tuple(map(parse_operation, texts))


def _lengths(texts: tuple[str, ...]) -> tuple[Millis | None, ...]:
    return tuple(map(_length, texts))


def _buckets(value: Any) -> tuple[tuple[str, ...], ...]:
    """The alternatives, each of one column or several at once."""
    if value is None:
        return ()
    return tuple(_texts(one) for one in value) if isinstance(value, list) else (_texts(value),)


def _join(header: Header, data: Fields, shared: Shared) -> JoinSpec:
    return JoinSpec(
        header=header,
        left=shared.built(_query, data["left"]),
        parts=tuple(_part(part) for part in data["parts"]),
        labels=tuple(_label(label) for label in data.get("labels", ())),
        derivations=tuple(_derivation(name, written) for name, written in data.get("derivations", {}).items()),
        bootstrap=tuple(_bootstrap(one, shared) for one in data.get("bootstrap", ())),
        online=data.get("online", False),
        start=_day(data.get("start")),
        aliases=data.get("aliases", _NOTHING),
    )


def _derivation(name: str, written: str | float | Fields) -> DerivationSpec:
    """The expression alone, or a mapping with what there is to say about it."""
    if not isinstance(written, Mapping):
        return DerivationSpec(name=name, expression=str(_expression(written)))
    return DerivationSpec(
        name=name,
        expression=str(_expression(written["expression"])),
        description=written.get("description", ""),
        deprecated=_deprecation(written.get("deprecated")),
    )


def _bootstrap(data: Fields, shared: Shared) -> BootstrapSpec:
    return BootstrapSpec(query=_query(data, shared), keys=_texts(data["keys"]))


def _part(data: str | Fields) -> PartSpec:
    if isinstance(data, str):
        return PartSpec(group_by=data, keys=_NOTHING)
    return PartSpec(group_by=data["group_by"], keys=data.get("keys", _NOTHING), prefix=data.get("prefix"))


def _label(data: str | Fields) -> PartSpec:
    part = _part(data)
    return replace(part, ahead=True, after=None if isinstance(data, str) else _length(data.get("after")))


def _expression(value: str | float | None) -> str | None:
    """The SQL text: a plain `1` or `true` in YAML is one too."""
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)


def _texts(value: Any) -> tuple[str, ...]:
    """The members of a list, or the one value that stands for a list of it."""
    if value is None:
        return ()
    return tuple(str(_expression(one)) for one in value) if isinstance(value, list) else (str(_expression(value)),)


def _day(text: str | None) -> Day | None:
    return None if text is None else parse_day(text)


def _length(text: str | None) -> Millis | None:
    """The length of a duration; None for `unbounded` and for nothing."""
    return None if text is None else parse_duration(text)
