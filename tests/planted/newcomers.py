"""Mistakes that newcomers make, as they come from other tools, from SQL and from older YAML: each alone in a healthy repository."""

from __future__ import annotations

TEAM = "teams/flights"
GROUP_BY = f"{TEAM}/group_bys/carrier.yaml"
JOIN = f"{TEAM}/joins/departure.yaml"
SOURCE = f"{TEAM}/sources/arrivals.yaml"

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
    "renamed source column": replaced(SOURCE, "arr_delay: long", "arrival_delay: long"),
    "renamed key column in source": replaced(SOURCE, "carrier: string", "airline: string"),
    "source broken yaml": replaced(SOURCE, "columns: {", "columns: {{"),
    "group_by broken yaml": replaced(GROUP_BY, "keys: [carrier]", "keys: [carrier"),
    "type change long->string": replaced(SOURCE, "arr_delay: long", "arr_delay: string"),
    "time seconds": replaced(SOURCE, "time: arrived_ms", "time: arrived_ms / 1000"),
    "time string literal": replaced(SOURCE, "time: arrived_ms", "time: \"'2024-01-01'\""),
    "join of join": replaced(JOIN, "[carrier]", "[departure]"),
    "part other team missing": replaced(JOIN, "[carrier]", "[airlines.carrier]"),
    "part with alias as": replaced(JOIN, "[carrier]", "[{group_by: carrier, as: c}]"),
    "part prefix caps": replaced(JOIN, "[carrier]", "[{group_by: carrier, prefix: My}]"),
    "parts empty": replaced(JOIN, "[carrier]", "[]"),
    "parts missing": replaced(JOIN, "parts: [carrier]\n", ""),
    "parts as map": replaced(JOIN, "parts: [carrier]", "parts: {carrier: carrier}"),
    "left missing": replaced(JOIN, "left: {source: departures, select: {distance: distance}}\n", ""),
    "two aggregations same": {
        "teams/flights/group_bys/carrier.yaml": "group_by: carrier\nsource: arrivals\nselect: {delay: arr_delay}\nkeys: [carrier]\nonline: true\naggregations:\n  - input: delay\n    operations: [count, average]\n    windows: [1d]\n  - input: delay\n    operations: [count]\n    windows: [1d]\n"
    },
    "sum of boolean expr": {
        "teams/flights/group_bys/carrier.yaml": "group_by: carrier\nsource: arrivals\nselect: {delay: arr_delay > 5}\nkeys: [carrier]\nonline: true\naggregations:\n  - input: delay\n    operations: [count, max]\n    windows: [1d]\n"
    },
    "percentile 95": replaced(GROUP_BY, "average]", '"approx_percentile(95)"]'),
    "last_k 0": replaced(GROUP_BY, "average]", "last_k(0)]"),
    "last_k float": replaced(GROUP_BY, "average]", "last_k(1.5)]"),
    "last_k missing": replaced(GROUP_BY, "average]", "last_k]"),
    "window 1s": replaced(GROUP_BY, "[1d]", "[1s]"),
    "window dup": replaced(GROUP_BY, "[1d]", "[1d, 24h]"),
    "snapshot hourly": {
        "teams/flights/group_bys/carrier.yaml": "group_by: carrier\nsource: arrivals\nselect: {delay: arr_delay}\nkeys: [carrier]\nonline: true\naccuracy: snapshot\naggregations:\n  - input: delay\n    operations: [count, average]\n    windows: [6h]\n"
    },
    "bucket missing col": replaced(GROUP_BY, "    windows", "    buckets: destination\n    windows"),
    "elementwise scalar": replaced(GROUP_BY, "    windows", "    elementwise: true\n    windows"),
    "select reserved ts": replaced(GROUP_BY, "{delay: arr_delay}", "{delay: arr_delay, ts: arrived_ms}"),
    "select reserved ds": replaced(GROUP_BY, "{delay: arr_delay}", "{delay: arr_delay, ds: carrier}"),
    "select unused": replaced(GROUP_BY, "{delay: arr_delay}", "{delay: arr_delay, foo: origin}"),
    "select typo func": replaced(GROUP_BY, "{delay: arr_delay}", "{delay: COALESZE(arr_delay, 0)}"),
    "select wrong arity": replaced(GROUP_BY, "{delay: arr_delay}", "{delay: COALESCE(arr_delay)}"),
    "select mixed types": replaced(GROUP_BY, "{delay: arr_delay}", "{delay: \"COALESCE(arr_delay, 'none')\"}"),
    "select table.col": replaced(GROUP_BY, "{delay: arr_delay}", "{delay: arrivals.arr_delay}"),
    "select unbalanced": replaced(GROUP_BY, "{delay: arr_delay}", "{delay: (arr_delay + 1}"),
    "select backtick": replaced(GROUP_BY, "{delay: arr_delay}", '{delay: "`arr_delay`"}'),
    "select date literal": replaced(GROUP_BY, "keys:", "where: arrived_ms > '2024-01-01'\nkeys:"),
    "where assign": replaced(GROUP_BY, "keys:", "where: carrier = AA\nkeys:"),
    "where in list": replaced(GROUP_BY, "keys:", "where: carrier IN ['AA']\nkeys:"),
    "where not boolean": replaced(GROUP_BY, "keys:", "where: arr_delay\nkeys:"),
    "deriv left not kept": replaced(JOIN, "parts: [carrier]", 'parts: [carrier]\nderivations: {"*": "*", x: tailnum}'),
    "deriv reads deriv": replaced(
        JOIN, "parts: [carrier]", 'parts: [carrier]\nderivations: {"*": "*", x: distance + 1, y: x + 1}'
    ),
    "deriv same name as col": replaced(
        JOIN, "parts: [carrier]", 'parts: [carrier]\nderivations: {"*": "*", distance: distance + 1}'
    ),
    "deriv agg": replaced(JOIN, "parts: [carrier]", 'parts: [carrier]\nderivations: {"*": "*", x: SUM(distance)}'),
    "deriv now": replaced(JOIN, "parts: [carrier]", 'parts: [carrier]\nderivations: {"*": "*", x: NOW()}'),
    "deriv compare text num": replaced(
        JOIN, "parts: [carrier]", 'parts: [carrier]\nderivations: {"*": "*", x: "carrier > 5"}'
    ),
    "start after end": replaced(SOURCE, "  table", "  start: 2024-02-01\n  end: 2024-01-01\n  table"),
    "join start future typo": replaced(JOIN, "online", "start: 2O24-01-01\nonline"),
    "mutations on events": replaced(
        SOURCE, "  time: arrived_ms\n", "  time: arrived_ms\n  mutations: {table: a.b, time: x, reversal: y}\n"
    ),
    "columns beside events": replaced(SOURCE, "  columns:", "columns:"),
    "windows beside aggregations": replaced(GROUP_BY, "    windows: [1d]", "windows: [1d]"),
    "accuracy in an aggregation": replaced(GROUP_BY, "    windows: [1d]", "    windows: [1d]\n    accuracy: temporal"),
    "entities with topic": {
        "teams/flights/sources/planes.yaml": "source: planes\nentities:\n  table: flights.planes\n  topic: file://flights.planes\n  columns: {tailnum: string, seats: long}\n"
    },
    "entities temporal": {
        "teams/flights/group_bys/plane.yaml": "group_by: plane\nsource: planes\nkeys: [tailnum]\naccuracy: temporal\naggregations: [{input: seats, operations: sum}]\n"
    },
    "entities windows no time": {
        "teams/flights/group_bys/plane.yaml": "group_by: plane\nsource: planes\nkeys: [tailnum]\naggregations: [{input: seats, operations: sum, windows: 7d}]\n"
    },
    "events no aggregations": {
        "teams/flights/group_bys/carrier.yaml": "group_by: carrier\nsource: arrivals\nselect: {delay: arr_delay}\nkeys: [carrier]\nonline: true\n"
    },
    "table without db": replaced(SOURCE, "table: flights.arrivals", "table: arrivals"),
    "table with 3 parts": replaced(SOURCE, "table: flights.arrivals", "table: prod.flights.arrivals"),
    "table path": replaced(SOURCE, "table: flights.arrivals", "table: data/flights/arrivals"),
    "table parquet": replaced(SOURCE, "table: flights.arrivals", "table: flights.arrivals.parquet"),
    "column twice": replaced(SOURCE, "origin: string,", "origin: string, carrier: string,"),
    "version file mismatch": {
        "teams/flights/group_bys/carrier@2.yaml": "group_by: carrier\nsource: arrivals\nselect: {delay: arr_delay}\nkeys: [carrier]\nonline: true\naggregations:\n  - input: delay\n    operations: [count, average]\n    windows: [1d]\n"
    },
    "two versions ambiguous": {
        "teams/flights/group_bys/carrier@2.yaml": "group_by: carrier\nversion: 2\nsource: arrivals\nselect: {delay: arr_delay}\nkeys: [carrier]\nonline: true\naggregations:\n  - input: delay\n    operations: [count, average]\n    windows: [1d]\n"
    },
    "ref version missing": replaced(JOIN, "[carrier]", "[carrier@3]"),
    "ref version v2": replaced(JOIN, "[carrier]", "[carrier.v2]"),
    "ref colon": replaced(JOIN, "[carrier]", '["carrier:2"]'),
    "tile 10m": replaced(GROUP_BY, "online: true", "online: true\ntile: 10m"),
    "tile 7m": replaced(GROUP_BY, "online: true", "online: true\ntile: 7m"),
    "alias map in agg": replaced(GROUP_BY, "    windows", "    alias: {old: new}\n    windows"),
    "compat lower": replaced(GROUP_BY, "keys", "compatibility: backward\nkeys"),
    "descr list": replaced(GROUP_BY, "keys", "description: [a, b]\nkeys"),
    "descr multi-line colon": replaced(GROUP_BY, "keys", "description: note: this is late\nkeys"),
    "double comma flow": replaced(GROUP_BY, "[carrier]", "[carrier,,origin]"),
    "unclosed quote": replaced(GROUP_BY, "keys: [carrier]", 'description: "late\nkeys: [carrier]'),
    "percent start": replaced(GROUP_BY, "keys", "description: %late\nkeys"),
    "at start": replaced(GROUP_BY, "keys", "owners: @flights\nkeys"),
    "indent wrong": {
        "teams/flights/group_bys/carrier.yaml": "group_by: carrier\nsource: arrivals\nselect: {delay: arr_delay}\nkeys: [carrier]\nonline: true\naggregations:\n  - input: delay\n   operations: [count, average]\n    windows: [1d]\n"
    },
    "dash missing": {
        "teams/flights/group_bys/carrier.yaml": "group_by: carrier\nsource: arrivals\nselect: {delay: arr_delay}\nkeys: [carrier]\nonline: true\naggregations:\n    input: delay\n    operations: [count, average]\n    windows: [1d]\n"
    },
}
