"""Puts the column groups of one day beside each other: every wanted column, in the order of the left rows.

Files are immutable and were written by different steps, so nothing is taken on trust: each group must hold every row id
of the left exactly once.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from chronon.model.errors import ChrononError, InvariantError
from chronon.model.jobs import Digest, Fragment
from chronon.model.time import Day, day_text

Wanted = Sequence[tuple[str, Digest]]

_RESTORE = (
    "restore the file from a backup; without one, move the target's state.db away and apply again: "
    "every day is computed anew"
)
"""There is no way to forget a single day: what is recorded counts as done."""


def zip_day(root: Path, left: Digest, day: Day, wanted: Wanted, fragments: Sequence[Fragment]) -> pa.Table:
    """See `Warehouse.read`. fragments: of this left and day."""
    own = _holders(left, left, fragments)
    count = sum(fragment.rows for fragment in own) if own else None
    row_ids: pa.ChunkedArray | None = None
    columns: dict[str, pa.ChunkedArray] = {}
    for group, names in groups_of(left, wanted, fragments).items():
        if not group and count:
            raise _absent(left, day, names)
        rows = _group_rows(root, left, group, names)
        count = rows.num_rows if count is None else count
        _check_ids(rows["row_id"], count, left, day)
        row_ids = rows["row_id"]
        columns |= {name: rows[name] for name, _digest in names}
    if row_ids is None:
        row_ids = pa.chunked_array([np.arange(count or 0, dtype=np.int64)])
    return pa.table({"row_id": row_ids, **{name: columns[name] for name, _digest in wanted}})


def names_in(left: Digest, fragment: Fragment, wanted: Wanted) -> tuple[str, ...]:
    """What a fragment calls each wanted column. A left's columns share one digest: there the wanted name is theirs."""
    stored = dict(fragment.columns)
    return tuple(name if digest == left else stored[digest] for name, digest in wanted)


def groups_of(
    left: Digest, wanted: Wanted, fragments: Sequence[Fragment]
) -> dict[tuple[Fragment, ...], list[tuple[str, Digest]]]:
    """Wanted columns by the fragments that hold them; under () those that nothing holds."""
    groups: dict[tuple[Fragment, ...], list[tuple[str, Digest]]] = {}
    for name, digest in wanted:
        groups.setdefault(_holders(left, digest, fragments), []).append((name, digest))
    return groups


def _holders(left: Digest, digest: Digest, fragments: Sequence[Fragment]) -> tuple[Fragment, ...]:
    """The fragments that hold a column. One without named columns holds the left's `row_id` and `ts`."""
    return tuple(
        fragment
        for fragment in fragments
        if any(held == digest for held, _name in fragment.columns) or (digest == left and not fragment.columns)
    )


def _group_rows(root: Path, left: Digest, group: Sequence[Fragment], wanted: Wanted) -> pa.Table:
    """`row_id` and the wanted columns of the files of a group, ordered by row_id."""
    names = ["row_id", *(name for name, _digest in wanted)]
    if not group:
        types = [pa.int64(), *(pa.null() for _name in wanted)]
        return pa.table([pa.array([], kind) for kind in types], names=names)
    tables = [
        pa.table(_read(root / fragment.path, ["row_id", *names_in(left, fragment, wanted)]), names=names)
        for fragment in group
    ]
    rows = pa.concat_tables(tables, promote_options="default")
    ids = rows["row_id"].to_numpy()
    return rows if np.all(ids[1:] > ids[:-1]) else rows.take(pa.array(np.argsort(ids, kind="stable")))


def _read(path: Path, names: Sequence[str]) -> list[pa.ChunkedArray]:
    try:
        table = pq.read_table(path, columns=list(dict.fromkeys(names)), partitioning=None)
        return [table[name] for name in names]
    except FileNotFoundError as cause:
        raise ChrononError("CHR-K033", f"{path} is recorded but not there", _RESTORE) from cause
    except (OSError, pa.ArrowInvalid, KeyError) as cause:
        raise ChrononError("CHR-K033", f"{path} was computed and cannot be read: {cause}", _RESTORE) from cause


def _check_ids(row_ids: pa.ChunkedArray, count: int, left: Digest, day: Day) -> None:
    ids = row_ids.to_numpy()
    if len(ids) == count and np.array_equal(ids, np.arange(count)):
        return
    message = (
        f"the column groups of {left} on {day_text(day)} do not fit: {len(ids)} row ids that are not 0 … {count - 1}"
    )
    raise ChrononError("CHR-K032", message, _RESTORE)


def _absent(left: Digest, day: Day, names: Wanted) -> InvariantError:
    listed = ", ".join(name for name, _digest in names)
    return InvariantError("recorded-column", f"{listed} of {left} on {day_text(day)} is not computed")
