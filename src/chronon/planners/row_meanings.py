"""What rows mean to whoever asks for some of their columns, as a digest is made of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from chronon.expressions.text import identifier
from chronon.model.definitions import Column, Rows, Selected
from chronon.planners.digests import Canonical, substitute, words

NOTHING: Mapping[str, str] = {}


def columns_read(rows: Rows, names: Iterable[str]) -> frozenset[str]:
    """The physical columns that the selects of these names, the conditions and the time of the rows read."""
    wanted = set(names)
    read = {column for select in rows.selects if select.name in wanted for column in select.reads}
    read.update(_always_read(rows))
    return frozenset(column.name for column in rows.columns if column.name in read)


def _always_read(rows: Rows) -> Iterable[str]:
    """The names that are read whatever is asked for."""
    return {
        *(name for select in (rows.time, rows.changed, rows.reversal) if select for name in select.reads),
        *(name for where in rows.wheres for name in words(where)),
    }


def select_meaning(select: Selected, tokens: Mapping[str, str]) -> Canonical:
    """An expression and its type, with its columns as they are called in `tokens`."""
    return [substitute(select.expression, tokens), str(select.type)]


@dataclass(slots=True)
class RowsMeaning:
    """Rows as some of their selects need them; what is the same for all of these is worked out once. Build it with `rows_meaning`.

    join:    what rows of a join are; None of rows of a table.
    columns: those of the table, by their oldest names, each with what is said of it.  always: those that are read in any case.
    selects: name → meaning, and the columns that it reads.  conditions: the wheres and the time.
    own:     what changes the rows, and what of mutations makes them so.  changes: those mutations.
    """

    rows: Rows
    join: Sequence[Canonical] | None
    columns: Sequence[tuple[str, Canonical]]
    always: frozenset[str]
    selects: Mapping[str, tuple[Canonical, tuple[str, ...]]]
    conditions: Sequence[Canonical]
    own: Sequence[Canonical]
    changes: RowsMeaning | None
    _known: dict[tuple[str, ...], Sequence[Canonical]] = field(default_factory=dict)

    def selected(self, names: Iterable[str]) -> Sequence[Canonical]:
        """The meanings of some selects."""
        return [self.selects[name][0] for name in names]

    def of(self, names: tuple[str, ...]) -> Sequence[Canonical]:
        """The rows as these selects need them."""
        if names not in self._known:
            self._known[names] = self._of(names)
        return self._known[names]

    def _of(self, names: tuple[str, ...]) -> Sequence[Canonical]:
        rows, source = self.rows, self.join
        if source is None:
            read = self.always.union(*(self.selects[name][1] for name in names))
            physical = [told for name, told in self.columns if name in read]
            source = ["table", rows.kind.value, rows.table, rows.partition, physical]
        changes = [self.changes.of(names)] if self.changes else []
        return [source, self.selected(names), *self.conditions, *self.own, *changes]


def rows_meaning(rows: Rows, seen: Mapping[str, str] | None) -> RowsMeaning:
    """The meaning of rows. seen: column → what a join's column is made of, where they are those of a join."""
    tokens = _origins(rows) if seen is None else seen
    wheres: Sequence[Canonical] = sorted(substitute(where, tokens) for where in rows.wheres)
    return RowsMeaning(
        rows=rows,
        join=None if seen is None else ["join", seen[""], rows.start, rows.end],
        columns=[(c.name, [c.origin, str(c.type)]) for c in sorted(rows.columns, key=_origin)],
        always=frozenset(_always_read(rows)),
        selects={select.name: (select_meaning(select, tokens), select.reads) for select in rows.selects},
        conditions=[wheres, select_meaning(rows.time, tokens) if rows.time else None],
        own=[select_meaning(select, _origins(rows)) for select in (rows.changed, rows.reversal) if select],
        changes=rows_meaning(rows.mutations, None) if rows.mutations else None,
    )


def _origins(rows: Rows) -> Mapping[str, str]:
    """Column → its oldest name: one that was renamed means what it meant."""
    return {column.name: identifier(column.origin) for column in rows.columns if column.aliases} or NOTHING


def _origin(column: Column) -> str:
    return column.origin
