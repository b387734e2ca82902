"""What both sides answered in one step, row beside row, under Chronon's names."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from agreement.cases import Case, Definition, Row
from agreement.naming import Asked
from chronon.model.time import Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureColumn:
    """Where a column of the answers comes from.

    asked: the feature; None for left columns and derivations.
    keys: key of the group_by → column of the row that holds it.
    accuracy: with which the column was asked, whatever the group_by says by default.
    """

    asked: Asked | None = None
    group_by: Definition | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    accuracy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One row of both sides. None: that side has no such row, or did not answer.

    row: the columns that identify it.  at: the moment asked for.
    statuses: what our fetcher said of parts, by Chronon's prefix of the part.
    failure: why Chronon did not answer.
    events: the rows behind our answer, where the step brings them along.
    """

    row: Mapping[str, Any]
    at: Millis | None
    theirs: Mapping[str, Any] | None
    ours: Mapping[str, Any] | None
    statuses: Mapping[str, str] = field(default_factory=dict)
    failure: str = ""
    events: Sequence[Row] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Every row of a step. omitted: column of Chronon's → the line of docs/parity.md that says why we have none.

    batch_end: of the upload, in steps that fetch.
    """

    case: Case
    step: Definition
    pairs: Sequence[Pair]
    columns: Mapping[str, FeatureColumn]
    omitted: Mapping[str, str] = field(default_factory=dict)
    batch_end: Millis | None = None


def paired(
    theirs: Iterable[Row], ours: Iterable[Row], identity: Sequence[str], at: Mapping[str, Millis] | None = None
) -> list[Pair]:
    """Rows that agree in the columns of the identity, side by side; equal identities by the text of the rest.

    at: identity as text → the moment it asks for; by default the column `ts`.
    """
    left, right = _grouped(theirs, identity), _grouped(ours, identity)
    found = []
    for text in sorted(left.keys() | right.keys()):
        for one, other in zip_longest(left.get(text, []), right.get(text, [])):
            known = one or other or {}
            row = {name: known.get(name) for name in identity}
            moment = at[text] if at else row.get("ts")
            found.append(Pair(row=row, at=moment, theirs=one, ours=other))
    return found


def identity_text(row: Mapping[str, Any], identity: Sequence[str]) -> str:
    """The identity of a row as text."""
    return json.dumps([row.get(name) for name in identity], default=str)


def plain(value: Any) -> Any:
    """A value of Arrow as JSON would hold it: maps and structs as mappings, days as texts."""
    match value:
        case [(_, _), *_] as pairs if all(isinstance(pair, tuple) for pair in pairs):
            return {key: plain(item) for key, item in pairs}
        case list():
            return [plain(item) for item in value]
        case dict():
            return {key: plain(item) for key, item in value.items()}
        case date():
            return value.isoformat()
        case bytes():
            return f"base64:{b64encode(value).decode()}"
        case Decimal():
            return float(value)
        case _:
            return value


def _grouped(rows: Iterable[Row], identity: Sequence[str]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(identity_text(row, identity), []).append(row)
    for group in found.values():
        group.sort(key=lambda row: json.dumps(row, sort_keys=True, default=str))
    return found
