"""A change seen from three sides: what becomes of the values, who can go on reading, what is fetched from then on.

Digests tell of values and serving; of readers the rules of docs/evolution.md, the same that `validate --against` holds.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chronon.model.definitions import GroupBy, Join
from chronon.model.names import ObjectId
from chronon.model.plan import Axes, ReaderEffect, ServingEffect, ValueEffect
from chronon.model.specs import Compatibility
from chronon.model.state import Snapshot
from chronon.validators.compatibility import Direction, Reason, Version, Violation, broken
from chronon.validators.published import schema_of

if TYPE_CHECKING:
    from chronon.planners.changes import Columns

_KEYS = "CHR-P104"
_OTHER_RANGE = "CHR-P116"
_EFFECTS: Mapping[frozenset[Direction], ReaderEffect] = {
    frozenset(): ReaderEffect.COMPATIBLE,
    frozenset({Direction.FORWARD}): ReaderEffect.BACKWARD_ONLY,
    frozenset({Direction.BACKWARD}): ReaderEffect.FORWARD_ONLY,
    frozenset(Direction): ReaderEffect.BREAKING,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An object's definitions before and after; None where they are the same or one of them cannot be read.

    parts_before, parts_after: of a join, its group_bys, by whose keys a request asks.
    """

    old: GroupBy | Join | None = None
    new: GroupBy | Join | None = None
    parts_before: Mapping[ObjectId, GroupBy] = field(default_factory=dict)
    parts_after: Mapping[ObjectId, GroupBy] = field(default_factory=dict)

    @property
    def unserved(self) -> frozenset[str]:
        """The columns that were there for training only, under all their names: who fetches misses none of them."""
        outcomes = self.old.outcomes if isinstance(self.old, Join) else ()
        return frozenset(name for column in outcomes for name in (column.name, *column.aliases))


def axes_of_new(snapshot: Snapshot, *, is_renamed: bool) -> Axes:
    """Of an object that was not there. is_renamed: its data were, under another name."""
    return Axes(
        values=ValueEffect.NONE if is_renamed else ValueEffect.ADDITIVE,
        readers=ReaderEffect.COMPATIBLE,
        serving=ServingEffect.STARTS if snapshot.serving else ServingEffect.NONE,
    )


def axes_of_removed(snapshot: Snapshot, *, is_renamed: bool) -> Axes:
    """Of an object that goes away. is_renamed: its data stay, under another name."""
    return Axes(
        values=ValueEffect.NONE if is_renamed else ValueEffect.NARROWING,
        readers=ReaderEffect.BREAKING,
        serving=ServingEffect.STOPS if snapshot.serving else ServingEffect.NONE,
    )


def axes_between(
    old: Snapshot, new: Snapshot, columns: Columns, reasons: Collection[str], told: Told, *, is_uploaded: bool
) -> Axes:
    """Of an object that stays. reasons: those of every rule that holds.  told: its definitions, where they differ.

    is_uploaded: other values are uploaded for what is fetched.
    """
    violations, served = _violations(told), set(columns.removed) - told.unserved
    other_keys = _KEYS in reasons or any(violation.reason is Reason.KEYS for violation in violations)
    return Axes(
        values=_values(old, new, columns, is_ranged=_OTHER_RANGE in reasons),
        readers=_EFFECTS[
            frozenset(Direction) if _KEYS in reasons else frozenset(each.direction for each in violations)
        ],
        serving=_serving(old, new, served, other_keys=other_keys, is_uploaded=is_uploaded),
    )


def _values(old: Snapshot, new: Snapshot, columns: Columns, *, is_ranged: bool) -> ValueEffect:
    if columns.changed or old.left != new.left:
        return ValueEffect.CHANGED
    renamed = {name for pair in columns.renamed for name in pair}
    if set(columns.removed) - renamed:
        return ValueEffect.NARROWING
    if set(columns.added) - renamed - {now for _, now in columns.aliased}:
        return ValueEffect.ADDITIVE
    return ValueEffect.UNKNOWN if is_ranged else ValueEffect.NONE


def _violations(told: Told) -> tuple[Violation, ...]:
    """Whoever fails, in either direction."""
    if told.old is None or told.new is None:
        return ()
    history = [Version(label="", schema=schema_of(told.old, told.parts_before))]
    return broken(history, schema_of(told.new, told.parts_after), Compatibility.FULL)


def _serving(
    old: Snapshot, new: Snapshot, removed: Collection[str], *, other_keys: bool, is_uploaded: bool
) -> ServingEffect:
    """The gravest that holds. removed: columns that were fetched and are gone."""
    if old.serving is None or new.serving is None:
        both = (old.serving is None, new.serving is None)
        return {(True, False): ServingEffect.STARTS, (False, True): ServingEffect.STOPS}.get(both, ServingEffect.NONE)
    if other_keys:
        return ServingEffect.KEYS
    if removed:
        return ServingEffect.LOSS
    if is_uploaded:
        return ServingEffect.UPLOAD
    is_same = (old.serving, old.definition) == (new.serving, new.definition)
    return ServingEffect.NONE if is_same else ServingEffect.METADATA
