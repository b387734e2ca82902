"""Small repositories as plain data, written to a folder as the JSON that YAML is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

Documents = dict[str, dict[str, Any]]

TEAM = "teams/flights"


def documents(**changed: Mapping[str, Any] | None) -> Documents:
    """Arrivals, departures and planes; a streamed group_by, a snapshot, a join, a group_by and a join behind it.

    changed: name of a document (`carrier`) → fields that replace or add to its own.
    """
    base = {name: deepcopy(fields) for name, fields in _BASE.items()}
    for name, fields in changed.items():
        path = next(path for path in base if path.endswith(f"/{name}.yaml"))
        base[path] |= deepcopy(dict(fields or {}))
    return base


def write(folder: Path, written: Documents) -> Path:
    """The documents as files below a folder, with a chronon.yaml."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "chronon.yaml").write_text("targets: {local: {engine: local, home: .chronon/local}}\n")
    for path, fields in written.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(fields))
    return folder


_BASE: Documents = {
    f"{TEAM}/team.yaml": {"team": "flights", "owners": "flights@example.com", "start": "2013-02-01", "tile": "1m"},
    f"{TEAM}/sources/arrivals.yaml": {
        "source": "arrivals",
        "events": {
            "table": "flights.arrivals",
            "topic": "file://flights.arrivals",
            "time": "planned_ms + delay * 60000",
            "columns": {"carrier": "string", "origin": "string", "delay": "long", "planned_ms": "long"},
        },
    },
    f"{TEAM}/sources/departures.yaml": {
        "source": "departures",
        "events": {
            "table": "flights.departures",
            "time": "departs_ms",
            "columns": {
                "carrier": "string",
                "origin": "string",
                "tailnum": "string",
                "distance": "long",
                "departs_ms": "long",
            },
        },
    },
    f"{TEAM}/sources/planes.yaml": {
        "source": "planes",
        "entities": {"table": "flights.planes", "columns": {"tailnum": "string", "seats": "long", "engine": "string"}},
    },
    f"{TEAM}/group_bys/carrier.yaml": {
        "group_by": "carrier",
        "source": "arrivals",
        "select": {"late": "delay > 15"},
        "where": ["delay IS NOT NULL"],
        "keys": ["carrier"],
        "online": True,
        "aggregations": [
            {"input": "delay", "operations": ["count", "average", "last_k(3)"], "windows": ["3h", "7d", "unbounded"]},
            {"input": "late", "operations": ["count"], "windows": ["1d"], "buckets": ["origin"], "name": "lateness"},
        ],
    },
    f"{TEAM}/group_bys/plane.yaml": {"group_by": "plane", "source": "planes", "keys": ["tailnum"], "online": True},
    f"{TEAM}/joins/departure.yaml": {
        "join": "departure",
        "left": {"source": "departures", "select": {"miles": "distance", "origin": "origin"}},
        "online": True,
        "parts": ["carrier", {"group_by": "flights.plane", "prefix": "own", "keys": {"tailnum": "tailnum"}}],
        "derivations": {
            "*": "*",
            "mean_delay": "flights_carrier_delay_average_7d",
            "late_rate": "flights_carrier_delay_count_3h / NULLIF(flights_carrier_delay_count_7d, 0)",
        },
    },
    f"{TEAM}/group_bys/outlook.yaml": {
        "group_by": "outlook",
        "sources": [{"join": "departure", "select": {"rate": "late_rate"}}],
        "keys": ["origin"],
        "online": True,
        "aggregations": [{"input": "rate", "operations": ["max"], "windows": ["1d"]}],
    },
    f"{TEAM}/joins/morning.yaml": {
        "join": "morning",
        "left": "departures",
        "parts": ["outlook"],
        "start": "2013-03-01",
    },
}
