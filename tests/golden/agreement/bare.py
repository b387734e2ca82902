"""Steps that call Chronon's aggregators by themselves: their scripts, run over tiles and answers of our core.

A row aggregator's state is the rows it got and those that were taken back. To finish it, every moment of them becomes a
tile: lifted, encoded, decoded, merged and finished by the code that serves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from agreement.answers import Answers, FeatureColumn, Pair, plain
from agreement.cases import Case, Definition, Row
from agreement.comparison import equal
from agreement.naming import OPERATIONS, Asked, asked_of
from agreement.tables import file_type, known_type, value
from agreement.world import Place
from chronon.aggregations import (
    Answer,
    EntityRows,
    EventBatch,
    Program,
    answer,
    batch_values,
    fold_changes,
    fold_tiles,
    pages,
)
from chronon.model.errors import ChrononError
from chronon.model.specs import Accuracy
from chronon.model.time import Millis
from chronon.model.types import DataType

NULL_KEY = "__null__"
"""How a script writes the null key of a map."""

AFTER_ALL = Millis(1 << 42)
"""A moment after every row of a script."""

TILE = Millis(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bare:
    """The features that our core takes, and the columns of those that it does not, with the code of its refusal."""

    kinds: Mapping[str, DataType]
    asked: Sequence[Asked]
    program: Program
    refused: Mapping[str, str]


@dataclass(slots=True)
class _State:
    """One aggregator of a script: the rows it got, and those that were taken back."""

    rows: list[Row] = field(default_factory=list)
    deleted: list[Row] = field(default_factory=list)

    def merge(self, other: _State) -> None:
        self.rows += other.rows
        self.deleted += other.deleted


def answer_rows(case: Case, step: Definition, _place: Place) -> Answers:
    """What the finalize lines of a row aggregator's script say."""
    bare = _bare(step["spec"], changes=any(action == "delete" for action, *_ in step["spec"]["steps"]))
    (theirs,) = case.expected(step["name"])
    states: dict[str, _State] = {}
    pairs, omitted = [], dict(bare.refused)
    for action, name, *rest in step["spec"]["steps"]:
        state = states.setdefault(name, _State())
        match action, rest:
            case "update", [row]:
                state.rows.append(row)
            case "merge", [other]:
                state.merge(states[other])
            case "clone", [copy]:
                states[copy] = _State(rows=list(state.rows), deleted=list(state.deleted))
            case "delete", [row]:
                state.deleted.append(row)
            case "finalize", [label]:
                pairs.append(_finalized(bare, state, label, theirs[label]))
            case "ir", [label]:
                row = {"label": label}
                pairs.append(Pair(row=row, at=None, theirs=theirs[label], ours=None, statuses={"": "state"}))
            case "roundtrip", []:
                """Every state is encoded and decoded before it is finished."""
            case _:
                raise ValueError(f"{action} is no action of a script")
    columns = {
        one.their_name: FeatureColumn(asked=one, group_by=_as_group_by(step["spec"]), accuracy="temporal")
        for one in bare.asked
    }
    return Answers(case=case, step=step, pairs=pairs, columns=columns, omitted=omitted)


def answer_sawtooth(case: Case, step: Definition, _place: Place) -> Answers:
    """Answers from a batch value and a stream: of events, or of the images of what changed since the batch."""
    spec = step["spec"]
    bare = _bare(spec, changes=bool(spec.get("mutations")))
    (theirs,) = case.expected(step["name"])
    end = Millis(spec["batch_end"])
    before, later = [row for row in spec["events"] if row["ts"] < end], spec.get("streams") or []
    (batch,) = batch_values(bare.program, _batch(bare, before), 1, end) if before else (None,)
    pairs = []
    for row in theirs["answers"]:
        at = Millis(row["ts"])
        answered = {name: item for name, item in row.items() if name != "ts"}
        variants = {
            "": later,
            "delete": [image for image in later if not image.get("is_before")],
            "future": [image for image in later if image["ts"] < at],
        }
        found = {
            word: _named(bare, answer(bare.program, batch, _pages(bare, images), at, end))
            for word, images in variants.items()
        }
        pairs.append(
            Pair(
                row={"ts": row["ts"]},
                at=at,
                theirs=answered,
                ours=found.pop(""),
                events=[*before, *later],
                statuses=_told(answered, found),
            )
        )
    columns = {
        one.their_name: FeatureColumn(asked=one, group_by=_as_group_by(spec), accuracy="temporal") for one in bare.asked
    }
    return Answers(case=case, step=step, pairs=pairs, columns=columns, omitted=bare.refused, batch_end=end)


def _as_group_by(spec: Definition) -> Definition:
    """The script's aggregations in the words of the cases' definitions."""
    aggregations = [
        {
            "input": one["inputColumn"],
            "operation": OPERATIONS[one["operation"]],
            "args": one.get("argMap") or {},
            "windows": [f"{window['length']}{'hd'[window['timeUnit']]}" for window in one.get("windows") or ()]
            or ["unbounded"],
            "buckets": one.get("buckets"),
            "element_wise": one.get("elementWise"),
        }
        for one in spec["aggregations"]
    ]
    return {"keys": [], "aggregations": aggregations, "sources": [], "accuracy": "temporal"}


def _bare(spec: Definition, *, changes: bool) -> _Bare:
    kinds = {name: known_type(kind) for name, kind in spec["schema"]}
    asked, features, refused = [], [], {}
    for one in asked_of(_as_group_by(spec)):
        try:
            features.append(one.feature(kinds[one.input]))
        except ChrononError as error:
            refused[one.their_name] = f"{error.code} {error.message}"
        else:
            asked.append(one)
    program = Program.compile(tuple(features), Accuracy.TEMPORAL, changes=changes)
    return _Bare(kinds=kinds, asked=asked, program=program, refused=refused)


def _finalized(bare: _Bare, state: _State, label: str, theirs: Mapping[str, Any]) -> Pair:
    images = [*state.rows, *({**row, "is_before": True} for row in state.deleted)]
    variants = {"": images, "delete": state.rows} if state.deleted else {"": images}
    found = {
        word: _named(bare, answer(bare.program, None, _pages(bare, rows), AFTER_ALL, Millis(0)))
        for word, rows in variants.items()
    }
    is_emptied = bool(state.rows) and sorted(map(repr, state.rows)) == sorted(map(repr, state.deleted))
    return Pair(
        row={"label": label},
        at=AFTER_ALL,
        theirs=theirs,
        ours=found.pop(""),
        events=list(state.rows),
        statuses=_told(theirs, found) | ({"": "emptied"} if is_emptied else {}),
    )


def _named(bare: _Bare, answered: Answer) -> dict[str, Any]:
    return {one.their_name: plain(item) for one, item in zip(bare.asked, answered.values, strict=True)}


def _told(theirs: Mapping[str, Any], variants: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Per column of Chronon's the word of the variant that says the same.

    `delete`: of the rows of which none was taken back.  `future`: without those whose own time is yet to come.
    """
    found = [(name, word) for word, values in variants.items() for name, value in values.items()]
    return {name: word for name, word in found if equal(variants[word][name], theirs.get(name))}


def _pages(bare: _Bare, rows: Sequence[Row]) -> list[bytes]:
    if not rows:
        return []
    batch = _batch(bare, rows)
    if not bare.program.changes:
        return list(pages(bare.program, fold_tiles(bare.program, batch, TILE), {}).values())
    since = np.array([row.get("mutation_ts", row["ts"]) for row in rows], dtype=np.int64)
    weight = np.array([-1 if row.get("is_before") else 1 for row in rows], dtype=np.int64)
    images = EntityRows(entity=batch.entity, day=None, since=since, ts=batch.ts, weight=weight, inputs=batch.inputs)
    return list(pages(bare.program, fold_changes(bare.program, images, TILE), {}).values())


def _batch(bare: _Bare, rows: Sequence[Row]) -> EventBatch:
    names = {name for one in bare.asked for name in (one.input, one.bucket) if name}
    inputs = {
        name: pa.array([value(_row(row).get(name), bare.kinds[name]) for row in rows], file_type(bare.kinds[name]))
        for name in names
    }
    ts = np.array([row["ts"] for row in rows], dtype=np.int64)
    return EventBatch(entity=np.zeros(len(rows), dtype=np.int64), ts=ts, inputs=inputs)


def _row(row: Row) -> Row:
    """A row without the entries of maps whose key is null: our maps have none."""
    return {
        name: {key: item for key, item in value.items() if key != NULL_KEY} if isinstance(value, dict) else value
        for name, value in row.items()
    }
