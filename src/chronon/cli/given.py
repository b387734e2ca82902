"""Which cells of training rows a bootstrap has given: values that nothing here computed, and that are never served."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from chronon.model.definitions import Join
from chronon.model.jobs import Digest
from chronon.model.names import ObjectId
from chronon.model.state import Environment
from chronon.planners import digests_of
from chronon.planners.recorded import catalog_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the tables of a bootstrap give to a join.

    looked_up: column with what one table gives → digest.
    made_of:   output → the columns of these that decide its value where they are not null.
    """

    looked_up: Mapping[str, Digest]
    made_of: Mapping[str, Collection[str]]

    def in_row(self, row: Mapping[str, object]) -> frozenset[str]:
        """The outputs that are given in a row, or derived of what is. row: with the columns that are looked up."""
        return frozenset(
            name for name, columns in self.made_of.items() if any(row[column] is not None for column in columns)
        )


NOTHING = Given(looked_up={}, made_of={})
"""What is given to a join without a bootstrap."""


def given_to(join: ObjectId, deployed: Environment) -> Given:
    """What is given to a join that is deployed. Errors: CHR-S900 when another version of chronon wrote its definition."""
    catalog = catalog_of(deployed.snapshots.values())
    definition = catalog.joins[join]
    if not definition.lookups:
        return NOTHING
    found = digests_of(catalog).joins[join].features
    made_of = _made_of(definition)
    return Given(
        looked_up={name: found[name] for name in sorted({one for names in made_of.values() for one in names})},
        made_of=made_of,
    )


def _made_of(join: Join) -> dict[str, frozenset[str]]:
    """Output → what is looked up for it, and for the features that it is derived of."""
    own = {filled.name: frozenset(filled.reads[:-1]) for filled in join.filled}
    derivations = {derivation.name for derivation in join.derivations}
    features = {name: columns for name, columns in own.items() if name not in derivations}
    derived = {
        one.name: own.get(one.name, frozenset()).union(*(features.get(name, frozenset()) for name in one.reads))
        for one in join.derivations
    }
    return {name: columns for name, columns in (features | derived).items() if columns}
