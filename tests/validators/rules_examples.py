"""Chronon's rules as mistakes in our YAML: what docs/rules.md says about each is what is told about its example."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from repositories import TEAM, Documents, documents

Fields = Mapping[str, Any]


@dataclass(frozen=True)
class Example:
    """A change of the healthy repository. changed: document → its new fields.  new: path → document.  raw: path → text."""

    changed: Mapping[str, Fields] = field(default_factory=dict)
    new: Mapping[str, Fields] = field(default_factory=dict)
    raw: Mapping[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()

    def documents(self) -> Documents:
        written = documents(**self.changed)
        written |= {f"{TEAM}/{path}": dict(fields) for path, fields in self.new.items()}
        return {path: fields for path, fields in written.items() if path.removeprefix(f"{TEAM}/") not in self.without}


def of(**changed: Fields) -> Example:
    return Example(changed=changed)


def added(**new: Fields) -> Example:
    """New documents: `group_bys__x` is group_bys/x.yaml."""
    return Example(new={f"{path.replace('__', '/')}.yaml": fields for path, fields in new.items()})


def raw(path: str, text: str) -> Example:
    return Example(raw={f"{TEAM}/{path}": text})


def windows(*lengths: str, **more: Any) -> Example:
    """A group_by over arrivals with these windows."""
    aggregation = {"input": "delay", "operations": "count", "windows": list(lengths)}
    return added(
        group_bys__x={"group_by": "x", "source": "arrivals", "keys": "carrier", "aggregations": [aggregation], **more}
    )


def aggregated(
    source: str = "arrivals", keys: Any = "carrier", more: Fields | None = None, **aggregation: Any
) -> Example:
    """A group_by with one aggregation."""
    own = {"input": "delay", "operations": "count", **aggregation}
    return added(group_bys__x={"group_by": "x", "source": source, "keys": keys, "aggregations": [own], **(more or {})})


def derived(**derivations: str) -> Example:
    return of(departure={"derivations": {"*": "*", **derivations}})


def joined(part: Any = "carrier", left: Any = "departures", **more: Any) -> Example:
    return added(joins__x={"join": "x", "left": left, "parts": [part], **more})


def entities(**more: Any) -> Fields:
    return {
        "source": "changing",
        "entities": {"table": "flights.changing", "columns": {"tailnum": "string", "seats": "long"}, **more},
    }


IMAGES = {
    "table": "flights.images",
    "time": "at",
    "reversal": "before",
    "columns": {"at": "long", "before": "boolean"},
}


def changing(aggregation: Fields, mutations: Fields | None, **more: Any) -> Example:
    source = entities(**({"mutations": mutations} if mutations else {}))
    own = {"group_by": "x", "source": "changing", "keys": "tailnum", "aggregations": [aggregation], **more}
    return added(sources__changing=source, group_bys__x=own)


SUM = {"input": "seats", "operations": "sum"}
LATENESS = {"input": "late", "operations": ["count"], "windows": ["1d"], "buckets": ["origin"], "name": "lateness"}
HANDED_ON = of(
    carrier={
        "aggregations": [
            {"input": "delay", "operations": ["count", "average"], "windows": ["3h", "7d"]},
            {**LATENESS, "deprecated": "2999-12-31"},
        ]
    }
)
EVENTS = {"table": "flights.other", "columns": {"carrier": "string", "delay": "long", "at": "long"}}
TIMED = {**EVENTS, "time": "at"}


def source(fields: Fields, **more: Any) -> Example:
    """A source of events of its own, and a group_by that reads it."""
    own = {"group_by": "x", "source": "other", "keys": "carrier", "accuracy": "snapshot"}
    aggregations = [{"input": "delay", "operations": "count", "windows": "1d"}]
    return added(
        sources__other={"source": "other", "events": fields}, group_bys__x={**own, "aggregations": aggregations, **more}
    )


def two_sources(second: Fields, **more: Any) -> Example:
    queries = [{"source": "arrivals", "select": {"n": "delay"}}, second]
    own = {
        "group_by": "x",
        "sources": queries,
        "keys": "carrier",
        "aggregations": [{"input": "n", "operations": "max"}],
    }
    return added(group_bys__x={**own, **more})


OFFLINE_PART = Example(
    new={
        "group_bys/x.yaml": {
            "group_by": "x", "source": "arrivals", "keys": "carrier", "aggregations": [{"input": "delay", "operations": "max"}],
        },
        "joins/x.yaml": {"join": "x", "left": "departures", "parts": ["x"], "online": True},
    }
)  # fmt: skip
STRINGS = {"input": "carrier", "operations": "max"}
TAKES_TEXT = aggregated(input="carrier", operations="sum")
OTHER_KEY_TYPE = joined({"group_by": "carrier", "keys": {"distance": "carrier"}})
LOST_LEFT_KEY = joined({"group_by": "carrier", "keys": {"airline": "carrier"}})
TS_SELECTED = of(carrier={"select": {"ts": "planned_ms", "late": "delay > 15"}})
TWICE = joined("carrier", left={"source": "departures", "select": {"flights_carrier_delay_average_7d": "distance"}})
FORMER = {"aliases": {"old": "nothing"}}

FEATURE = "flights_carrier_delay_count_7d"


def bootstrapped(**part: Any) -> Example:
    """A join with one table that gives a feature. part: replaces its fields; None takes one away."""
    given = {"source": "planes", "keys": "tailnum", "select": {FEATURE: "seats"}, **part}
    own = {name: value for name, value in given.items() if value is not None}
    return of(departure={"bootstrap": [own]})


TOLD: Mapping[str, Mapping[str, Example]] = {
    "P1": {"CHR-S016": added(group_bys__x={"group_by": "x", "keys": "carrier", "aggregations": [STRINGS]})},
    "P3": {"CHR-V019": TS_SELECTED},
    "P4": {"CHR-V019": TS_SELECTED},
    "P5": {"CHR-S010": source({**TIMED, "mutations": IMAGES})},
    "P6": {"CHR-S010": source({**TIMED, "reversal": "before"})},
    "P7": {"CHR-V016": source(EVENTS)},
    "P9": {"CHR-V018": of(outlook={"accuracy": "temporal"})},
    "P10": {"CHR-V029": aggregated("planes", "tailnum", input="seats", windows="1d")},
    "P13": {"CHR-V009": two_sources({"source": "departures", "select": {"n": "distance / 2.0"}})},
    "P14": {"CHR-V008": aggregated(keys="airline")},
    "P15": {
        "CHR-V014": added(group_bys__x={"group_by": "x", "source": "arrivals", "keys": "carrier"}),
        "CHR-V017": Example(
            new={
                "sources/changing.yaml": entities(mutations=IMAGES),
                "group_bys/x.yaml": {"group_by": "x", "source": "changing", "keys": "tailnum", "accuracy": "temporal"},
            }
        ),
    },
    "P16": {"CHR-S011": raw("group_bys/x.yaml", "group_by: x\nsource: arrivals\nkeys: carrier\naggregations: [{operations: count}]\n")},
    "P17": {"CHR-V008": aggregated(input="late")},
    "P18": {"CHR-V010": aggregated(operations="approx_percentile(1.5)")},
    "P19": {"CHR-V011": windows("3h", accuracy="snapshot")},
    "P20": {"CHR-V021": joined({"group_by": "carrier", "keys": {"carrier": "airline"}})},
    "P21": {"CHR-S021": raw("group_bys/x.yaml", "group_by: y\nsource: planes\nkeys: tailnum\n")},
    "P23": {"CHR-S010": joined(left={"join": "departure"})},
    "P24": {"CHR-V019": joined(left={"source": "departures", "select": {"ts": "departs_ms"}})},
    "P25": {"CHR-V024": added(joins__x={"join": "x", "left": "departures", "parts": ["carrier", "carrier"]})},
    "P32": {"CHR-S014": source({**TIMED, "columns": {**EVENTS["columns"], "m": "map<long,string>"}})},
    "P33": {"CHR-S011": source({"table": "flights.other", "time": "at"})},
    "W1": {"CHR-V105": aggregated(operations="unique_count", more={"online": True})},
    "C1": {"CHR-S020": raw("x.yaml", "group_by: x\n")},
    "C2": {
        "CHR-S001": raw("group_bys/x.yaml", "group_by: [x\n"),
        "CHR-S008": raw("group_bys/x.yaml", "group_by: x\u202e\n"),
    },
    "C3": {"CHR-S022": Example(raw={"teams/late/group_bys/x.yaml": "group_by: x\nsource: flights.planes\nkeys: tailnum\n"})},
    "C5": {"CHR-V026": OFFLINE_PART},
    "C8": {"CHR-S014": of(carrier={"deprecated": "2023-99-99"})},
    "C12": {"CHR-V026": OFFLINE_PART},
    "C13": {"CHR-V026": OFFLINE_PART},
    "C18": {
        "CHR-V112": of(carrier={"deprecated": "2999-12-31"}),
        "CHR-V113": of(carrier={"deprecated": "2019-12-31"}),
        "CHR-V120": HANDED_ON,
    },
    "J1": {"CHR-V022": LOST_LEFT_KEY, "CHR-V008": aggregated(keys="airline"), "CHR-V023": OTHER_KEY_TYPE},
    "J3": {
        "CHR-V108": Example(
            changed={"arrivals": {"events": {**TIMED, "table": "flights.arrivals", "columns": {"carrier": "string", "origin": "string", "delay": "long", "at": "long"}, "start": "2013-02-01"}}}
        ),
        "CHR-V107": source({**TIMED, "start": "2013-01-01", "end": "2013-01-02"}, aggregations=[{"input": "delay", "operations": "count", "windows": "7d"}]),
    },
    "J4": {"CHR-V106": source({**EVENTS, "time": "at_s", "columns": {**EVENTS["columns"], "at_s": "long"}})},
    "J8": {"CHR-V005": derived(a="nothing + 1")},
    "J10": {"CHR-V009": two_sources({"source": "planes", "select": {"n": "seats", "carrier": "engine"}})},
    "J12": {"CHR-V016": source(EVENTS), "CHR-V006": source({**EVENTS, "time": "carrier"})},
    "J13": {"CHR-V017": changing(SUM, None, accuracy="temporal")},
    "J16": {"CHR-V011": windows("3h", accuracy="snapshot")},
    "J17": {"CHR-V008": aggregated(buckets="airline"), "CHR-V012": aggregated(buckets="delay"), "CHR-V010": TAKES_TEXT},
    "J18": {"CHR-S022": Example(raw={"teams/late/group_bys/x.yaml": "group_by: x\nsource: flights.planes\nkeys: tailnum\n"})},
    "J20": {"CHR-V024": TWICE},
    "J22": {
        "CHR-V001": bootstrapped(source="airplanes"),
        "CHR-S011": bootstrapped(keys=None),
        "CHR-V145": bootstrapped(keys="plane"),
        "CHR-V146": bootstrapped(select={"tailnum": "seats", FEATURE: "seats"}),
        "CHR-V143": bootstrapped(select={"flights_carrier_delay_count_8d": "seats"}),
        "CHR-V144": bootstrapped(select={FEATURE: "tailnum"}),
    },
    "J27": {"CHR-V005": derived(a="flights_carrier_delay_average_8d")},
    "J28": {
        "CHR-V018": aggregated("departures", input="distance", more={"online": True, "accuracy": "temporal"}),
        "CHR-V037": changing(SUM, IMAGES, accuracy="temporal", online=True),
        "CHR-V016": source(EVENTS),
        "CHR-S014": source({**TIMED, "topic": "flights.other"}),
    },
    "J29": {"CHR-S010": of(carrier={"keyColumns": ["carrier"]})},
    "2.4 windows": {"CHR-V011": windows("7m"), "CHR-S014": windows("0d"), "CHR-V050": windows("7d", "1w")},
    "2.5 left and right": {
        "CHR-V027": added(
            sources__still={"source": "still", "entities": {"table": "flights.still", "partition": "", "columns": {"tailnum": "string"}}},
            joins__x={"join": "x", "left": "still", "parts": ["plane"]},
        )
    },
    "2.6 mutations": {
        "CHR-V017": changing(SUM, None, accuracy="temporal"),
        "CHR-V037": changing(SUM, IMAGES, accuracy="temporal", online=True),
        "CHR-V038": changing(SUM, {**IMAGES, "columns": {**IMAGES["columns"], "seats": "string"}}, accuracy="snapshot"),
        "CHR-V036": changing({"input": "seats", "operations": "max"}, IMAGES, accuracy="temporal"),
    },
    "2.7 derivations": {
        "CHR-V005": derived(a="nothing + 1"),
        "CHR-V028": of(departure={"derivations": {"*": "distance"}}),
        "CHR-V025": derived(a="distance + 1", b="a + 1"),
        "CHR-V024": derived(miles="distance + 1"),
        "CHR-S004": raw("joins/x.yaml", "join: x\nleft: departures\nparts: [carrier]\nderivations: {a: distance, a: distance}\n"),
    },
    "2.8 keys": {
        "CHR-V023": OTHER_KEY_TYPE,
        "CHR-V022": LOST_LEFT_KEY,
        "CHR-V032": source({**TIMED, "columns": {**EVENTS["columns"], "many": "list<string>"}}, keys="many"),
        "CHR-V110": aggregated(more={"select": {"carrier": "CAST(NULL AS string)"}}),
        "CHR-V111": aggregated(keys="share", more={"select": {"share": "delay / 2"}}),
    },
    "2.10 reserved names": {"CHR-V019": TS_SELECTED},
    "one column and operation with other arguments, which names do not show": {
        "CHR-V015": aggregated(operations=["approx_percentile(0.5)", "approx_percentile(0.9)"]),
    },
    "flattened and element-wise aggregations of one list": {
        "CHR-V015": source(
            {**TIMED, "columns": {**EVENTS["columns"], "many": "list<long>"}},
            aggregations=[
                {"input": "many", "operations": "sum", "windows": "1d"},
                {"input": "many", "operations": "sum", "windows": "1d", "elementwise": True},
            ],
        )
    },
    "a column of the left side that is named as one of a part": {"CHR-V024": TWICE},
    "an operation without its `k`": {"CHR-V010": aggregated(operations="last_k")},
    "windows of length 0, less, or the greatest number": {"CHR-S014": windows("0d")},
    "cycles between joins": {
        "CHR-V004": Example(changed={"outlook": {"sources": [{"join": "morning", "select": {"rate": "distance"}}]}})
    },
    "a condition that no row meets": {"CHR-V109": of(carrier={"where": ["1 > 2"]})},
    "a range outside of its source, a join that starts when its left side has ended": {
        "CHR-V051": source({**TIMED, "end": "2013-01-31"}, start="2013-02-01"),
        "CHR-V052": joined(left={"source": "departures", "end": "2013-01-31"}, start="2013-02-01"),
    },
    "a topic, table or column declared in two ways": {"CHR-V053": source({**TIMED, "table": "flights.arrivals", "columns": {**EVENTS["columns"], "delay": "double"}})},
    "several topics in one group_by; a source without one that goes on beside one with a topic, served": {
        "CHR-V035": Example(
            new={
                "sources/other.yaml": {"source": "other", "events": {**TIMED, "topic": "file://flights.other"}},
                "group_bys/x.yaml": two_sources({"source": "other", "select": {"n": "delay"}}).new["group_bys/x.yaml"],
            }
        ),
        "CHR-V018": two_sources({"source": "departures", "select": {"n": "distance"}}, online=True),
    },
    "a selected column that nothing uses": {"CHR-V030": of(carrier={"select": {"late": "delay > 15", "spare": "delay"}})},
    "a team that serves something and has no owners": {"CHR-V102": raw("team.yaml", "team: flights\n")},
    "a replacement that is not there, something that was to be removed": {
        "CHR-V114": of(plane={"deprecated": {"use": "airplane"}}),
        "CHR-V115": of(morning={"deprecated": "2019-12-31"}),
    },
    "no description, of objects, columns and features, on request": {
        "CHR-V116": of(team={"checks": {"descriptions": "warning"}}),
        "CHR-V117": of(team={"checks": {"column_descriptions": "warning"}}),
    },
    "a group_by that is not online and that no join has, on request": {
        "CHR-V118": Example(
            changed={"team": {"checks": {"unread_group_bys": "warning"}}},
            new=aggregated().new,
        )
    },
    "tiles that may warm up where there are none": {"CHR-V119": of(carrier={"warm_up": True, "accuracy": "snapshot"})},
    "a join that hands on what shall go, without naming it": {"CHR-V120": HANDED_ON},
    "P28": {"CHR-V126": of(departure={"labels": ["carrier"]})},
    "P29": {"CHR-S014": of(departure={"labels": [{"group_by": "plane", "after": "36h"}]})},
    "P30": {
        "CHR-V128": Example(
            changed={"departure": {"labels": [{"group_by": "x", "after": "7d"}]}},
            new=aggregated(windows=["7d"]).new,
        )
    },
    "J23": {
        "CHR-V127": of(departure={"left": "planes", "parts": ["plane"], "derivations": {"*": "*"}, "labels": ["plane"]}),
        "CHR-V129": Example(
            changed={"departure": {"labels": [{"group_by": "x", "after": "7d"}]}},
            new=aggregated("planes", "tailnum", input="seats", operations="max").new,
        ),
    },
    "a label that a feature or derivation reads": {
        "CHR-V125": Example(
            changed={
                "departure": {
                    "labels": ["x"],
                    "derivations": {"*": "*", "late_rate": "1", "a": "label_flights_x_delay_count_7d + 1"},
                }
            },
            new=aggregated(windows=["7d"]).new,
        )
    },
    "a former name that leads nowhere, is taken, or is still read": {
        "CHR-V140": of(carrier=FORMER),
        "CHR-V141": of(carrier={"aliases": {"delay_count_3h": "delay_count_7d"}}),
        "CHR-V142": Example(
            changed={
                "carrier": {"aliases": {"mean": "delay_average_7d"}},
                "departure": {"derivations": {"*": "*", "late_rate": "1", "a": "flights_carrier_mean + 1"}},
            }
        ),
    },
}  # fmt: skip
"""Rule → code that the page names → the mistake."""

ABSENT: Mapping[str, Example] = {
    "P2": of(carrier={"historical_backfill": False}),
    "P11": of(carrier={"is_incremental": True}),
    "P12": of(carrier={"is_incremental": True}),
    "P22": source({**TIMED, "isCumulative": True}),
    "P26": of(departure={"bootstrap_from_log": True}),
    "P31": of(departure={"online_external_parts": []}),
    "C6": of(carrier={"production": True}),
    "C9": source({**TIMED, "isCumulative": True}),
    "C11": of(departure={"production": True}),
    "J6": of(departure={"online_external_parts": []}),
    "J15": of(carrier={"is_incremental": True}),
    "J21": of(departure={"skew_keys": {}}),
    "a list that is a map in `additional_args`": of(departure={"additional_args": ["x"]}),
    "cron expressions": of(departure={"offline_schedule": "@daily"}),
}
"""Rule about something that is not here → an attempt to write it: an unknown field."""

ALLOWED: Mapping[str, Example] = {
    "P8": windows("1d", accuracy="snapshot", online=True),
    "J11": source({**TIMED, "partition": "day"}),
    "J14": Example(raw={f"{TEAM}/team.yaml": "team: flights\nowners: x\n"}),
}  # fmt: skip
"""Rule of Chronon that does not hold here → what it refuses: nothing is told as an error."""
