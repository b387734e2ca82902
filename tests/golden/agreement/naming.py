"""Names of features on both sides: what an aggregation is called by Chronon, and by us."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agreement.cases import Definition
from chronon.aggregations import output_type
from chronon.model.definitions import Feature, feature_name
from chronon.model.specs import OperationCall
from chronon.model.time import Millis, parse_duration
from chronon.model.types import DataType

TEAM = "golden"
"""Chronon's names have no team of ours: every object of a case is one of this team."""

OPERATIONS = [
    "MIN",
    "MAX",
    "FIRST",
    "LAST",
    "UNIQUE_COUNT",
    "APPROX_UNIQUE_COUNT",
    "COUNT",
    "SUM",
    "AVERAGE",
    "VARIANCE",
    "SKEW",
    "KURTOSIS",
    "APPROX_PERCENTILE",
    "LAST_K",
    "FIRST_K",
    "TOP_K",
    "BOTTOM_K",
    "HISTOGRAM",
    "APPROX_HISTOGRAM_K",
    "BOUNDED_UNIQUE_COUNT",
]
"""Thrift numbers of Chronon's operations are places in this list."""

_LONGEST = 2**31 - 1

_SHOWS_K = {"LAST_K", "FIRST_K", "TOP_K", "BOTTOM_K"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One feature of a group_by: Chronon's aggregation part.

    operation: Chronon's name; empty for a column that is passed through.  arguments: its argMap.
    window: milliseconds; None is unbounded.
    base: place among the group_by's parts without windows, as which Chronon stores hops.
    """

    input: str
    operation: str
    arguments: Mapping[str, str]
    window: Millis | None
    bucket: str | None
    their_name: str
    base: int = 0
    elementwise: bool = False

    @property
    def buckets(self) -> tuple[str, ...]:
        """The bucket as we write it."""
        return (self.bucket,) if self.bucket else ()

    def feature(self, kind: DataType) -> Feature:
        """The feature over an input of a type. Errors: as `output_type`."""
        return Feature(
            name=self.name,
            input=self.input,
            input_type=kind,
            operation=self.call,
            window=self.window,
            buckets=self.buckets,
            elementwise=self.elementwise,
            type=output_type(self.call, kind, self.buckets, elementwise=self.elementwise),
        )

    @property
    def call(self) -> OperationCall:
        """The operation as we write it."""
        return OperationCall(self.operation.lower(), call_arguments(self.operation, self.arguments))

    @property
    def k(self) -> int | None:
        """The argument k as Chronon reads it; None where it is left to the default."""
        return int(self.arguments["k"]) if "k" in self.arguments else None

    @property
    def name(self) -> str:
        """The feature's name on our side."""
        return feature_name(self.input, self.call, self.window, self.buckets) if self.operation else self.input


def asked_of(group_by: Definition) -> Iterator[Asked]:
    """The features of a group_by; without aggregations the columns that are not keys."""
    if not group_by.get("aggregations"):
        for column in group_by["sources"][0]["select"]:
            if column not in group_by["keys"]:
                yield Asked(input=column, operation="", arguments={}, window=None, bucket=None, their_name=column)
        return
    base = 0
    for aggregation in group_by["aggregations"]:
        for bucket in aggregation.get("buckets") or [None]:
            for window in aggregation["windows"]:
                yield _asked(aggregation, window, bucket, base)
            base += 1


def kept_of(group_by: Definition) -> list[Asked]:
    """The features that the group_by's derivations leave: all with `*`, but for those that one only renames."""
    asked = list(asked_of(group_by))
    derivations = {one["name"]: one["expression"] for one in group_by.get("derivations") or ()}
    if not derivations:
        return asked
    renamed = set(derivations.values())
    return [one for one in asked if "*" in derivations and one.their_name not in renamed]


def is_unbounded(window: str) -> bool:
    """Whether a window has no end: none at all, or Chronon's longest."""
    return window == "unbounded" or int(window.rstrip("hd")) >= _LONGEST


def _asked(aggregation: Definition, window: str, bucket: str | None, base: int) -> Asked:
    operation, arguments = aggregation["operation"], aggregation.get("args") or {}
    length = None if is_unbounded(window) else parse_duration(window)
    suffix = "" if length is None else f"_{window}"
    verb = operation.lower()
    if operation in _SHOWS_K:
        verb = f"{verb.removesuffix('_k')}{arguments['k']}"
    return Asked(
        input=aggregation["input"],
        operation=operation,
        arguments=arguments,
        window=length,
        bucket=bucket,
        their_name=f"{aggregation['input']}_{verb}{suffix}" + (f"_by_{bucket}" if bucket else ""),
        base=base,
        elementwise=bool(aggregation.get("element_wise")),
    )


def call_arguments(operation: str, arguments: Mapping[str, Any]) -> tuple[int | float, ...]:
    """The arguments of our call. The k of a percentile sizes Chronon's sketch: our error does not depend on one."""
    if operation == "APPROX_PERCENTILE":
        return tuple(json.loads(arguments.get("percentiles", "[]")))
    return (int(arguments["k"]),) if "k" in arguments else ()


def call_text(operation: str, arguments: Mapping[str, Any]) -> str:
    """The call as it is written in YAML."""
    return str(OperationCall(operation.lower(), call_arguments(operation, arguments)))


def object_name(name: str) -> str:
    """Our name of an object: dots and capitals have no place in it."""
    return re.sub(r"[^a-z0-9_]", "_", name.lower())


def their_prefix(part: Definition) -> str:
    """What Chronon writes before a part's features in a join."""
    plain = re.sub(r"[^A-Za-z0-9_]", "_", part["group_by"])
    return f"{part['prefix']}_{plain}" if part.get("prefix") else plain


def our_prefix(part: Definition) -> str:
    """What we write before them: the team stands in it too."""
    plain = f"{TEAM}_{object_name(part['group_by'])}"
    return f"{part['prefix']}_{plain}" if part.get("prefix") else plain
