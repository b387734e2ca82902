"""Where training rows are kept: immutable Parquet fragments, `left/<digest>/ds=YYYY-MM-DD/<hash>.parquet`.

A fragment is written into a staging folder, moved into place when its step is done, and only then recorded in the state
store. Its name is a hash of what is in it, so a step that runs again writes the same names, and nothing that somebody
reads is ever replaced.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from chronon.model.dayset import DaySet
from chronon.model.errors import ChrononError, InvariantError
from chronon.model.jobs import Digest, Fragment
from chronon.model.time import Day, day_start, day_text, parse_day
from chronon.stores.tables.views import duckdb_view
from chronon.stores.tables.zipping import zip_day

_STAGING = "staging"


class Warehouse:
    """A folder of fragments. Holds nothing but the path: cheap to make, can be sent to other processes."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def staging(self, step_id: str) -> Path:
        """A fresh folder for one attempt of a step. Its name is used for no other attempt."""
        folder = self.root / _STAGING / f"{step_id}-{secrets.token_hex(4)}"
        with _told(folder):
            folder.mkdir(parents=True)
        return folder

    def write_fragment(
        self, staging: Path, left: Digest, day: Day, table: pa.Table, columns: Sequence[tuple[Digest, str]]
    ) -> Fragment:
        """Write a table into staging; the fragment that it is going to be.

        table:   `row_id` (int64, no nulls), every column named in `columns`, and for a left's own rows `ts`.
        columns: (digest, column of the table). Other columns are not written.
        Errors: CHR-K030 disk full or refused, after which the whole staging folder is gone.
        """
        kept = _kept(left, table, columns)
        folder = Path("left") / left / f"ds={day_text(day)}"
        with _told(staging, remove=staging):
            (staging / folder).mkdir(parents=True, exist_ok=True)
            draft = staging / folder / f".{secrets.token_hex(8)}"
            pq.write_table(_described(kept, left, day, columns), draft, compression="zstd")
            path = folder / f"{_hash_of(draft)}.parquet"
            draft.rename(staging / path)
            size = (staging / path).stat().st_size
        return Fragment(
            left=left,
            day=day,
            columns=tuple(columns),
            path=path.as_posix(),
            rows=table.num_rows,
            bytes=size,
            within=_is_within(kept, day),
        )

    def sync(self, fragments: Iterable[Fragment], staging: Path) -> None:
        """Make what was written into staging durable. Errors: CHR-K030 as `publish`."""
        with _told(self.root, remove=staging):
            for path in sorted({fragment.path for fragment in fragments}):
                _sync(staging / path)

    def publish(self, fragments: Iterable[Fragment], staging: Path) -> None:
        """Move fragments into place, durable on return. Doing it again is harmless, also when only some were moved.

        Errors: CHR-K030 disk full or refused: nothing that was there is touched, and nothing may be recorded.
        """
        paths = sorted({fragment.path for fragment in fragments})
        with _told(self.root, remove=staging):
            staged = [path for path in paths if (staging / path).exists()]
            lost = [path for path in paths if path not in staged and not (self.root / path).exists()]
            if lost:
                raise InvariantError("fragment-staged", f"{lost[0]} is neither staged in {staging} nor in place")
            for path in staged:
                _sync(staging / path)
            for path in staged:
                (self.root / path).parent.mkdir(parents=True, exist_ok=True)
                (staging / path).replace(self.root / path)
            for folder in sorted({parent for path in paths for parent in Path(path).parents}):
                _sync(self.root / folder)

    def discard(self, staging: Path) -> None:
        """Remove a staging folder, if it is there."""
        shutil.rmtree(staging, ignore_errors=True)

    def attempts(self) -> tuple[Path, ...]:
        """The staging folders that are there: of the running attempt, and what interrupted ones left."""
        return tuple(sorted((self.root / _STAGING).glob("*")))

    def files_of(self, left: Digest, days: DaySet) -> Iterator[tuple[str, int]]:
        """Path and bytes of every file that is in place on some days of a left, recorded or not."""
        with suppress(FileNotFoundError):  # somebody removes it meanwhile
            for folder in sorted((self.root / "left" / left).glob("ds=*")):
                if (day := parse_day(folder.name.removeprefix("ds="))) is not None and day in days:
                    for file in sorted(folder.iterdir()):
                        yield file.relative_to(self.root).as_posix(), file.stat().st_size

    def sweep(self, kept: Collection[Path] = ()) -> int:
        """Remove what interrupted runs left in staging, but for some; how many folders. Only for who holds the lease."""
        left_over = [folder for folder in self.attempts() if folder not in kept]
        for folder in left_over:
            self.discard(folder)
        return len(left_over)

    def read(
        self, left: Digest, day: Day, wanted: Sequence[tuple[str, Digest]], fragments: Iterable[Fragment]
    ) -> pa.Table:
        """`row_id` and the wanted columns of the left rows of a day, ordered by row_id.

        wanted:    (name in the result, digest). A left's columns share its digest: there the name says which, `ts` too.
        fragments: of any left and day; a column may be spread over several, in any order.
        A column that is missing from a day without left rows is empty and of type null.
        Law: some fragment holds each of the others.
        Errors: CHR-K032 row ids that are not 0 … n-1 of the left, CHR-K033 a file that is gone or cannot be read.
        """
        return zip_day(self.root, left, day, wanted, [f for f in fragments if f.left == left and f.day == day])

    def read_days(
        self, left: Digest, days: DaySet, wanted: Sequence[tuple[str, Digest]], fragments: Iterable[Fragment]
    ) -> pa.Table:
        """`ds` and the wanted columns of several days, by day and row_id. Errors: as `read`."""
        by_day: dict[Day, list[Fragment]] = {day: [] for day in days}
        for fragment in fragments:
            if fragment.day in by_day:
                by_day[fragment.day].append(fragment)
        tables = [_with_ds(self.read(left, day, wanted, found), day) for day, found in by_day.items()]
        if not tables:
            return pa.table({name: pa.array([], pa.null()) for name in ("ds", *(name for name, _digest in wanted))})
        return pa.concat_tables(tables, promote_options="default")  # an empty day may not know its types

    def duckdb_view(
        self, name: str, left: Digest, wanted: Sequence[tuple[str, Digest]], fragments: Sequence[Fragment]
    ) -> str:
        """SQL of a DuckDB view over recorded fragments, for people: see `views.duckdb_view`."""
        return duckdb_view(name, self.root, left, wanted, fragments)


def _kept(left: Digest, table: pa.Table, columns: Sequence[tuple[Digest, str]]) -> pa.Table:
    names = ["row_id", *(["ts"] if any(digest == left for digest, _ in columns) else [])]
    names += [name for _digest, name in columns if name not in names]
    absent = [name for name in names if name not in table.column_names]
    if absent or table["row_id"].type != pa.int64() or table["row_id"].null_count:
        raise InvariantError("fragment-columns", f"a fragment of {left} lacks {absent or 'a row_id of int64'}")
    return table.select(names)


def _is_within(table: pa.Table, day: Day) -> bool:
    """Whether every time of left rows lies in their day; of other columns nothing is said."""
    if "ts" not in table.column_names:
        return False
    bounds = pc.min_max(table["ts"]).as_py()
    return not table.num_rows or (bounds["min"] >= day_start(day) and bounds["max"] < day_start(Day(day + 1)))


def _described(table: pa.Table, left: Digest, day: Day, columns: Sequence[tuple[Digest, str]]) -> pa.Table:
    """With its identity inside: for people who find the file, and so that equal values of two columns differ in name."""
    identity = {"left": left, "day": day_text(day), "columns": [list(column) for column in columns]}
    return table.replace_schema_metadata({"chronon": json.dumps(identity)})


def _hash_of(path: Path) -> str:
    whole = blake2b(digest_size=16)
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            whole.update(chunk)
    return whole.hexdigest()


def _with_ds(rows: pa.Table, day: Day) -> pa.Table:
    ds = pa.repeat(pa.scalar(day_text(day)), rows.num_rows)
    return rows.drop_columns(["row_id"]).add_column(0, "ds", ds)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _told(place: Path, remove: Path | None = None) -> Iterator[None]:
    """Errors of the system in our words, after what was half written is gone."""
    try:
        yield
    except OSError as cause:
        if remove:
            shutil.rmtree(remove, ignore_errors=True)
        message = f"cannot write to {place}: {cause.strerror or cause}; nothing was published"
        raise ChrononError("CHR-K030", message, "free some space or check permissions, then apply again") from cause
