"""Gathers what is recorded and published, for the planner that says what can go. Writes nothing."""

from __future__ import annotations

from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from chronon.model.errors import ChrononError
from chronon.model.retention import Garbage, Leavings, StrayFile, Sweep

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from chronon.loaders.config import Target
    from chronon.model.jobs import Job, Upload
    from chronon.model.live import Publication
    from chronon.model.state import Environment, Snapshot, State
    from chronon.planners.retention import Needs
    from chronon.stores.kv import KvStore
    from chronon.stores.state import StateStore

_NO_STORE = "CHR-K004"


def find_sweep(store: StateStore, target: Target, cutoff: float) -> Sweep:
    """What can go of all that is recorded, and of what attempts have left without a record.

    cutoff: what an environment pointed at since then is kept, and so is what plans have made that were begun since then.
    """
    from chronon.planners.retention import distinct, garbage_of, needs_of, needs_of_jobs, needs_of_readers, retained

    mark, state, recent, moves = store.mark(), store.read(), store.recent(cutoff), store.moves()
    with _opened(target) as kv:
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
            leavings=_leavings(store, state, target.warehouse, kv, needs),
        )


def _leavings(store: StateStore, state: State, root: Path, kv: KvStore | None, needs: Needs) -> Leavings:
    """What was never recorded. What an apply makes just now is none of it: it was begun after the mark, or goes on."""
    from chronon.planners.retention import places_left, tiles_left
    from chronon.stores.kv.layout import page_prefix
    from chronon.stores.tables.warehouse import Warehouse

    attempted, warehouse = store.attempted(), Warehouse(root)
    there = {
        path: size for left, days in places_left(attempted).items() for path, size in warehouse.files_of(left, days)
    }
    attempts = [
        one for one in warehouse.attempts() if not one.name.startswith(tuple(f"{id_}-" for id_ in attempted.plans))
    ]
    pages = [one for one in tiles_left(attempted, state, needs) if kv and any(True for _ in kv.scan(page_prefix(one)))]
    return Leavings(
        files=tuple(StrayFile(path=path, bytes=there[path]) for path in sorted(store.unrecorded(there))),
        attempts=tuple(StrayFile(path=one.name, bytes=_size_of(one)) for one in attempts),
        tiles=tuple(pages),
    )


def _size_of(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


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


def _published(kv: KvStore | None) -> Mapping[str, Mapping[str, Publication]]:
    """Environment → what it leads its readers to; nothing where there is no store yet."""
    from chronon.serving.publications import publications, served_environments

    return {name: publications(kv, name) for name in served_environments(kv)} if kv else {}


@contextmanager
def _opened(target: Target) -> Iterator[KvStore | None]:
    """The KV store of a target; None where there is none yet."""
    from chronon.stores.kv import open_kv

    try:
        opened = open_kv(target.kv_address, read_only=True)
    except ChrononError as error:
        if error.code != _NO_STORE:
            raise
        yield None
        return
    with closing(opened) as found:
        yield found
