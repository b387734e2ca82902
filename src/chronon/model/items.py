"""What a document tells people about its columns: each with its description, and whether it shall go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chronon.model.specs import (
    AggregationSpec,
    ColumnSpec,
    Deprecation,
    DerivationSpec,
    GroupBySpec,
    JoinSpec,
    Path,
    SourceSpec,
    Spec,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A column of a source, an aggregation of a group_by, or a derivation of a join.

    kind: which of them.  path: where it stands.
    name: of the column; of an aggregation what the names of its features begin with.
    """

    kind: str
    name: str
    path: Path
    spec: ColumnSpec | AggregationSpec | DerivationSpec

    @property
    def description(self) -> str:
        """What it is; empty when nobody says."""
        return self.spec.description

    @property
    def deprecated(self) -> Deprecation | None:
        """When it shall go."""
        return self.spec.deprecated

    def __str__(self) -> str:
        return f"{self.kind} `{self.name}`"


def items_of(spec: Spec) -> Iterator[Item]:
    """The items of a document in its order; `*` is none."""
    match spec:
        case SourceSpec():
            listed = {(): spec.columns, ("mutations",): spec.mutations.columns if spec.mutations else ()}
            for inside, columns in listed.items():
                for column in columns:
                    path: Path = (spec.kind.value, *inside, "columns", column.name)
                    yield Item(kind="column", name=column.name, path=path, spec=column)
        case GroupBySpec():
            for index, one in enumerate(spec.aggregations):
                yield Item(kind="aggregation", name=one.name or one.input, path=("aggregations", index), spec=one)
        case JoinSpec():
            for derived in spec.derivations:
                if derived.name != "*":
                    yield Item(kind="derivation", name=derived.name, path=("derivations", derived.name), spec=derived)


def told_of(spec: Spec) -> tuple[Item, ...]:
    """The items about which something is said."""
    if not any(one.description or one.deprecated for one in _parts(spec)):
        return ()
    return tuple(item for item in items_of(spec) if item.description or item.deprecated)


def deprecations_of(spec: Spec) -> tuple[Deprecation, ...]:
    """Everything in a document that shall go: the object, and its items."""
    return tuple([one.deprecated for one in (spec.header, *_parts(spec)) if one.deprecated])


def _parts(spec: Spec) -> tuple[ColumnSpec | AggregationSpec | DerivationSpec, ...]:
    match spec:
        case SourceSpec():
            return (*spec.columns, *(spec.mutations.columns if spec.mutations else ()))
        case GroupBySpec():
            return spec.aggregations
        case JoinSpec():
            return spec.derivations
        case _:
            return ()
