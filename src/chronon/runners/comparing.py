"""Two versions beside each other: the training columns of both, by name, on the rows that both have.

Reads a day at a time, so memory is bounded by the largest day; columns are compared whole (`differences`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce

import numpy as np
import pyarrow as pa

from chronon.model.dayset import DaySet
from chronon.model.errors import ChrononError
from chronon.model.jobs import Digest, Fragment
from chronon.model.state import State
from chronon.model.time import Day
from chronon.runners.deployment import Deployment
from chronon.runners.differences import Difference, difference, joined
from chronon.runners.matching import matching_rows
from chronon.runners.sides import Side, Trained, sides_of
from chronon.runners.training import computed_days, rows_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A row that differs. row: `ts` and the left columns that the column is asked with."""

    row: Mapping[str, object]
    left: object
    right: object


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedColumn:
    """One column of both sides."""

    name: str
    difference: Difference
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Both sides on their common rows.

    days:    that are computed on both sides.  uncomputed: of those asked for, that one side lacks, by its label.
    rows:    on both sides.  left_rows, right_rows: what each side has on those days.
    skipped: columns that cannot be compared, with why.
    """

    left: str
    right: str
    days: DaySet
    uncomputed: Mapping[str, DaySet] = field(default_factory=dict)
    rows: int = 0
    left_rows: int = 0
    right_rows: int = 0
    columns: tuple[ComparedColumn, ...] = ()
    skipped: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_equal(self) -> bool:
        """Whether both sides have rows in common, and no value of them differs."""
        return self.rows > 0 and all(column.difference.different == 0 for column in self.columns)


@dataclass(frozen=True, slots=True)
class _Pair:
    """A column of both sides."""

    name: str
    left: Trained
    right: Trained


@dataclass(frozen=True, slots=True)
class _Day:
    """The common rows of one day: both sides' columns by the name under which they are compared, row by row."""

    left: pa.Table
    right: pa.Table
    identity: pa.Table


def comparison(
    deployment: Deployment,
    operands: tuple[str, str],
    environments: tuple[str, str],
    *,
    days: DaySet | None = None,
    examples: int = 3,
) -> Comparison:
    """Both sides compared. days: None takes all that are computed.  examples: at most so many rows per column.

    Errors: CHR-F060, CHR-F061, CHR-F064 as `sides_of`; CHR-F062 no day that both sides have; CHR-F063 no column that
    can be compared.
    """
    state = deployment.state.read()
    live = state.environment(environments[0]), state.environment(environments[1])
    left, right = sides_of(*operands, live)
    pairs, skipped = _pairs(left, right)
    common, uncomputed = _common_days(state, (left, right), pairs, days)
    found = Comparison(left=left.label, right=right.label, days=common, uncomputed=uncomputed, skipped=skipped)
    readers = [_Reader(deployment, side, pairs, common, index) for index, side in enumerate((left, right))]
    compared: dict[str, ComparedColumn] = {}
    for day in common:
        of_left, of_right = (reader.day(day) for reader in readers)
        rows = _aligned(of_left, of_right, left.snapshot.left == right.snapshot.left, _identity(pairs))
        found = replace(
            found,
            rows=found.rows + rows.identity.num_rows,
            left_rows=found.left_rows + of_left.num_rows,
            right_rows=found.right_rows + of_right.num_rows,
        )
        if rows.identity.num_rows:
            for pair in pairs:
                compared[pair.name] = _with_day(compared.get(pair.name), pair, rows, examples)
    return replace(found, columns=tuple(compared[pair.name] for pair in pairs if pair.name in compared))


def _pairs(left: Side, right: Side) -> tuple[tuple[_Pair, ...], dict[str, str]]:
    """The columns that can be compared, and why the others cannot. Errors: CHR-F063 when there is none."""
    skipped: dict[str, str] = {}
    pairs: list[_Pair] = []
    for name in dict.fromkeys((*left.columns, *right.columns)):
        one, other = left.columns.get(name), right.columns.get(name)
        if one is None or other is None:
            skipped[name] = f"only the {'left' if one else 'right'} side has it"
        elif one.type != other.type:
            skipped[name] = f"{one.type} and {other.type} are different types"
        elif one.asked != other.asked:
            skipped[name] = f"asked with [{_listed(one)}] and with [{_listed(other)}]"
        else:
            pairs.append(_Pair(name, one, other))
    if not pairs:
        why = "".join(f"; `{name}`: {reason}" for name, reason in list(skipped.items())[:3])
        message = f"{left.label} and {right.label} have no column that can be compared{why}"
        hint = "compare features that have one name on both sides: versions of one object, or parts with one `prefix`"
        raise ChrononError("CHR-F063", message, hint)
    return tuple(pairs), skipped


def _listed(trained: Trained) -> str:
    return ", ".join(f"{column.name} {column.type}" for column in trained.asked)


def _identity(pairs: Sequence[_Pair]) -> tuple[str, ...]:
    """What makes a row of one side the row of the other: the moment, and all that the columns are asked with."""
    return ("ts", *sorted({column.name for pair in pairs for column in pair.left.asked}))


def _common_days(
    state: State, sides: tuple[Side, Side], pairs: Sequence[_Pair], wanted: DaySet | None
) -> tuple[DaySet, dict[str, DaySet]]:
    """The days that both sides have, and what each lacks of those that were asked for. Errors: CHR-F062."""
    there = {
        side.label: computed_days(state, side.snapshot, [_trained(pair, index).column for pair in pairs])
        for index, side in enumerate(sides)
    }
    asked = reduce(DaySet.__or__, there.values()) if wanted is None else wanted
    common = reduce(DaySet.__and__, there.values()) & asked
    if not common:
        told = "; ".join(f"{label}: {days or 'no day'}" for label, days in there.items())
        raise ChrononError(
            "CHR-F062",
            f"no day {f'of {wanted} ' if wanted else ''}is computed for both sides ({told})",
            "run `chronon plan` to see what is missing, then `chronon apply`",
        )
    return common, {label: lacking for label, days in there.items() if (lacking := asked - days)}


def _trained(pair: _Pair, index: int) -> Trained:
    return pair.right if index else pair.left


class _Reader:
    """The columns of one side, a day at a time."""

    def __init__(self, deployment: Deployment, side: Side, pairs: Sequence[_Pair], days: DaySet, index: int) -> None:
        digests, self._left = side.snapshot.columns, side.snapshot.left or Digest("")
        self._names = [(pair.name, _trained(pair, index).column) for pair in pairs]
        identity = _identity(pairs)
        # A name of both kinds cannot be: features are told from left columns by where they stand here.
        self._wanted = [(name, self._left) for name in identity]
        self._wanted += [(f"{index}.{name}", digests[column]) for name, column in self._names]
        self._warehouse = deployment.warehouse
        self._fragments: Sequence[Fragment] = deployment.state.fragments(
            self._left, {self._left, *(digests[column] for _, column in self._names)}, days
        )

    def day(self, day: Day) -> pa.Table:
        """`row_id`, the identity and, under their compared names behind the side's number, the columns."""
        return self._warehouse.read(self._left, day, self._wanted, self._fragments)


def _aligned(left: pa.Table, right: pa.Table, is_same_left: bool, identity: Sequence[str]) -> _Day:
    """The rows that both sides have. Rows of one left are the same rows in the same order."""
    if not is_same_left and left.num_rows and right.num_rows:
        of_left, of_right = matching_rows(left.select(["row_id", *identity]), right.select(["row_id", *identity]))
        left, right = left.take(of_left), right.take(of_right)
    elif not is_same_left:
        left, right = left.slice(0, 0), right.slice(0, 0)
    return _Day(left, right, left.select(identity))


def _with_day(known: ComparedColumn | None, pair: _Pair, rows: _Day, limit: int) -> ComparedColumn:
    """A column with one more day."""
    left, right = (_array(table, f"{side}.{pair.name}") for side, table in enumerate((rows.left, rows.right)))
    found = difference(left, right)
    lacking = limit - (len(known.examples) if known else 0)
    chosen = pa.array(found.where[: max(lacking, 0)])
    names = ["ts", *(column.name for column in pair.left.asked)]
    sample = rows.identity.select(names).take(chosen)
    values = pa.table({"left": left.take(chosen), "right": right.take(chosen)})
    examples = tuple(
        Example(row=row, left=value["left"], right=value["right"])
        for row, value in zip(rows_of(sample), rows_of(values), strict=True)
    )
    if known is None:
        return ComparedColumn(name=pair.name, difference=replace(found, where=np.empty(0, np.int64)), examples=examples)
    return ComparedColumn(
        name=pair.name, difference=joined(known.difference, found), examples=(*known.examples, *examples)
    )


def _array(table: pa.Table, name: str) -> pa.Array:
    return pa.concat_arrays(table[name].chunks) if table[name].num_chunks else pa.array([], table[name].type)
