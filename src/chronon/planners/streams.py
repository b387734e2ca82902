"""The streams that have to start: from their savepoint on, or from the end of the batch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never

from chronon.model.definitions import GroupBy
from chronon.model.errors import InvariantError
from chronon.model.jobs import Digest, Start, StreamedGroupBy, StreamJob
from chronon.model.plan import StepId
from chronon.model.time import Day, day_text
from chronon.planners.fingerprints import in_stored_order
from chronon.planners.steps import Inputs, StepList

Begin = tuple[GroupBy, Day]
"""A reader, and the first day of which it needs events."""

Starting = Mapping[Digest, Begin]


def stream_steps(inputs: Inputs, steps: StepList, uploads: Mapping[Digest, StepId]) -> None:
    """Append jobs for the readers whose tiles are not there from their batch end on, or lag behind their topic.

    Of each topic one job for those that begin at the same place. A new window is none of a stream's business:
    tiles are named by what is folded, so such a stream runs on.
    uploads: dataset → the step of this plan that fills it.
    Law: `validate` has refused a group_by of several topics (CHR-V035).
    """
    for (topic, start), starting in sorted(_starting(inputs, uploads).items()):
        readers = tuple(StreamedGroupBy(dataset=dataset, group_by=gb) for dataset, (gb, _) in _by_name(starting))
        days = [first for _, first in starting.values()]
        since = max(days) if start is Start.SAVEPOINT else min(days)
        job = StreamJob(topic=topic, readers=readers, since=since, start=start)
        read = [found.serving for found in inputs.digests.group_bys.values() if found.stream in starting]
        needs = [uploads[dataset] for dataset in read if dataset is not None and dataset in uploads]
        readable = "1 reader" if len(readers) == 1 else f"{len(readers)} readers"
        steps.add(readers[0].group_by.id, job, needs, f"tiles for {readable} from {_whence(job)} on")


def _whence(job: StreamJob) -> str:
    match job.start:
        case Start.BATCH:
            return day_text(job.since)
        case Start.SAVEPOINT:
            return "the savepoint"
        case Start.NOW:
            return "now"
        case _:
            assert_never(job.start)


def _by_name(starting: Starting) -> list[tuple[Digest, Begin]]:
    """The readers of a topic in the order of their names."""
    return sorted(starting.items(), key=lambda item: (item[1][0].id, item[0]))


def _starting(inputs: Inputs, uploads: Mapping[Digest, StepId]) -> dict[tuple[str, Start], dict[Digest, Begin]]:
    """Topic, and where to begin in it → dataset of tiles → its reader and the first day of which it counts events."""
    found: dict[tuple[str, Start], dict[Digest, Begin]] = {}
    for dataset, (group_by, needed) in _needed(inputs, uploads).items():
        since, topic = inputs.state.streams.get(dataset), _topic(group_by)
        if since is None:
            start = Start.NOW if group_by.warm_up else Start.BATCH
            found.setdefault((topic, start), {})[dataset] = (group_by, needed)
            continue
        is_there = since <= needed or group_by.warm_up
        if is_there and not _lags(inputs, topic, dataset):
            continue
        savepoint = inputs.savepoints.found.get(dataset)
        if savepoint is not None and (savepoint.since <= needed or group_by.warm_up):
            found.setdefault((topic, Start.SAVEPOINT), {})[dataset] = (group_by, savepoint.since)
        else:
            # Made from nothing, tiles reach back as far as before: other environments and earlier moments read them.
            found.setdefault((topic, Start.BATCH), {})[dataset] = (group_by, min(needed, since))
    return found


def _needed(inputs: Inputs, uploads: Mapping[Digest, StepId]) -> dict[Digest, Begin]:
    """Dataset of tiles → its reader, and the day on which the batch values beside it end.

    A reader may warm up where all of them may.
    """
    found: dict[Digest, Begin] = {}
    for identity in sorted(inputs.catalog.group_bys):
        digests = inputs.digests.group_bys[identity]
        if digests.stream is None or digests.serving is None:
            continue
        uploaded = inputs.uploaded.get(digests.serving)
        newest = inputs.upload_day(digests.serving) if digests.serving in uploads else uploaded
        if newest is not None:
            group_by, end = in_stored_order(inputs.catalog.group_bys[identity], digests), Day(newest + 1)
            known, first = found.get(digests.stream, (group_by, end))
            warm_up = known.warm_up and group_by.warm_up
            found[digests.stream] = (replace(known, warm_up=warm_up), min(first, end))
    return found


def _lags(inputs: Inputs, topic: str, dataset: Digest) -> bool:
    """Whether the topic holds more than its tiles have seen."""
    return inputs.held.get(topic, 0) > inputs.state.positions.get(dataset, 0)


def _topic(group_by: GroupBy) -> str:
    topics = group_by.topics
    if len(topics) > 1:
        raise InvariantError("one-topic", f"group_by {group_by.id} reads {len(topics)} topics ({', '.join(topics)})")
    return topics[0]
