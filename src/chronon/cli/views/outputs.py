"""The columns that a group_by or join yields: their types, and the columns and types that each is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chronon.model.definitions import Catalog, Column, Feature, GroupBy, Join, Part, Selected
from chronon.model.time import duration_text
from chronon.model.types import DataType, Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One column of a result.

    origin:  where it comes from: `key`, `left`, a group_by, or nothing for what is computed here.
    inputs:  the columns that it is made of; none for a column that is handed on as it is.
    meaning: how it is made of them, in words or as an expression.
    """

    name: str
    type: DataType
    origin: str
    inputs: tuple[Column, ...]
    meaning: str

    @property
    def types(self) -> str:
        """What goes in and what comes out: `double → long`."""
        taken = ", ".join(str(column.type) for column in self.inputs)
        return f"{taken} → {self.type}" if taken else str(self.type)


def group_by_outputs(group_by: GroupBy) -> tuple[Output, ...]:
    """The keys, then the features."""
    keys = [Output(name=key.name, type=key.type, origin="key", inputs=(), meaning="") for key in group_by.keys]
    return (*keys, *(_feature(feature) for feature in group_by.features))


def join_outputs(join: Join, catalog: Catalog) -> tuple[Output, ...]:
    """The columns of the left side, the features that are kept, the derivations."""
    left = {one.name: _left(one) for one in join.left.selects}
    features = {one.name: one for part in join.parts for one in _part(part, catalog.group_bys[part.group_by])}
    types = {one.name: one.type for one in (*left.values(), *features.values())} | {"ts": Scalar.LONG}
    derived = {one.name: _derived(one, types) for one in join.derivations}
    made = left | features | derived
    return tuple(made[column.name] for column in join.outputs)


def _left(select: Selected) -> Output:
    meaning = "" if select.expression == select.name else f"= {select.expression}"
    return Output(name=select.name, type=select.type, origin="left", inputs=(), meaning=meaning)


def _part(part: Part, group_by: GroupBy) -> list[Output]:
    made = ((part.column(feature.name), _feature(feature)) for feature in group_by.features)
    return [
        Output(name=name, type=one.type, origin=str(part.group_by), inputs=one.inputs, meaning=one.meaning)
        for name, one in made
    ]


def _derived(derivation: Selected, types: Mapping[str, DataType]) -> Output:
    inputs = tuple(Column(name=name, type=types[name]) for name in derivation.reads)
    meaning = f"= {derivation.expression}"
    return Output(name=derivation.name, type=derivation.type, origin="", inputs=inputs, meaning=meaning)


def _feature(feature: Feature) -> Output:
    inputs = (Column(name=feature.input, type=feature.input_type),)
    return Output(name=feature.name, type=feature.type, origin="", inputs=inputs, meaning=_meaning(feature))


def _meaning(feature: Feature) -> str:
    former = f", formerly {', '.join(feature.aliases)}" if feature.aliases else ""
    if not feature.operation:
        return f"{feature.input} as it is{former}"
    window = f" over {duration_text(feature.window)}" if feature.window is not None else ""
    bucket = "".join(f" by {bucket}" for bucket in feature.buckets)
    each = "every position of " if feature.elementwise else ""
    return f"{feature.operation} of {each}{feature.input}{window}{bucket}{former}"
