"""What the tables of a bootstrap give, by the names that columns have in the join."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chronon.model.specs import BootstrapSpec, JoinSpec
from chronon.model.types import DataType
from chronon.validators.context import Context, JoinColumns
from chronon.validators.derived import derivation_reads


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A column that a table gives.

    written: its name in `select`.  target: the feature or derivation that it is for, by the name that this has today.
    """

    written: str
    target: str


def given_by(context: Context, join: JoinSpec, one: BootstrapSpec) -> Iterator[Given]:
    """The columns that a table gives; whether there are such features is not asked."""
    columns = context.join(join)
    former = {**columns.base.aliases, **columns.outputs.aliases}
    for name in one.query.select:
        if name not in one.keys:
            yield Given(written=name, target=former.get(name, name))


def derivations_of(join: JoinSpec) -> frozenset[str]:
    """The names of the derivations of a join."""
    return frozenset(derived.name for derived in join.derivations if derived.name != "*")


def target_type(context: Context, join: JoinSpec, target: str) -> DataType | None:
    """The type of a feature or derivation; None where a mistake hides it, or there is none."""
    columns = context.join(join)
    return (columns.outputs if target in derivations_of(join) else columns.base).type(target)


def used_targets(context: Context, join: JoinSpec) -> frozenset[str]:
    """The columns of a join that are in its result, or that a derivation reads."""
    return derivation_reads(context, join) | context.join(join).outputs.types.keys()


def is_of_left(columns: JoinColumns, name: str) -> bool:
    """Whether a column is the left side's own."""
    return name == "ts" or name in columns.left.types
