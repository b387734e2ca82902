"""Label joins: Chronon labels a range of days at one label day; ours say how long after a row, so a day has its own label.

left days     |--D--|-----|-----|
label day                          L      offsets s ≥ e: D is from L − (s − 1) to L − (e − 1)
ours          after (L − D + 1) days, at 00:00: the end of L
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from agreement.answers import Answers, FeatureColumn, paired
from agreement.cases import Case, Definition, NotOfferedError, Row
from agreement.naming import TEAM, asked_of, object_name
from chronon.model.time import parse_day


def is_of_labels(case: Case, table: str) -> Definition | None:
    """The join whose view with labels a table is."""
    joins = (one for one in case.neutral.values() if one["kind"] == "join" and one.get("labelPart"))
    return next((one for one in joins if table == f"{one['name']}_labeled"), None)


def label_group_bys(join: Definition) -> Iterator[Definition]:
    """The group_bys of a label part, in the plain words of cases. Errors: NotOfferedError for what counts whole days."""
    for label in (join.get("labelPart") or {}).get("labels", ()):
        group_by = label["groupBy"]
        if group_by.get("aggregations"):
            raise NotOfferedError("labels of whole days")
        entities = [source["entities"] for source in group_by["sources"]]
        yield {
            "kind": "group_by",
            "name": group_by["metaData"]["name"],
            "keys": group_by["keyColumns"],
            "sources": [
                {"kind": "entities", "snapshot_table": one["snapshotTable"], "select": one["query"]["selects"]}
                for one in entities
            ],
            "accuracy": "snapshot",
        }


def offsets_of(join: Definition) -> range:
    """How many days after the first moment of a row's day its label is looked at, at 00:00."""
    part = join["labelPart"]
    return range(part["leftEndOffset"], part["leftStartOffset"] + 1)


def labelled(rows: list[Row], join: Definition, days: list[str]) -> list[Row]:
    """Our training rows with the labels of each label day on which they have some, under Chronon's names."""
    found = []
    for row in rows:
        known = [(day, after) for day in days if (after := _after(day, row["ds"])) in offsets_of(join)]
        for day, after in known or [(None, None)]:
            labels = {
                f"label_{group_by['name']}_{asked.their_name}": after
                and row[f"label_d{after}_{TEAM}_{object_name(group_by['name'])}_{asked.name}"]
                for group_by in label_group_bys(join)
                for asked in asked_of(group_by)
            }
            found.append({**row, **labels, "label_ds": day})
    return found


def label_rows(case: Case, step: Definition, join: Definition, rows: list[Row]) -> Answers:
    """The table of a label job: a row per entity and day."""
    (group_by,) = label_group_bys(join)
    keys = group_by["keys"]
    theirs = case.expected(step["name"])
    identity = ["label_ds", "ds", *keys]
    ours: dict[str, dict[str, Any]] = {}
    for row in labelled(rows, join, [step["end_ds"]]):
        if row["label_ds"] is not None and all(row[key] is not None for key in keys):
            values = {name.removeprefix("label_"): value for name, value in row.items()}
            kept = {f"{group_by['name']}_{asked.their_name}" for asked in asked_of(group_by)}
            ours[str([row[name] for name in identity])] = {
                **{name: row[name] for name in identity},
                **{name: value for name, value in values.items() if name in kept},
            }
    theirs = [] if "__error__" in theirs[0] else theirs
    columns = {f"{group_by['name']}_{asked.their_name}": FeatureColumn() for asked in asked_of(group_by)}
    pairs = paired(theirs, ours.values(), identity)
    return Answers(case=case, step=step, pairs=pairs, columns=columns)


def _after(label_day: str, day: str) -> int:
    return (parse_day(label_day) or 0) - (parse_day(day) or 0) + 1
