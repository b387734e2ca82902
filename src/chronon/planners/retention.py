"""What can be removed: data that no environment points at, or has pointed at within the retention.

Environments share data by digest, so nothing belongs to one of them: whatever is needed by anybody stays.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import assert_never

from chronon.model.dayset import DaySet
from chronon.model.errors import ChrononError
from chronon.model.jobs import DerivationJob, Digest, FeatureJob, Job, LeftJob, StreamJob, Upload, UploadJob
from chronon.model.live import Publication
from chronon.model.names import ObjectId
from chronon.model.retention import Attempted, Garbage, StrayFile
from chronon.model.state import Move, Snapshot, State
from chronon.model.time import parse_day
from chronon.planners.fingerprints import JoinDigests, digests_of
from chronon.planners.recorded import catalog_of

Cell = tuple[Digest, Digest]
Serial = tuple[str, int]
"""An environment and one of its serials."""

_NOWHERE = Digest("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What somebody needs.

    cells: (left, column).  lefts: those of which every column is needed, as nobody can tell which.
    values: datasets of batch values.  tiles: datasets of pages.
    """

    cells: frozenset[Cell] = field(default_factory=frozenset)
    lefts: frozenset[Digest] = field(default_factory=frozenset)
    values: frozenset[Digest] = field(default_factory=frozenset)
    tiles: frozenset[Digest] = field(default_factory=frozenset)

    def __or__(self, other: Needs) -> Needs:
        return Needs(
            cells=self.cells | other.cells,
            lefts=self.lefts | other.lefts,
            values=self.values | other.values,
            tiles=self.tiles | other.tiles,
        )

    def has(self, cell: Cell) -> bool:
        """Whether a cell is needed."""
        return cell in self.cells or cell[0] in self.lefts


def needs_of(snapshots: Collection[Snapshot]) -> Needs:
    """What an environment needs that points at these snapshots.

    That is more than what they name: a join that derives from a feature and leaves it out of its result stores it too. Where
    the definitions cannot tell, as another version of chronon wrote them, every column of the join is needed.
    """
    named = _named(snapshots)
    joins = [snapshot for snapshot in snapshots if snapshot.left is not None]
    try:
        stored = digests_of(catalog_of(snapshots)).joins
    except ChrononError:
        return named | Needs(lefts=frozenset(join.left or _NOWHERE for join in joins))
    cells: set[Cell] = set()
    lefts: set[Digest] = set()
    for join in joins:
        left, found = join.left or _NOWHERE, stored[join.id]
        if _is_named_so(found, join):
            cells |= {(left, digest) for digest in found.stored}
        else:
            lefts.add(left)
    return named | Needs(cells=frozenset(cells), lefts=frozenset(lefts))


def needs_of_jobs(jobs: Iterable[Job]) -> Needs:
    """What jobs have made, or are going to."""
    cells: set[Cell] = set()
    values: set[Digest] = set()
    tiles: set[Digest] = set()
    for job in jobs:
        match job:
            case LeftJob():
                cells.add((job.left, job.left))
            case FeatureJob() | DerivationJob():
                cells |= {(job.left, digest) for digest in (job.left, *(digest for digest, _name in job.columns))}
            case UploadJob():
                values.add(job.dataset)
            case StreamJob():
                tiles |= {reader.dataset for reader in job.readers}
            case _:
                assert_never(job)
    return Needs(cells=frozenset(cells), values=frozenset(values), tiles=frozenset(tiles))


def retained(moves: Iterable[Move], cutoff: float) -> tuple[Move, ...]:
    """The moves to which an environment can be rolled back for sure: what it points at, and has pointed at since the cutoff."""
    return tuple(move for move in moves if move.until is None or move.until >= cutoff)


def needs_of_readers(published: Mapping[str, Mapping[str, Publication]], environments: Collection[str]) -> Needs:
    """What readers of some environments are led to, also where the state says otherwise: an apply may have ended in between."""
    found = [each for name in environments for each in published.get(name, {}).values()]
    return Needs(
        values=frozenset(each.values for each in found if each.values is not None),
        tiles=frozenset(each.tiles for each in found if each.tiles is not None),
    )


def garbage_of(
    state: State, uploads: Iterable[Upload], needs: Needs, past: Mapping[Serial, Sequence[Snapshot]]
) -> Garbage:
    """What nobody needs of what is recorded.

    uploads: all that are recorded.  past: what environments pointed at before the retention, and has not lost anything yet.
    """
    cells = frozenset(cell for cell in state.computed if not needs.has(cell))
    gone = tuple(upload for upload in uploads if upload.dataset not in needs.values)
    tiles = frozenset(dataset for dataset in state.streams if dataset not in needs.tiles)
    lost = Needs(cells=cells, values=frozenset(upload.dataset for upload in gone), tiles=tiles)
    moves = tuple(sorted(serial for serial, snapshots in past.items() if _overlap(needs_of(snapshots), lost)))
    return Garbage(cells=cells, uploads=gone, tiles=tiles, moves=moves)


def removable(files: Iterable[StrayFile], jobs: Iterable[Job]) -> tuple[StrayFile, ...]:
    """The files that hold nothing that is read, without those that a job has replaced lately: somebody may be reading them."""
    written = _written(jobs)
    return tuple(file for file in files if not _is_replaced(file, written))


def places_left(attempted: Attempted) -> Mapping[Digest, DaySet]:
    """Left → days where attempts that are over may have left files, and nobody goes on with what is there."""
    ended, held = _written(attempted.ended), _written(attempted.held)
    found = {left: days - held.get(left, DaySet()) for left, days in ended.items()}
    return {left: days for left, days in found.items() if days}


def tiles_left(attempted: Attempted, state: State, needs: Needs) -> tuple[Digest, ...]:
    """Datasets of which attempts that are over may have left pages: no stream of them has ever caught up, or is going on."""
    ended, held = (needs_of_jobs(jobs).tiles for jobs in (attempted.ended, attempted.held))
    return tuple(sorted(ended - held - needs.tiles - state.streams.keys()))


def distinct(sets: Iterable[Sequence[Snapshot]]) -> Iterator[Sequence[Snapshot]]:
    """Every set of snapshots once: environments share them, and come back to them."""
    seen: set[frozenset[tuple[ObjectId, Digest, str]]] = set()
    for snapshots in sets:
        key = frozenset((each.id, each.fingerprint, each.definition) for each in snapshots)
        if key not in seen:
            seen.add(key)
            yield snapshots


def _written(jobs: Iterable[Job]) -> dict[Digest, DaySet]:
    """Left → days of which jobs write files."""
    written: dict[Digest, DaySet] = {}
    for job in jobs:
        if isinstance(job, LeftJob | FeatureJob | DerivationJob):
            written[job.left] = written.get(job.left, DaySet()) | job.days
    return written


def _is_replaced(file: StrayFile, written: Mapping[Digest, DaySet]) -> bool:
    """Whether it is of a left and a day that were written."""
    parts = PurePosixPath(file.path).parts
    left, day = parts[1] if len(parts) > 2 else "", parse_day(parts[2].removeprefix("ds=")) if len(parts) > 2 else None
    return day is not None and day in written.get(Digest(left), DaySet())


def _named(snapshots: Iterable[Snapshot]) -> Needs:
    """What snapshots name themselves."""
    cells: set[Cell] = set()
    values: set[Digest] = set()
    tiles: set[Digest] = set()
    for snapshot in snapshots:
        if snapshot.left is not None:
            cells |= {(snapshot.left, digest) for digest in (snapshot.left, *snapshot.columns.values())}
        else:
            values |= {snapshot.serving} if snapshot.serving is not None else set()
            tiles |= {snapshot.stream} if snapshot.stream is not None else set()
    return Needs(cells=frozenset(cells), values=frozenset(values), tiles=frozenset(tiles))


def _is_named_so(found: JoinDigests, join: Snapshot) -> bool:
    """Whether digests of today are those under which the join was stored."""
    return found.left == join.left and set(found.outputs.values()) <= set(join.columns.values())


def _overlap(needs: Needs, lost: Needs) -> bool:
    cells = any(needs.has(cell) for cell in lost.cells)
    return cells or bool(needs.values & lost.values or needs.tiles & lost.tiles)
