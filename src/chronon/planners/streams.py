"""The streams that have to start: from their savepoint on, or from the end of the batch."""

from __future__ import annotations

from collections.abc import Mapping

from chronon.model.definitions import GroupBy
from chronon.model.errors import InvariantError
from chronon.model.jobs import Digest, StreamedGroupBy, StreamJob
from chronon.model.plan import StepId
from chronon.model.time import Day, day_text
from chronon.planners.fingerprints import in_stored_order
from chronon.planners.steps import Inputs, StepList

Start = tuple[GroupBy, Day]
"""A reader, and the first day of which it needs events."""

Starting = Mapping[Digest, Start]


def stream_steps(inputs: Inputs, steps: StepList, uploads: Mapping[Digest, StepId]) -> None:
    """Append jobs for the readers whose tiles are not there from their batch end on, or lag behind their topic.

    Of each topic one job goes on from savepoints, and one folds from nothing. A new window is none of a stream's business:
    tiles are named by what is folded, so such a stream runs on.
    uploads: dataset → the step of this plan that fills it.
    Law: `validate` has refused a group_by of several topics (CHR-V035).
    """
    for (topic, goes_on), starting in sorted(_starting(inputs, uploads).items()):
        readers = tuple(StreamedGroupBy(dataset=dataset, group_by=gb) for dataset, (gb, _) in _by_name(starting))
        days = [first for _, first in starting.values()]
        job = StreamJob(topic=topic, readers=readers, since=max(days) if goes_on else min(days), goes_on=goes_on)
        read = [found.serving for found in inputs.digests.group_bys.values() if found.stream in starting]
        needs = [uploads[dataset] for dataset in read if dataset is not None and dataset in uploads]
        readable = "1 reader" if len(readers) == 1 else f"{len(readers)} readers"
        where = "the savepoint" if goes_on else day_text(job.since)
        steps.add(readers[0].group_by.id, job, needs, f"tiles for {readable} from {where} on")


def _by_name(starting: Starting) -> list[tuple[Digest, Start]]:
    """The readers of a topic in the order of their names."""
    return sorted(starting.items(), key=lambda item: (item[1][0].id, item[0]))


def _starting(inputs: Inputs, uploads: Mapping[Digest, StepId]) -> dict[tuple[str, bool], dict[Digest, Start]]:
    """Topic, and whether to go on in it → dataset of tiles → its reader and the first day of which it counts events."""
    found: dict[tuple[str, bool], dict[Digest, Start]] = {}
    for dataset, (group_by, needed) in _needed(inputs, uploads).items():
        since, topic = inputs.state.streams.get(dataset), _topic(group_by)
        if since is not None and since <= needed and not _lags(inputs, topic, dataset):
            continue
        savepoint = inputs.savepoints.found.get(dataset) if since is not None else None
        goes_on = savepoint is not None and savepoint.since <= needed
        # Made from nothing, tiles reach back as far as before: other environments and earlier moments read them.
        first = savepoint.since if savepoint and goes_on else min(needed, needed if since is None else since)
        found.setdefault((topic, goes_on), {})[dataset] = (group_by, first)
    return found


def _needed(inputs: Inputs, uploads: Mapping[Digest, StepId]) -> dict[Digest, Start]:
    """Dataset of tiles → its reader, and the day on which the batch values beside it end."""
    found: dict[Digest, Start] = {}
    for identity in sorted(inputs.catalog.group_bys):
        digests = inputs.digests.group_bys[identity]
        if digests.stream is None or digests.serving is None:
            continue
        uploaded = inputs.uploaded.get(digests.serving)
        newest = inputs.upload_day(digests.serving) if digests.serving in uploads else uploaded
        if newest is not None:
            group_by, end = in_stored_order(inputs.catalog.group_bys[identity], digests), Day(newest + 1)
            known = found.get(digests.stream, (group_by, end))
            found[digests.stream] = (known[0], min(known[1], end))
    return found


def _lags(inputs: Inputs, topic: str, dataset: Digest) -> bool:
    """Whether the topic holds more than its tiles have seen."""
    return inputs.held.get(topic, 0) > inputs.state.positions.get(dataset, 0)


def _topic(group_by: GroupBy) -> str:
    topics = group_by.topics
    if len(topics) > 1:
        raise InvariantError("one-topic", f"group_by {group_by.id} reads {len(topics)} topics ({', '.join(topics)})")
    return topics[0]
