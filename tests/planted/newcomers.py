"""Mistakes that newcomers make, as they come from other tools, from SQL and from older YAML: each alone in a healthy repository."""

from __future__ import annotations

TEAM = "teams/flights"
GROUP_BY = f"{TEAM}/group_bys/carrier.yaml"
JOIN = f"{TEAM}/joins/departure.yaml"
SOURCE = f"{TEAM}/sources/arrivals.yaml"
ROOT = "chronon.yaml"

HEALTHY = {
    GROUP_BY: """\
group_by: carrier
source: arrivals
select: {delay: arr_delay}
keys: [carrier]
online: true
aggregations:
  - input: delay
    operations: [count, average]
    windows: [1d]
""",
    JOIN: """\
join: departure
left: {source: departures, select: {distance: distance}}
online: true
parts: [carrier]
""",
    SOURCE: """\
source: arrivals
events:
  table: flights.arrivals
  topic: file://flights.arrivals
  time: arrived_ms
  columns: {carrier: string, origin: string, arr_delay: long, arrived_ms: long}
""",
}

Mistake = dict[str, str]
"""Path → text of the file that has it."""


def replaced(path: str, old: str, new: str) -> Mistake:
    """A healthy file with one text replaced by another."""
    assert HEALTHY[path].count(old) >= 1, (path, old)
    return {path: HEALTHY[path].replace(old, new, 1)}


def named(name: str, text: str) -> Mistake:
    """A group_by in a file of that name, below the team's folder."""
    return {f"{TEAM}/{name}": HEALTHY[GROUP_BY].replace("group_by: carrier", text)}


MISTAKES: dict[str, Mistake] = {
    "avg as operation": replaced(GROUP_BY, "average]", "avg]"),
    "mean as operation": replaced(GROUP_BY, "average]", "mean]"),
    "count_distinct": replaced(GROUP_BY, "average]", "count_distinct]"),
    "stddev": replaced(GROUP_BY, "average]", "stddev]"),
    "p95": replaced(GROUP_BY, "average]", "p95]"),
    "last 10 (space)": replaced(GROUP_BY, "average]", "last 10]"),
    "last10": replaced(GROUP_BY, "average]", "last10]"),
    "window 1day": replaced(GROUP_BY, "[1d]", "[1day]"),
    "window 24 hours": replaced(GROUP_BY, "[1d]", "[24 hours]"),
    "window 1M (month)": replaced(GROUP_BY, "[1d]", "[1M]"),
    "window int": replaced(GROUP_BY, "[1d]", "[7]"),
    "window 1y": replaced(GROUP_BY, "[1d]", "[1y]"),
    "window singular field": replaced(GROUP_BY, "windows:", "window:"),
    "agg function SQL input": replaced(GROUP_BY, "input: delay", "input: SUM(delay)"),
    "input expression": replaced(GROUP_BY, "input: delay", "input: delay / 60"),
    "SELECT statement in select": replaced(GROUP_BY, "{delay: arr_delay}", "{delay: SELECT arr_delay FROM arrivals}"),
    "select list": replaced(GROUP_BY, "select: {delay: arr_delay}", "select: [arr_delay]"),
    "select string": replaced(GROUP_BY, "select: {delay: arr_delay}", "select: arr_delay"),
    "where with AND text ==": replaced(GROUP_BY, "keys:", "where: arr_delay == 5\nkeys:"),
    "where double quotes string": replaced(GROUP_BY, "keys:", 'where: origin = "JFK"\nkeys:'),
    "where is null": replaced(GROUP_BY, "keys:", "where: arr_delay = NULL\nkeys:"),
    "where with && ": replaced(GROUP_BY, "keys:", "where: arr_delay > 5 && origin = 'JFK'\nkeys:"),
    "where with semicolon": replaced(GROUP_BY, "keys:", "where: arr_delay > 5;\nkeys:"),
    "where key mapping": replaced(GROUP_BY, "keys:", "where: {arr_delay: 5}\nkeys:"),
    "key of singular field": replaced(GROUP_BY, "keys: [carrier]", "key: carrier"),
    "key with expression": replaced(GROUP_BY, "keys: [carrier]", "keys: [LOWER(carrier)]"),
    "key not there": replaced(GROUP_BY, "keys: [carrier]", "keys: [airline]"),
    "online yes": replaced(GROUP_BY, "online: true", "online: yes"),
    'online "true"': replaced(GROUP_BY, "online: true", 'online: "true"'),
    "accuracy daily": replaced(GROUP_BY, "online: true", "online: true\naccuracy: daily"),
    "accuracy TEMPORAL": replaced(GROUP_BY, "online: true", "online: true\naccuracy: TEMPORAL"),
    "source with path": replaced(GROUP_BY, "source: arrivals", "source: flights/sources/arrivals.yaml"),
    "source table": replaced(GROUP_BY, "source: arrivals", "source: flights.arrivals_table"),
    "source inline": replaced(GROUP_BY, "source: arrivals", "source: {events: {table: flights.arrivals}}"),
    "source wrong team": replaced(GROUP_BY, "source: arrivals", "source: flight.arrivals"),
    "group_by name with team": replaced(GROUP_BY, "group_by: carrier", "group_by: flights.carrier"),
    "name field": replaced(GROUP_BY, "group_by: carrier", "name: carrier"),
    "group_by camel": replaced(GROUP_BY, "group_by: carrier", "groupBy: carrier"),
    "camel aggregations": replaced(GROUP_BY, "input: delay", "inputColumn: delay"),
    "camel join parts": replaced(JOIN, "parts: [carrier]", "joinParts: [carrier]"),
    "right_parts": replaced(JOIN, "parts: [carrier]", "right_parts: [carrier]"),
    "part with key_mapping": replaced(JOIN, "[carrier]", "[{group_by: carrier, key_mapping: {carrier: carrier}}]"),
    "part keys reversed": replaced(JOIN, "[carrier]", "[{group_by: carrier, keys: {carrier: tailnum}}]"),
    "part keys list": replaced(JOIN, "[carrier]", "[{group_by: carrier, keys: [carrier]}]"),
    "left is group_by": replaced(JOIN, "source: departures", "source: carrier"),
    "left string select": replaced(JOIN, "select: {distance: distance}", "select: distance"),
    "derivation unprefixed": replaced(
        JOIN, "parts: [carrier]", 'parts: [carrier]\nderivations: {"*": "*", late: delay_average_1d > 15}'
    ),
    "derivation of list": replaced(
        JOIN,
        "parts: [carrier]",
        "parts: [carrier]\nderivations:\n  - {name: late, expression: flights_carrier_delay_average_1d > 15}",
    ),
    "derivation window fn": replaced(
        JOIN, "parts: [carrier]", "parts: [carrier]\nderivations: {late: AVG(distance) OVER (PARTITION BY carrier)}"
    ),
    "derivation ternary": replaced(
        JOIN, "parts: [carrier]", 'parts: [carrier]\nderivations: {late: "distance > 5 ? 1 : 0"}'
    ),
    "star unquoted": replaced(JOIN, "parts: [carrier]", "parts: [carrier]\nderivations: {*: *}"),
    "star only key": replaced(JOIN, "parts: [carrier]", 'parts: [carrier]\nderivations: {"*": true}'),
    "jinja": {
        "teams/flights/group_bys/carrier.yaml": "group_by: carrier\nsource: arrivals\nselect: {delay: arr_delay}\nwhere: \"ds = '{{ ds }}'\"\nkeys: [carrier]\nonline: true\naggregations:\n  - input: delay\n    operations: [count, average]\n    windows: [1d]\n"
    },
    "type integer": replaced(SOURCE, "arr_delay: long", "arr_delay: integer"),
    "type bigint": replaced(SOURCE, "arr_delay: long", "arr_delay: bigint"),
    "type varchar": replaced(SOURCE, "carrier: string", "carrier: varchar(10)"),
    "type array": replaced(SOURCE, "origin: string", "origin: array<string>"),
    "type datetime": replaced(SOURCE, "arrived_ms: long", "arrived_ms: datetime"),
    "time as timestamp str": replaced(SOURCE, "time: arrived_ms", "time: origin"),
    "time missing": replaced(SOURCE, "  time: arrived_ms\n", ""),
    "topic bare": replaced(SOURCE, "file://flights.arrivals", "flights.arrivals"),
    "topic kafka": replaced(SOURCE, "file://flights.arrivals", "kafka://broker:9092/arrivals"),
    "columns list": replaced(
        SOURCE,
        "columns: {carrier: string, origin: string, arr_delay: long, arrived_ms: long}",
        "columns: [carrier, origin, arr_delay, arrived_ms]",
    ),
    "columns list of maps": replaced(
        SOURCE,
        "columns: {carrier: string, origin: string, arr_delay: long, arrived_ms: long}",
        "columns:\n    - {name: carrier, type: string}",
    ),
    "tab indent": {
        "teams/flights/group_bys/carrier.yaml": "group_by: carrier\nsource: arrivals\nselect: {delay: arr_delay}\nkeys: [carrier]\nonline: true\naggregations:\n\t- input: delay\n    operations: [count, average]\n    windows: [1d]\n"
    },
    "missing space colon": replaced(GROUP_BY, "keys: [carrier]", "keys:[carrier]"),
    "date slash": replaced(SOURCE, "  table", "  start: 2024/01/01\n  table"),
    "date int": replaced(SOURCE, "  table", "  start: 20240101\n  table"),
    "date not quoted datetime": replaced(SOURCE, "  table", "  start: 2024-01-01T00:00:00\n  table"),
    "version v2": replaced(GROUP_BY, "keys", "version: v2\nkeys"),
    "file is .yml": {
        "teams/flights/group_bys/extra.yml": "group_by: extra\nsource: arrivals\nselect: {delay: arr_delay}\nkeys: [carrier]\nonline: true\naggregations:\n  - input: delay\n    operations: [count, average]\n    windows: [1d]\n"
    },
    "folder groupbys": {
        "teams/flights/groupbys/extra.yaml": "group_by: extra\nsource: arrivals\nselect: {delay: arr_delay}\nkeys: [carrier]\nonline: true\naggregations:\n  - input: delay\n    operations: [count, average]\n    windows: [1d]\n"
    },
    "file at team root": {
        "teams/flights/extra.yaml": "group_by: extra\nsource: arrivals\nselect: {delay: arr_delay}\nkeys: [carrier]\nonline: true\naggregations:\n  - input: delay\n    operations: [count, average]\n    windows: [1d]\n"
    },
    "capital file": {
        "teams/flights/group_bys/Extra.yaml": "group_by: Extra\nsource: arrivals\nselect: {delay: arr_delay}\nkeys: [carrier]\nonline: true\naggregations:\n  - input: delay\n    operations: [count, average]\n    windows: [1d]\n"
    },
    "dash file": {
        "teams/flights/group_bys/my-extra.yaml": "group_by: my-extra\nsource: arrivals\nselect: {delay: arr_delay}\nkeys: [carrier]\nonline: true\naggregations:\n  - input: delay\n    operations: [count, average]\n    windows: [1d]\n"
    },
    "two docs": {
        "teams/flights/group_bys/carrier.yaml": "group_by: carrier\nsource: arrivals\nselect: {delay: arr_delay}\nkeys: [carrier]\nonline: true\naggregations:\n  - input: delay\n    operations: [count, average]\n    windows: [1d]\n---\ngroup_by: carrier\nsource: arrivals\nselect: {delay: arr_delay}\nkeys: [carrier]\nonline: true\naggregations:\n  - input: delay\n    operations: [count, average]\n    windows: [1d]\n"
    },
    "empty file": {"teams/flights/group_bys/carrier.yaml": ""},
    "comment only": {"teams/flights/group_bys/carrier.yaml": "# todo\n"},
    "owners map": replaced(GROUP_BY, "keys", "owners: {email: a@b.c}\nkeys"),
    "tags list": replaced(GROUP_BY, "keys", "tags: [gold]\nkeys"),
    "tags bool": replaced(GROUP_BY, "keys", "tags: {gold: true}\nkeys"),
    "team checks typo": {"teams/flights/team.yaml": "team: flights\nowners: [a@b]\nchecks: {description: warning}\n"},
    "team checks bool": {"teams/flights/team.yaml": "team: flights\nowners: [a@b]\nchecks: {descriptions: true}\n"},
    "team checks level caps": {
        "teams/flights/team.yaml": "team: flights\nowners: [a@b]\nchecks: {descriptions: WARN}\n"
    },
    "team checks list": {"teams/flights/team.yaml": "team: flights\nowners: [a@b]\nchecks: [descriptions]\n"},
    "deprecated true": replaced(GROUP_BY, "keys", "deprecated: true\nkeys"),
    "deprecated text": replaced(GROUP_BY, "keys", "deprecated: use carrier2\nkeys"),
    "deprecated since": replaced(GROUP_BY, "keys", "deprecated: {since: 2024-01-01}\nkeys"),
    "deprecated empty": replaced(GROUP_BY, "keys", "deprecated: {}\nkeys"),
    "deprecated use number": replaced(GROUP_BY, "keys", "deprecated: {use: 2}\nkeys"),
    "obsolete for deprecated": replaced(GROUP_BY, "    windows", "    obsolete: 2027-01-01\n    windows"),
    "derivation desc without expr": replaced(
        JOIN, "parts: [carrier]", "parts: [carrier]\nderivations: {late: {description: x}}"
    ),
    "derivation sql": replaced(JOIN, "parts: [carrier]", "parts: [carrier]\nderivations: {late: {sql: distance > 5}}"),
    "aggregations as map": {
        "teams/flights/group_bys/carrier.yaml": "group_by: carrier\nsource: arrivals\nselect: {delay: arr_delay}\nkeys: [carrier]\nonline: true\naggregations:\n  delay: {operations: [count], windows: [1d]}\n"
    },
    "aggregations one map": {
        "teams/flights/group_bys/carrier.yaml": "group_by: carrier\nsource: arrivals\nselect: {delay: arr_delay}\nkeys: [carrier]\nonline: true\naggregations: {input: delay, operations: [count], windows: [1d]}\n"
    },
    "operations comma text": replaced(GROUP_BY, "[count, average]", "count, average"),
    "operation percentiles list": replaced(GROUP_BY, "average]", '"approx_percentile([0.5, 0.9])"]'),
    "operation unquoted pct": replaced(GROUP_BY, "average]", "approx_percentile(0.5, 0.9)]"),
    "buckets of long": replaced(GROUP_BY, "    windows", "    buckets: arr_delay\n    windows"),
    "source events+entities": replaced(SOURCE, "events:", "entities:\n  table: a.b\n  columns: {x: int}\nevents:"),
    "chronon.yaml engine duckdb": {
        "chronon.yaml": "target: local\ntargets:\n  local: {engine: duckdb, home: .chronon/local}\n"
    },
    "chronon.yaml targets list": {
        "chronon.yaml": "target: local\ntargets:\n  - {engine: local, home: .chronon/local}\n"
    },
    "chronon.yaml target name": {
        "chronon.yaml": "target: prod\ntargets:\n  local: {engine: local, home: .chronon/local}\n"
    },
}
