"""What an attempt of a step leaves behind: its staging folder with notes in it and, of an upload, its values.

A generation that nobody recorded is read by nobody and would stay in the KV store for ever. So an upload writes down the
name of its generation, as an empty file in its staging folder, before it writes the first value. An attempt that is
finished writes down its outcome: whoever goes on after a crash takes that over instead of running the job again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import assert_never

from chronon.model.errors import ChrononError
from chronon.model.jobs import Digest, Fragment, Output, Streamed, Upload
from chronon.runners.deployment import Deployment
from chronon.schemas.wire import from_json, to_json
from chronon.stores.kv.layout import batch_prefix

_NOTE = ".generation"
_OUTCOME = "outcome.json"


def note_generation(staging: Path, dataset: Digest, generation: str) -> None:
    """Say that this attempt is going to write a generation. Its name holds no dot, nor does a dataset's."""
    with _told(staging, "nothing was uploaded"):
        (staging / f"{dataset}.{generation}{_NOTE}").touch()


def note_outcome(staging: Path, outcome: Output) -> None:
    """Say that an attempt is finished, and with what: written whole or not at all."""
    noted: dict[str, object]
    match outcome:
        case tuple():
            noted = {"fragments": [to_json(fragment) for fragment in outcome]}
        case Upload():
            noted = {"upload": to_json(outcome)}
        case Streamed():
            noted = {"streamed": to_json(outcome)}
        case _:
            assert_never(outcome)
    with _told(staging, "nothing was recorded"):
        draft = staging / f"{_OUTCOME}.part"
        with draft.open("w", encoding="utf-8") as file:
            json.dump(noted, file)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(staging / _OUTCOME)


def noted_outcome(staging: Path) -> Output | None:
    """What an attempt was finished with; None when it was not, or another version of chronon wrote it down."""
    try:
        noted = json.loads((staging / _OUTCOME).read_bytes())
        if "fragments" in noted:
            return tuple(from_json(text, Fragment) for text in noted["fragments"])
        return from_json(noted["upload"], Upload) if "upload" in noted else from_json(noted["streamed"], Streamed)
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    except ChrononError as unread:
        if unread.code != "CHR-S900":
            raise
        return None


def clear_attempt(deployment: Deployment, staging: Path) -> None:
    """Remove what an attempt left behind. Where a full disk forbids it, the next apply does it."""
    with suppress(ChrononError):
        _forget_generations(deployment, staging)
        deployment.warehouse.discard(staging)


def clear_attempts(deployment: Deployment, kept: Collection[Path] = ()) -> None:
    """Remove what interrupted applies left behind, but for some folders. Only for who holds the lease. Errors: those of the KV store."""
    for staging in deployment.warehouse.attempts():
        if staging not in kept:
            _forget_generations(deployment, staging)
    deployment.warehouse.sweep(kept)


def _forget_generations(deployment: Deployment, staging: Path) -> None:
    for note in staging.glob(f"*{_NOTE}"):
        dataset, generation = note.name.removesuffix(_NOTE).split(".")
        recorded = {upload.generation for upload in deployment.state.uploads(Digest(dataset))}
        if generation not in recorded:
            deployment.kv.delete_prefix(batch_prefix(Digest(dataset), generation))


@contextmanager
def _told(staging: Path, so_that: str) -> Iterator[None]:
    try:
        yield
    except OSError as cause:
        message = f"cannot write to {staging}: {cause.strerror}; {so_that}"
        raise ChrononError("CHR-K030", message, "free some space or check permissions, then apply again") from cause
