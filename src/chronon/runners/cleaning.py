"""Removes what no environment points at any more: carries out a sweep.

Order of effects: one transaction forgets it, then values and files are removed, then a transaction notes that they are. So a
kill in the middle leaves things that nobody reads, and the next time they go; what is gone already is no error. What was never
recorded is found by looking at what there is, so it needs no note that it is gone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from chronon.model.errors import ChrononError
from chronon.model.retention import Sweep, Trash
from chronon.runners.attempts import clear_attempts
from chronon.runners.deployment import Deployment
from chronon.runners.lock import NONE as NO_PATIENCE
from chronon.runners.lock import Patience, locked
from chronon.stores.kv.layout import batch_prefix, metadata_prefix, page_prefix
from chronon.stores.state.contract import StateStore

MOVED = "CHR-R082"


def clean(
    deployment: Deployment,
    sweep: Sweep,
    again: Callable[[], Sweep],
    *,
    what: str,
    holder: str,
    clock: Callable[[], float],
    patience: Patience = NO_PATIENCE,
) -> None:
    """Remove everything that a sweep lists.

    again: finds it anew, asked where something was recorded since: that may be no more than a lock taken from the dead.
    what: the line of the log about it.
    Errors: CHR-K010 the lock is held; CHR-R082 it would be another one now, because of what was recorded since; CHR-R006 a file that
    cannot be removed, CHR-K… values that cannot: the next clean goes on.
    """
    store, kv = deployment.state, deployment.kv
    with locked(store, deployment.home, holder=holder, clock=clock, patience=patience) as lease:
        _check(store, sweep, again)
        if not sweep.garbage.is_empty:
            store.forget(lease, sweep.garbage, clock(), what)
        trash = store.trash()
        for each in trash:
            kv.delete_prefix(_prefix(each))
        for environment in sweep.unknown:
            kv.replace(metadata_prefix(environment), ())
        for dataset in sweep.leavings.tiles:
            kv.delete_prefix(page_prefix(dataset))
        ended = {attempt.path for attempt in sweep.leavings.attempts}
        clear_attempts(deployment, kept=[one for one in deployment.warehouse.attempts() if one.name not in ended])
        for file in (*sweep.files, *sweep.leavings.files):
            _remove(deployment.warehouse.root, file.path)
        store.swept(lease, trash, sweep.files)


def _check(store: StateStore, sweep: Sweep, again: Callable[[], Sweep]) -> None:
    if store.mark() != sweep.mark and replace(again(), mark=sweep.mark) != sweep:
        lines = store.log(1)
        said = f": {lines[0].who} {lines[0].what}" if lines else ""
        message = f"something was recorded since this was shown, and nothing was removed{said}"
        raise ChrononError(MOVED, message, "look again: run `chronon clean`")


def _prefix(trash: Trash) -> bytes:
    return batch_prefix(trash.dataset, trash.generation) if trash.generation else page_prefix(trash.dataset)


def _remove(root: Path, path: str) -> None:
    """Remove a file, and the folders of its day and its left when they are empty then."""
    try:
        (root / path).unlink(missing_ok=True)
        for folder in (root / path).parents:
            if folder == root or not folder.is_dir() or any(folder.iterdir()):
                break
            folder.rmdir()
    except OSError as cause:
        message = f"the system refused to remove {cause.filename or root / path}: {cause.strerror or cause}"
        raise ChrononError(
            "CHR-R006", message, "check owner and permissions, then run `chronon clean` again"
        ) from cause
