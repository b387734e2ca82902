"""Removes what an attempt of a step leaves behind: its staging folder and, of an upload that was not recorded, its values.

A generation that nobody recorded is read by nobody and would stay in the KV store for ever. So an upload writes down the
name of its generation, as an empty file in its staging folder, before it writes the first value.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from chronon.model.errors import ChrononError
from chronon.model.jobs import Digest
from chronon.runners.deployment import Deployment
from chronon.stores.kv.layout import batch_prefix

_NOTE = ".generation"


def note_generation(staging: Path, dataset: Digest, generation: str) -> None:
    """Say that this attempt is going to write a generation. Its name holds no dot, nor does a dataset's."""
    try:
        (staging / f"{dataset}.{generation}{_NOTE}").touch()
    except OSError as cause:
        message = f"cannot write to {staging}: {cause.strerror}; nothing was uploaded"
        raise ChrononError("CHR-K030", message, "free some space or check permissions, then apply again") from cause


def clear_attempt(deployment: Deployment, staging: Path) -> None:
    """Remove what an attempt left behind. Where a full disk forbids it, the next apply does it."""
    with suppress(ChrononError):
        _forget_generations(deployment, staging)
        deployment.warehouse.discard(staging)


def clear_attempts(deployment: Deployment) -> None:
    """Remove what interrupted applies left behind. Only for who holds the lease. Errors: those of the KV store."""
    for staging in deployment.warehouse.attempts():
        _forget_generations(deployment, staging)
    deployment.warehouse.sweep()


def _forget_generations(deployment: Deployment, staging: Path) -> None:
    for note in staging.glob(f"*{_NOTE}"):
        dataset, generation = note.name.removesuffix(_NOTE).split(".")
        recorded = {upload.generation for upload in deployment.state.uploads(Digest(dataset))}
        if generation not in recorded:
            deployment.kv.delete_prefix(batch_prefix(Digest(dataset), generation))
