"""Chronon's definitions, in the plain words of a case, as documents of a repository of ours."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from agreement.cases import Case, Definition, NotOfferedError
from agreement.labels import label_group_bys, offsets_of
from agreement.naming import TEAM, asked_of, call_text, is_unbounded, object_name, our_prefix, their_prefix

_TYPES = {
    "bigint": "long", "int": "int", "smallint": "int", "tinyint": "int", "double": "double", "float": "float",
    "string": "string", "boolean": "boolean", "binary": "binary", "date": "date", "timestamp": "timestamp",
}  # fmt: skip

_WORDS = re.compile(r"[a-z]+(?=[<,>]|$)")
_DIV = re.compile(r"(\w+) div (\w+)", re.IGNORECASE)

EXACT_TILE = "1ms"
"""Where Chronon keeps single events, tiles of the clock's tick answer any moment exactly."""


@dataclass(slots=True)
class Documents:
    """A repository in the making.

    files: path below the team's folder → content.
    columns: Chronon's column → ours, of the object that is asked.
    omitted: Chronon's column → the line of docs/parity.md that says why it has no place here.
    """

    files: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)
    omitted: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Online:
    """How group_bys are to be served. tile: size of the stream's tiles."""

    tile: str = EXACT_TILE


def columns_of(schema: str) -> dict[str, str]:
    """Column → type of ours, of a schema as Spark writes it."""
    found, depth, begin = {}, 0, 0
    for place, sign in enumerate(schema + ","):
        depth += (sign in "<(") - (sign in ">)")
        if sign == "," and not depth:
            name, _, kind = schema[begin:place].strip().partition(" ")
            found[name] = our_type(kind)
            begin = place + 1
    return found


def our_type(kind: str) -> str:
    """Our word for a Spark type."""
    return _WORDS.sub(lambda word: _TYPES.get(word[0], word[0]), kind.replace("array<", "list<"))


def write_group_by(documents: Documents, case: Case, group_by: Definition, online: Online | None = None) -> str:
    """Add a group_by and its sources; its name. Errors: NotOfferedError."""
    name = object_name(group_by["name"])
    path = f"group_bys/{name}.yaml"
    if path in documents.files:
        return name
    content: dict[str, Any] = {
        "group_by": name,
        "sources": [
            _query(documents, case, source, f"{name}_{place}") for place, source in enumerate(group_by["sources"])
        ],
        "keys": list(group_by["keys"]),
        "accuracy": group_by["accuracy"],
    }
    if group_by.get("aggregations"):
        content["aggregations"] = [_aggregation(one) for one in group_by["aggregations"]]
    if online:
        content["online"] = True
        if group_by["accuracy"] == "temporal":
            content["tile"] = online.tile
    documents.files[path] = content
    return name


def write_join(documents: Documents, case: Case, join: Definition, online: Online | None = None) -> str:
    """Add a join, its parts and their sources; its name. Errors: NotOfferedError."""
    name = object_name(join["name"])
    left = _query(documents, case, join["left"], f"{name}_left")
    parts = []
    for part in join["parts"]:
        group_by = case.group_by(part["group_by"])
        written: dict[str, Any] = {"group_by": f"{TEAM}.{write_group_by(documents, case, group_by, online)}"}
        if part.get("key_mapping"):
            written["keys"] = dict(part["key_mapping"])
        if part.get("prefix"):
            written["prefix"] = part["prefix"]
        parts.append(written)
        for theirs, ours in part_columns(part, group_by):
            documents.columns[theirs] = ours
        documents.omitted |= {
            f"{their_prefix(part)}_{one['name']}": "group_by derivations" for one in group_by.get("derivations") or ()
        }
    left["select"] = {documents.columns.get(column, column): sql for column, sql in left["select"].items()}
    content: dict[str, Any] = {"join": name, "left": left, "parts": parts}
    if join["left"].get("start_date"):
        content["start"] = join["left"]["start_date"]
    if join.get("labelPart"):
        content["labels"] = list(_labels(documents, case, join))
    if derivations := _derivations(documents, join):
        content["derivations"] = derivations
    if bootstrap := [_bootstrap(documents, case, join, part) for part in join.get("bootstrapParts") or ()]:
        content["bootstrap"] = bootstrap
    if online:
        content["online"] = True
    documents.omitted |= dict.fromkeys(_external_columns(join), "external parts")
    documents.files[f"joins/{name}.yaml"] = content
    return name


def _bootstrap(documents: Documents, case: Case, join: Definition, part: Definition) -> dict[str, Any]:
    """A table that gives values. Chronon does not wait for its days: those behind the last one are never given."""
    table = case.tables[part["table"]]
    name = part["table"].replace(".", "_")
    columns = columns_of(table.schema)
    columns.pop(table.partition)
    documents.files[f"sources/{name}.yaml"] = {"source": name, "entities": {"table": part["table"], "columns": columns}}
    query = part.get("query") or {}
    selects = query.get("selects") or {column: column for column in columns}
    written: dict[str, Any] = {
        "source": f"{TEAM}.{name}",
        "keys": list(part.get("keyColumns") or join["rowIds"]),
        "select": {documents.columns.get(column, column): _expression(sql) for column, sql in selects.items()},
        "end": max(row[table.partition] for row in table.rows()),
    }
    if query.get("wheres"):
        written["where"] = [_expression(sql) for sql in query["wheres"]]
    return written


def _labels(documents: Documents, case: Case, join: Definition) -> Iterator[dict[str, Any]]:
    """One label for every distance between a left day and the label day."""
    for group_by in label_group_bys(join):
        name = f"{TEAM}.{write_group_by(documents, case, group_by)}"
        yield from ({"group_by": name, "after": f"{days}d", "prefix": f"d{days}"} for days in offsets_of(join))


def part_columns(part: Definition, group_by: Definition) -> Iterator[tuple[str, str]]:
    """(Chronon's, our) column of every feature of a part."""
    for asked in asked_of(group_by):
        yield f"{their_prefix(part)}_{asked.their_name}", f"{our_prefix(part)}_{asked.name}"


def _query(documents: Documents, case: Case, source: Definition, name: str) -> dict[str, Any]:
    if source.get("cumulative"):
        raise NotOfferedError("cumulative events")
    query: dict[str, Any] = {"select": {column: _expression(sql) for column, sql in source["select"].items()}}
    if source.get("where"):
        query["where"] = [_expression(sql) for sql in source["where"]]
    if source.get("start_date"):
        query["start"] = source["start_date"]
    if source["kind"] == "join":
        parents = Documents(files=documents.files)
        parent = write_join(parents, case, source["join"])
        query["join"] = f"{TEAM}.{parent}"
        query["select"] = {column: _renamed(sql, parents.columns) for column, sql in query["select"].items()}
        return query
    documents.files[f"sources/{name}.yaml"] = {"source": name, source["kind"]: _source(case, source)}
    query["source"] = f"{TEAM}.{name}"
    return query


def _source(case: Case, source: Definition) -> dict[str, Any]:
    table = source["table"] if source["kind"] == "events" else source["snapshot_table"]
    columns = columns_of(case.tables[table].schema)
    columns.pop(case.tables[table].partition)
    body: dict[str, Any] = {"table": table, "columns": columns}
    if source["kind"] == "entities" and source.get("mutation_table"):
        body["mutations"] = {
            "table": source["mutation_table"],
            "time": source["mutation_time"],
            "reversal": source["reversal"],
            "columns": _columns_of_images(case, source, columns),
        }
        if source.get("topic"):
            body["mutations"]["topic"] = f"file://{source['mutation_table']}"
    elif source.get("topic"):
        body["topic"] = f"file://{table}"
    if source.get("time"):
        body["time"] = source["time"]
    return body


def _columns_of_images(case: Case, source: Definition, known: Mapping[str, str]) -> dict[str, str]:
    """The columns that only the images of changes have."""
    table = case.tables[source["mutation_table"]]
    columns = columns_of(table.schema)
    return {name: kind for name, kind in columns.items() if name not in known and name != table.partition}


def _aggregation(aggregation: Definition) -> dict[str, Any]:
    written: dict[str, Any] = {
        "input": aggregation["input"],
        "operations": [call_text(aggregation["operation"], aggregation.get("args") or {})],
        "windows": ["unbounded" if is_unbounded(window) else window for window in aggregation["windows"]],
    }
    if aggregation.get("buckets"):
        written["buckets"] = list(aggregation["buckets"])
    if aggregation.get("element_wise"):
        written["elementwise"] = True
    return written


def _derivations(documents: Documents, join: Definition) -> dict[str, str]:
    """Expressions over Chronon's columns become expressions over ours; one over the partition has no place."""
    written = {}
    for one in join.get("derivations") or ():
        if re.search(r"\bds\b", one["expression"]):
            documents.omitted[one["name"]] = "derivations over ds"
            continue
        written[one["name"]] = _renamed(_expression(one["expression"]), documents.columns)
        documents.columns.setdefault(one["name"], one["name"])
    return written


def _expression(sql: str) -> str:
    """The expression in our language, which has no DIV and calls types by our words."""
    sql = _DIV.sub(r"FLOOR(\1 / \2)", sql)
    return re.sub(r"\bas bigint\b", "AS long", sql, flags=re.IGNORECASE)


def _renamed(sql: str, columns: Mapping[str, str]) -> str:
    return re.sub(r"\w+", lambda word: columns.get(word[0], word[0]), sql)


def _external_columns(join: Definition) -> Iterator[str]:
    for part in join.get("onlineExternalParts") or ():
        prefix = f"{part['prefix']}_" if part.get("prefix") else ""
        name = part["source"]["metadata"]["name"]
        fields = [one["name"] for one in part["source"]["valueSchema"]["params"]]
        yield from (f"ext_{prefix}{name}_{one}" for one in [*fields, "exception"])
