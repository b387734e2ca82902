"""The columns that a group_by or join yields: their types, and the columns and types that each is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from chronon.model.definitions import Catalog, Column, Feature, Filled, GroupBy, Join, Part, Selected, feature_name
from chronon.model.items import Item, items_of
from chronon.model.specs import Deprecation, Repository
from chronon.model.time import duration_text
from chronon.model.types import DataType, Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One column of a result.

    origin:  where it comes from: `key`, `left`, a group_by, or nothing for what is computed here.
    inputs:  the columns that it is made of; none for a column that is handed on as it is.
    meaning: how it is made of them, in words or as an expression.
    description, deprecated: what its author says about it.
    """

    name: str
    type: DataType
    origin: str
    inputs: tuple[Column, ...]
    meaning: str
    description: str = ""
    deprecated: Deprecation | None = None

    @property
    def types(self) -> str:
        """What goes in and what comes out: `double → long`."""
        taken = ", ".join(str(column.type) for column in self.inputs)
        return f"{taken} → {self.type}" if taken else str(self.type)


def group_by_outputs(group_by: GroupBy, repository: Repository) -> tuple[Output, ...]:
    """The keys, then the features."""
    keys = [Output(name=key.name, type=key.type, origin="key", inputs=(), meaning="") for key in group_by.keys]
    return (*keys, *_features(group_by, repository))


def join_outputs(join: Join, catalog: Catalog, repository: Repository) -> tuple[Output, ...]:
    """The columns of the left side, the features that are kept, the derivations, the labels."""
    left = {one.name: _left(one) for one in join.left.selects}
    parts = ((part, _features(catalog.group_bys[part.group_by], repository)) for part in join.asked)
    features = {one.name: one for part, made in parts for one in _joined(part, made)}
    types = {one.name: one.type for one in (*left.values(), *features.values())} | {"ts": Scalar.LONG}
    items = {item.name: item for item in items_of(repository.joins[join.id])}
    derived = {one.name: _said(_derived(one, types), items.get(one.name)) for one in join.derivations}
    made = left | features | derived
    made |= {one.name: _filled(made[one.name], one, join) for one in join.filled if one.name in made}
    return tuple(made[column.name] for column in join.columns)


def _filled(computed: Output, filled: Filled, join: Join) -> Output:
    """A column that a bootstrap gives, and that is computed where it does not."""
    given = {f.name: str(lookup.part.group_by) for lookup in join.lookups for f in lookup.group_by.features}
    sources = ", ".join(given[name] for name in filled.reads[:-1])
    return replace(computed, meaning=f"given by {sources}, else {computed.meaning.removeprefix('= ')}")


def _left(select: Selected) -> Output:
    meaning = "" if select.expression == select.name else f"= {select.expression}"
    return Output(name=select.name, type=select.type, origin="left", inputs=(), meaning=meaning)


def _joined(part: Part, features: Iterable[Output]) -> list[Output]:
    if not part.ahead:
        return [replace(one, name=part.column(one.name), origin=str(part.group_by)) for one in features]
    since = f", after {duration_text(part.after)}" if part.after else ", from the row on"
    return [
        replace(one, name=part.column(one.name), origin=str(part.group_by), meaning=f"{one.meaning}{since}")
        for one in features
    ]


def _features(group_by: GroupBy, repository: Repository) -> list[Output]:
    """The features with what is said about the aggregations that make them."""
    spec = repository.group_bys[group_by.id]
    made = {
        feature_name(item.name, operation, window, buckets): item
        for item, one in zip(items_of(spec), spec.aggregations, strict=True)
        for operation in one.operations
        for window in one.windows
        for buckets in one.buckets or ((),)
    }
    return [_said(_feature(feature), made.get(feature.name)) for feature in group_by.features]


def _said(output: Output, item: Item | None) -> Output:
    return replace(output, description=item.description, deprecated=item.deprecated) if item else output


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
