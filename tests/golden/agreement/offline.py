"""Steps that make tables: a join's training rows, a group_by's days, a table that an earlier step left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from agreement.answers import Answers, FeatureColumn, identity_text, paired, plain
from agreement.cases import Case, Definition, NotOfferedError, Row
from agreement.labels import is_of_labels, label_rows, labelled
from agreement.naming import TEAM, kept_of, their_prefix
from agreement.tables import days, known_type, write_rows
from agreement.translation import Documents, columns_of, write_group_by, write_join
from agreement.world import Place, end_of, opened_world
from chronon.model.time import Day, day_text, parse_day

MOMENTS = "golden.moments"
"""The left table of a backfill: every entity at the midnight after every day."""


def answer_join(case: Case, step: Definition, place: Place) -> Answers:
    """A join's training rows."""
    join = case.neutral[step["conf"]]
    return _join_answers(case, step, join, place, step["end_ds"])


def answer_table(case: Case, step: Definition, place: Place) -> Answers:
    """A table that a join of the case has left: that of a parent, computed here by itself."""
    name = step["table"].partition(".")[2]
    joins = [one for one in case.neutral.values() if one["kind"] == "join" and one["name"] == name]
    last = max(other["end_ds"] for other in case.steps if "end_ds" in other)
    if join := is_of_labels(case, name):
        return _join_answers(case, step, join, place, last)
    if not joins:
        raise NotOfferedError(name)
    return _join_answers(case, step, joins[0], place, last)


def answer_labels(case: Case, step: Definition, place: Place) -> Answers:
    """The table of a label job, from the training rows of its join."""
    join = case.neutral[step["conf"]]
    last = max(other["end_ds"] for other in case.steps if "end_ds" in other)
    return label_rows(case, step, join, _training(case, join, place, last)[1])


def _join_answers(case: Case, step: Definition, join: Definition, place: Place, end: str) -> Answers:
    documents, found = _training(case, join, place, end)
    columns = dict(part_feature_columns(case, join))
    if step["kind"] == "table" and is_of_labels(case, step["table"].partition(".")[2]):
        found = labelled(found, join, [one["end_ds"] for one in case.steps if one["kind"] == "label_join"])
    identity = ["ds", *([] if join["left"]["kind"] == "entities" else ["ts"]), *join["left"]["select"]]
    theirs = case.expected(step["name"])
    computed = {row.get("ds") for row in theirs}
    if step["kind"] == "table" and "__error__" not in theirs[0]:
        found = [row for row in found if row["ds"] in computed]
    identity = [name for name in identity if name not in columns]
    theirs = [] if "__error__" in theirs[0] else theirs
    moments = {identity_text(row, identity): end_of(row["ds"]) for row in (*theirs, *found)}
    pairs = paired(theirs, found, identity, None if "ts" in identity else moments)
    return Answers(case=case, step=step, pairs=pairs, columns=columns, omitted=documents.omitted)


def _training(case: Case, join: Definition, place: Place, end: str) -> tuple[Documents, list[Row]]:
    """Our training rows of a join, under Chronon's names."""
    documents = Documents()
    name = write_join(documents, case, join)
    with opened_world(case, documents, place, last=end) as world:
        world.apply(end)
        return documents, _rows(world.training(f"{TEAM}.{name}"), documents.columns)


def part_feature_columns(case: Case, join: Definition) -> Iterable[tuple[str, FeatureColumn]]:
    """Chronon's column → its feature, for every part of a join."""
    is_by_day = join["left"]["kind"] == "entities"
    for part in join["parts"]:
        group_by = case.group_by(part["group_by"])
        mapped = {key: left for left, key in (part.get("key_mapping") or {}).items()}
        keys = {key: mapped.get(key, key) for key in group_by["keys"]}
        accuracy = "snapshot" if is_by_day else group_by["accuracy"]
        for asked in kept_of(group_by):
            yield (
                f"{their_prefix(part)}_{asked.their_name}",
                FeatureColumn(asked=asked, group_by=group_by, keys=keys, accuracy=accuracy),
            )


def answer_backfill(case: Case, step: Definition, place: Place) -> Answers:
    """A group_by's values at the end of every day, asked through a join whose left rows are its entities."""
    group_by = dict(case.neutral[step["conf"]], accuracy="snapshot")
    asked = kept_of(group_by)
    if not asked:
        raise NotOfferedError("group_by derivations")
    first, last = step.get("start_ds") or group_by["start_date"], step["end_ds"]
    documents = Documents()
    name = write_group_by(documents, case, group_by)
    after = day_text(Day((parse_day(last) or 0) + 1))
    kinds, entities = _entities(case, group_by)
    _write_moments(documents, name, kinds)
    with opened_world(case, documents, place, last=last) as world:
        rows = ((after_day(day), entity | {"ts": end_of(day)}) for day in days(first, last) for entity in entities)
        write_rows(
            place.root / "data",
            MOMENTS,
            {column: known_type(kind) for column, kind in (kinds | {"ts": "long"}).items()},
            rows,
            after,
        )
        world.apply(after)
        found = _rows(world.training(f"{TEAM}.moments"), {one.their_name: f"{TEAM}_{name}_{one.name}" for one in asked})
    ours = [_of_the_day(row) for row in found if any(row[one.their_name] is not None for one in asked)]
    theirs = case.expected(step["name"])
    theirs = [] if "__error__" in theirs[0] else theirs
    identity = ["ds", *group_by["keys"]]
    at = {identity_text(row, identity): end_of(row["ds"]) for row in (*theirs, *ours)}
    omitted = {one["name"]: "group_by derivations" for one in group_by.get("derivations") or ()}
    columns = {
        one.their_name: FeatureColumn(
            asked=one, group_by=group_by, keys={key: key for key in group_by["keys"]}, accuracy="snapshot"
        )
        for one in asked
    }
    pairs = paired(theirs, ours, identity, at)
    return Answers(case=case, step=step, pairs=pairs, columns=columns, omitted=omitted)


def after_day(day: str) -> str:
    """The day after."""
    return day_text(Day((parse_day(day) or 0) + 1))


def _of_the_day(row: Row) -> Row:
    """A row of the midnight after a day, as a row of the day."""
    before = day_text(Day((parse_day(row["ds"]) or 0) - 1))
    return row | {"ds": before}


def _write_moments(documents: Documents, group_by: str, kinds: Mapping[str, str]) -> None:
    documents.files["sources/moments.yaml"] = {
        "source": "moments",
        "events": {"table": MOMENTS, "time": "ts", "columns": {**kinds, "ts": "long"}},
    }
    documents.files["joins/moments.yaml"] = {
        "join": "moments",
        "left": {"source": f"{TEAM}.moments", "select": {key: key for key in kinds}},
        "parts": [f"{TEAM}.{group_by}"],
    }


def _entities(case: Case, group_by: Definition) -> tuple[dict[str, str], list[Row]]:
    """Types of the keys, and every combination of them that occurs."""
    found: dict[str, Row] = {}
    kinds: dict[str, str] = {}
    for source in group_by["sources"]:
        places = {key: plain_column(source, key) for key in group_by["keys"]}
        table = case.tables[next(iter(places.values()))[0]]
        schema = columns_of(table.schema)
        kinds |= {key: schema[column] for key, (_table, column) in places.items()}
        for row in table.rows():
            entity = {key: row.get(column) for key, (_table, column) in places.items()}
            found[identity_text(entity, group_by["keys"])] = entity
    return kinds, list(found.values())


def plain_column(source: Definition, name: str) -> tuple[str, str]:
    """The table and column that a selected column is, through the left side of a parent join.

    Errors: NotOfferedError for a column that is computed.
    """
    column = source["select"][name]
    if not column.isidentifier():
        raise NotOfferedError("backfill of a group_by by itself")
    if source["kind"] == "join":
        return plain_column(source["join"]["left"], column)
    return source["table"] if source["kind"] == "events" else source["snapshot_table"], column


def _rows(table: pa.Table, columns: Mapping[str, str]) -> list[Row]:
    """Rows under Chronon's names."""
    theirs = {ours: name for name, ours in columns.items()}
    return [{theirs.get(name, name): _plain(name, item) for name, item in row.items()} for row in table.to_pylist()]


def _plain(name: str, value: Any) -> Any:
    return str(value) if name == "ds" else plain(value)
