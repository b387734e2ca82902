"""Gathers what is recorded and published, for the planner that says what can go. Writes nothing."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from chronon.model.errors import ChrononError
from chronon.model.retention import Garbage, StrayFile, Sweep

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chronon.model.jobs import Job, Upload
    from chronon.model.live import Publication
    from chronon.model.state import Environment, Snapshot, State
    from chronon.stores.state import StateStore

_NO_STORE = "CHR-K004"


def find_sweep(store: StateStore, kv: Path, cutoff: float) -> Sweep:
    """What can go of all that is recorded.

    kv: folder of the KV store.
    cutoff: what an environment pointed at since then is kept, and so is what plans have made that were begun since then.
    """
    from chronon.planners.retention import distinct, garbage_of, needs_of, needs_of_jobs, needs_of_readers, retained

    mark, state, recent, moves = store.mark(), store.read(), store.recent(cutoff), store.moves()
    published = _published(kv)
    kept = retained(moves, cutoff)
    is_begun = bool(recent.snapshots)  # a plan that is being applied may be making an environment
    known = published.keys() if is_begun else published.keys() & state.environments.keys()
    needs = needs_of_readers(published, sorted(known)) | needs_of_jobs(recent.jobs)
    pointed = [store.pointed_at(move.environment, move.serial) for move in kept]
    for snapshots in distinct([*pointed, recent.snapshots]):
        needs |= needs_of(snapshots)
    past = {
        (move.environment, move.serial): store.pointed_at(move.environment, move.serial)
        for move in moves
        if move not in kept and move.cleaned is None
    }
    garbage = garbage_of(state, _uploads(store, state), needs, past)
    return Sweep(
        mark=mark,
        garbage=garbage,
        files=_files(store, garbage, recent.jobs),
        trash=store.trash(),
        unknown=tuple(sorted(published.keys() - known)),
    )


def freed_by(store: StateStore, environment: str) -> Sweep:
    """What only an environment points at, of all that are: what can go when it is destroyed and the retention is over."""
    from chronon.planners.retention import Needs, distinct, garbage_of, needs_of

    state = store.read()
    others = Needs()
    for snapshots in distinct(_pointed(each) for name, each in state.environments.items() if name != environment):
        others |= needs_of(snapshots)
    own = needs_of(_pointed(state.environment(environment)))
    unneeded = garbage_of(state, _uploads(store, state), others, {})
    garbage = Garbage(
        cells=frozenset(cell for cell in unneeded.cells if own.has(cell)),
        uploads=tuple(upload for upload in unneeded.uploads if upload.dataset in own.values),
        tiles=unneeded.tiles & own.tiles,
    )
    files = set(store.stray_files(garbage.cells)) - set(store.stray_files()) if garbage.cells else set()
    return Sweep(garbage=garbage, files=tuple(sorted(files, key=lambda file: file.path)))


def _pointed(environment: Environment) -> Sequence[Snapshot]:
    return [environment.snapshots[identity] for identity in sorted(environment.snapshots)]


def _uploads(store: StateStore, state: State) -> list[Upload]:
    return [upload for dataset in sorted(state.uploads) for upload in store.uploads(dataset)]


def _files(store: StateStore, garbage: Garbage, jobs: Sequence[Job]) -> tuple[StrayFile, ...]:
    """Files that are freed now, and those that were before, but for what was replaced lately."""
    from chronon.planners.retention import removable

    before = store.stray_files()
    freed = set(store.stray_files(garbage.cells)) - set(before)
    return tuple(sorted({*freed, *removable(before, jobs)}, key=lambda file: file.path))


def _published(kv: Path) -> Mapping[str, Mapping[str, Publication]]:
    """Environment → what it leads its readers to; nothing where there is no store yet."""
    from chronon.serving.publications import publications, served_environments
    from chronon.stores.kv import open_kv

    try:
        opened = open_kv(f"lmdb:{kv}", read_only=True)
    except ChrononError as error:
        if error.code != _NO_STORE:
            raise
        return {}
    with closing(opened) as found:
        return {name: publications(found, name) for name in served_environments(found)}
