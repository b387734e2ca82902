"""The streams that have to start: one job per topic, from the end of the batch on."""

from __future__ import annotations

from collections.abc import Mapping

from chronon.model.definitions import GroupBy
from chronon.model.errors import InvariantError
from chronon.model.jobs import Digest, StreamedGroupBy, StreamJob
from chronon.model.plan import StepId
from chronon.model.time import Day, day_text
from chronon.planners.fingerprints import in_stored_order
from chronon.planners.steps import Inputs, StepList


def stream_steps(inputs: Inputs, steps: StepList, uploads: Mapping[Digest, StepId]) -> None:
    """Append one job per topic with the readers whose tiles are not there from their batch end on, or lag behind it.

    A new window is none of a stream's business: tiles are named by what is folded, so such a stream runs on.
    uploads: dataset → the step of this plan that fills it.
    Law: `validate` has refused a group_by of several topics (CHR-V035).
    """
    for topic, starting in sorted(_starting(inputs, uploads).items()):
        readers = tuple(StreamedGroupBy(dataset=dataset, group_by=gb) for dataset, (gb, _) in _by_name(starting))
        since = min(first for _, first in starting.values())
        read = [found.serving for found in inputs.digests.group_bys.values() if found.stream in starting]
        needs = [uploads[dataset] for dataset in read if dataset is not None and dataset in uploads]
        job = StreamJob(topic=topic, readers=readers, since=since)
        readable = "1 reader" if len(readers) == 1 else f"{len(readers)} readers"
        steps.add(readers[0].group_by.id, job, needs, f"tiles for {readable} from {day_text(since)} on")


def _by_name(starting: Mapping[Digest, tuple[GroupBy, Day]]) -> list[tuple[Digest, tuple[GroupBy, Day]]]:
    """The readers of a topic in the order of their names."""
    return sorted(starting.items(), key=lambda item: (item[1][0].id, item[0]))


def _starting(inputs: Inputs, uploads: Mapping[Digest, StepId]) -> dict[str, dict[Digest, tuple[GroupBy, Day]]]:
    """Topic → dataset of tiles → its reader and the first day that it needs."""
    found: dict[str, dict[Digest, tuple[GroupBy, Day]]] = {}
    for identity in sorted(inputs.catalog.group_bys):
        digests = inputs.digests.group_bys[identity]
        if digests.stream is None or digests.serving is None:
            continue
        uploaded = inputs.uploaded.get(digests.serving)
        newest = inputs.upload_day(digests.serving) if digests.serving in uploads else uploaded
        if newest is None:
            continue
        since = inputs.state.streams.get(digests.stream)
        group_by = in_stored_order(inputs.catalog.group_bys[identity], digests)
        topic = _topic(group_by)
        if since is None or since > newest + 1 or _lags(inputs, topic, digests.stream):
            readers = found.setdefault(topic, {})
            known = readers.get(digests.stream, (group_by, Day(newest + 1)))
            readers[digests.stream] = (known[0], min(known[1], Day(newest + 1)))
    return found


def _lags(inputs: Inputs, topic: str, dataset: Digest) -> bool:
    """Whether the topic holds more than its tiles have seen."""
    return inputs.held.get(topic, 0) > inputs.state.positions.get(dataset, 0)


def _topic(group_by: GroupBy) -> str:
    topics = group_by.topics
    if len(topics) > 1:
        raise InvariantError("one-topic", f"group_by {group_by.id} reads {len(topics)} topics ({', '.join(topics)})")
    return topics[0]
