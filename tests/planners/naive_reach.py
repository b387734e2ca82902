"""Which days of which columns count a corrected row, day by day and moment by moment, from the semantics alone.

A row of partition p lies in p or, where nothing is known, at most a day off. A question of a left's day D is asked on D or at
most a day off; of entities at 00:00 of D + 1. It counts rows with floor(q - W, hop) <= t < q, asked at 00:00 of its day where
the accuracy says so; entities as of the end of the day before q, and their mutations of the day of q before q.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

from chronon.model.definitions import Catalog, Feature, GroupBy, Join, Rows
from chronon.model.names import ObjectId
from chronon.model.specs import Accuracy, SourceKind

_DAY = 86_400_000
_HOUR = 3_600_000
_MOMENTS = [moment for hour in range(24) for moment in (hour * _HOUR, (hour + 1) * _HOUR - 1)]


@functools.cache
def counts(window: int | None, *, at_midnight: bool, days_later: int) -> bool:
    """Whether some question of a day counts some row of so many days before."""
    for asked in _MOMENTS:
        q = days_later * _DAY + (0 if at_midnight else asked)
        if window is None:
            start = -(10**18)
        else:
            hop = _DAY if window >= 12 * _DAY else _HOUR if window >= 12 * _HOUR else _HOUR // 12
            start = (q - window) // hop * hop
        if any(start <= t < q for t in _MOMENTS):
            return True
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """corrected: table → days.  within: rows lie in the day of their partition, and ask on it; is_new_within: corrected ones do."""

    catalog: Catalog
    corrected: Mapping[str, set[int]]
    within: bool
    is_new_within: bool

    @property
    def offs(self) -> tuple[int, ...]:
        return (0,) if self.within else (-1, 0, 1)

    @property
    def new_offs(self) -> tuple[int, ...]:
        return (0,) if self.is_new_within else (-1, 0, 1)

    def moved(self, rows: Rows) -> set[int]:
        return self.corrected.get(rows.table, set())


def reach(world: World, days: range) -> dict[tuple[ObjectId, str], set[int]]:
    """(join, output column or feature) → days on which it is another one; the left rows have no name. days: that there are at all."""
    found: dict[tuple[ObjectId, str], set[int]] = {}
    waiting = list(world.catalog.joins.values())
    while waiting:
        join = waiting.pop(0)
        parents = {r.join for part in join.parts for r in world.catalog.group_bys[part.group_by].rows if r.join}
        if any((parent, "") not in found for parent in parents):
            waiting.append(join)
        else:
            _join(world, join, days, found)
    return found


def _join(world: World, join: Join, days: range, found: dict[tuple[ObjectId, str], set[int]]) -> None:
    rows = set(days) & world.moved(join.left)
    for name in ("", "ts", *(select.name for select in join.left.selects)):
        found[join.id, name] = rows
    for part in join.parts:
        group_by = world.catalog.group_bys[part.group_by]
        for feature in group_by.features:
            asked = {
                day
                for day in days
                if any(_is_other(world, group_by, feature, found, q, at_end=end) for q, end in _asked(world, join, day))
            }
            found[join.id, part.column(feature.name)] = rows | asked
    for derivation in join.derivations:
        found[join.id, derivation.name] = set.union(*(found[join.id, name] for name in derivation.reads))


def _asked(world: World, join: Join, day: int) -> list[tuple[int, bool]]:
    """The days on which rows of a day ask, and whether at 00:00 alone."""
    if join.left.kind is SourceKind.ENTITIES:
        return [(day + 1, True)]
    return [(day + off, False) for off in world.offs]


def _is_other(
    world: World,
    group_by: GroupBy,
    feature: Feature,
    found: Mapping[tuple[ObjectId, str], set[int]],
    q: int,
    *,
    at_end: bool,
) -> bool:
    """Whether a question of a day counts a row that is another one."""
    at_midnight = at_end or group_by.accuracy is Accuracy.SNAPSHOT
    for rows in group_by.rows:
        if rows.kind is SourceKind.ENTITIES:
            changes = rows.mutations
            is_changed = changes is not None and any(q + off in world.moved(changes) for off in world.new_offs)
            if q - 1 in world.moved(rows) or (is_changed and not at_midnight):
                return True
        else:
            lie = _lying(world, rows, group_by, feature, found)
            if any(counts(feature.window, at_midnight=at_midnight, days_later=q - t) for t in lie if t <= q):
                return True
    return False


def _lying(
    world: World, rows: Rows, group_by: GroupBy, feature: Feature, found: Mapping[tuple[ObjectId, str], set[int]]
) -> set[int]:
    """The days in which rows may lie that are other ones."""
    if rows.join is None:
        return {day + off for day in world.moved(rows) for off in world.new_offs}
    names = {feature.input, *(key.name for key in group_by.keys), *feature.buckets}
    read = {"", *(name for select in rows.selects if select.name in names for name in select.reads)}
    days = set.union(*(found[rows.join, name] for name in read))
    left = world.catalog.joins[rows.join].left
    if left.kind is SourceKind.ENTITIES:
        return {day + 1 for day in days}
    return {day + off for day in days for off in (*world.offs, *(world.new_offs if day in world.moved(left) else ()))}
