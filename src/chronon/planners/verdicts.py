"""What becomes of each stream that a plan touches: keep, restart, replay, or drop, and why nothing cheaper will do.

The state of a stream is its tiles, named by what they hold, and the savepoint beside them: the place in the topic up to
which they hold it. So a verdict follows from three questions: are there tiles of that name, do they reach from the
end of the batch to the end of the topic, and does the topic go on from their savepoint.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from chronon.model.definitions import Feature, GroupBy
from chronon.model.jobs import Digest, Start, StreamJob
from chronon.model.names import Kind, ObjectId
from chronon.model.plan import Change, Step
from chronon.model.savepoints import NO_SAVEPOINTS, Savepoints
from chronon.model.specs import Accuracy
from chronon.model.state import Snapshot, State
from chronon.model.time import day_text, duration_text
from chronon.model.verdicts import Option, StreamChange, Verdict
from chronon.planners.fingerprints import base_columns, folded_as
from chronon.planners.snapshots import Definitions

_NO_SAVEPOINT = "nothing that was folded before holds it"
_OTHER_TILES = "tiles of before hold something else"
_WARMING = "`warm_up` allows it: stale until an upload counts the days up to the last event of the topic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Streams:
    """What verdicts are made from.

    desired: every snapshot that the environment is going to point at.  jobs: dataset → the job of the plan that folds into it.
    """

    deployed: Mapping[ObjectId, Snapshot]
    desired: Mapping[ObjectId, Snapshot]
    state: State
    jobs: Mapping[Digest, StreamJob]
    definitions: Definitions
    savepoints: Savepoints

    @classmethod
    def of(
        cls,
        deployed: Mapping[ObjectId, Snapshot],
        desired: Sequence[Snapshot],
        state: State,
        steps: Sequence[Step],
        definitions: Definitions | None = None,
        *,
        savepoints: Savepoints = NO_SAVEPOINTS,
    ) -> Streams:
        """Those of an environment that is going to point at other snapshots. definitions: of snapshots, those that are known."""
        return cls(
            deployed=deployed,
            desired={one.id: one for one in desired},
            state=state,
            jobs={dataset: step.job for dataset, step in folding(steps).items() if isinstance(step.job, StreamJob)},
            definitions=definitions or Definitions(),
            savepoints=savepoints,
        )


def folding(steps: Sequence[Step]) -> Mapping[Digest, Step]:
    """Dataset of tiles → the step that folds a topic into it."""
    streams = [(step, step.job) for step in steps if isinstance(step.job, StreamJob)]
    return {reader.dataset: step for step, job in reversed(streams) for reader in job.readers}


def stream_changes(changes: Sequence[Change], streams: Streams) -> tuple[StreamChange, ...]:
    """One per group_by that has a stream, or had one, and either changes or has work; in the order of their ids."""
    changed = {change.id for change in changes}
    found = []
    for identity in sorted({*streams.deployed, *streams.desired}):
        if identity.kind is not Kind.GROUP_BY:
            continue
        old, new = streams.deployed.get(identity), streams.desired.get(identity)
        dataset = new.stream if new else None
        job = streams.jobs.get(dataset) if dataset else None
        if (identity in changed or job is not None) and (dataset or (old and old.stream)):
            found.append(_change(identity, old, new, job, streams))
    return tuple(found)


def _change(
    identity: ObjectId, old: Snapshot | None, new: Snapshot | None, job: StreamJob | None, streams: Streams
) -> StreamChange:
    before, now = _group_by(old, streams.definitions), _group_by(new, streams.definitions)
    topic = _topic(now) or _topic(before)
    tiles = (old.stream if old else None, new.stream if new else None)
    if tiles[1] is None:
        verdict, reason, others = _gone(tiles[0], now, streams)
    elif job is None:
        verdict, reason, others = Verdict.KEEP, _kept(tiles, before, now), ()
    else:
        verdict, reason, others = _folded((tiles[0], tiles[1]), before, now, job, streams)
    return StreamChange(
        object=identity,
        topic=topic,
        verdict=verdict,
        reason=reason,
        since=job.since if job else None,
        old=tiles[0],
        new=tiles[1],
        others=others,
    )


Judged = tuple[Verdict, str, tuple[Option, ...]]


def _gone(tiles: Digest | None, now: GroupBy | None, streams: Streams) -> Judged:
    """A stream that ends: its tiles stay in the store as long as something else reads them."""
    heir = next((str(each.id) for each in streams.desired.values() if each.stream == tiles), None)
    if heir is not None:
        return Verdict.KEEP, f"the same tiles are read by {heir}: they are named by what they hold, not by whom", ()
    if now is None:
        why = "the object is removed"
    elif not now.online:
        why = "it is served no longer"
    elif now.accuracy is not Accuracy.TEMPORAL:
        why = "it is asked at 00:00 now: nothing after the batch counts"
    else:
        why = "no topic carries its rows any more"
    return Verdict.DROP, why, (Option(verdict=Verdict.KEEP, complete=False, why="tiles that nobody reads cost room"),)


def _kept(tiles: tuple[Digest | None, Digest | None], before: GroupBy | None, now: GroupBy | None) -> str:
    if tiles[0] != tiles[1] or before is None or now is None:
        return "there are tiles of just that already, up to the end of the topic"
    windows = {feature.window for feature in now.features} - {feature.window for feature in before.features}
    if windows:
        told = ", ".join(sorted("unbounded" if each is None else duration_text(each) for each in windows))
        return f"tiles hold what is folded, whatever the window: {told} is read from those that are there"
    return "nothing that tiles hold has changed"


def _folded(
    tiles: tuple[Digest | None, Digest],
    before: GroupBy | None,
    now: GroupBy | None,
    job: StreamJob,
    streams: Streams,
) -> Judged:
    """A stream that has work. tiles: before and now."""
    since = streams.state.streams.get(tiles[1])
    boundary = day_text(job.since)
    if job.goes_on:
        savepoint = streams.savepoints.found[tiles[1]]
        lines = "1 line" if savepoint.lines == 1 else f"{savepoint.lines:,} lines"
        why = f"its tiles hold {lines} of the topic, and it goes on from there"
        return Verdict.RESTART, why, _behind(day_text(savepoint.since))
    if since is not None and since <= job.since:
        why = streams.savepoints.broken.get(tiles[1], "nothing tells which lines its tiles hold")
        return Verdict.REPLAY, why, tuple(_instead(now, boundary, "tiles are of other lines than the topic has"))
    if since is not None:
        reach = f"its tiles reach back to {day_text(since)} only, and batch values end before {boundary}"
        return Verdict.REPLAY, reach, tuple(_instead(now, boundary, "tiles between are missing"))
    why, lacks = _new(tiles, before, now)
    if job.start is Start.NOW:
        return Verdict.PARTIAL, f"{why}; {_WARMING}", tuple(_beside(boundary, lacks))
    return Verdict.REPLAY, why, tuple(_instead(now, boundary, lacks))


def _new(tiles: tuple[Digest | None, Digest], before: GroupBy | None, now: GroupBy | None) -> tuple[str, str]:
    """Why there are no tiles of that name, and what those that there are lack."""
    if before is None or not before.streamed:
        return "its first tiles", _NO_SAVEPOINT
    if tiles[0] == tiles[1]:
        return "its tiles are gone from the store", _NO_SAVEPOINT
    why = "; ".join(_differences(before, now)) if now else ""
    return why or "rows are selected otherwise", _OTHER_TILES


def _behind(boundary: str) -> tuple[Option, ...]:
    return (
        Option(verdict=Verdict.KEEP, complete=False, why="events that came since would not count"),
        Option(verdict=Verdict.REPLAY, complete=True, why=f"folded again from {boundary} on, tiles are the same"),
    )


def _beside(boundary: str, lacks: str) -> Iterator[Option]:
    """What else there is than to begin now."""
    yield Option(verdict=Verdict.KEEP, complete=False, why=lacks)
    yield Option(verdict=Verdict.RESTART, complete=False, why=lacks)
    yield Option(verdict=Verdict.REPLAY, complete=True, why=f"events from {boundary} on would have to be folded again")


def _instead(now: GroupBy | None, boundary: str, lacks: str) -> Iterator[Option]:
    """What is cheaper than a replay, and why it is not whole."""
    yield Option(verdict=Verdict.KEEP, complete=False, why=lacks)
    yield Option(verdict=Verdict.RESTART, complete=False, why=lacks)
    longest = [feature.window for feature in now.features] if now else []
    warm = "never, as it counts everything" if None in longest else f"after {duration_text(max(filter(None, longest)))}"
    told = f"events from {boundary} to now would be missing until the next upload counts them, by itself whole {warm}; `warm_up: true` allows it"
    yield Option(verdict=Verdict.PARTIAL, complete=False, why=told)


def _differences(before: GroupBy, now: GroupBy) -> Iterator[str]:
    """What of two definitions is held by tiles, and differs."""
    if _topic(before) != _topic(now):
        yield f"another topic, which was {_topic(before)}"
    if before.tile != now.tile:
        yield f"tiles of {duration_text(now.tile)} in place of {duration_text(before.tile)}"
    if before.keys != now.keys or _selects(before, {k.name for k in before.keys}) != _selects(
        now, {k.name for k in now.keys}
    ):
        yield "other keys: tiles are kept by key"
    old, new = ({folded_as(each): each for each in base_columns(one)} for one in (before, now))
    if added := [new[each] for each in new if each not in old]:
        yield f"tiles lack {_named(added)}"
    if removed := [old[each] for each in old if each not in new]:
        yield f"tiles hold {_named(removed)} too, and states lie in tiles one after the other"
    inputs = {name for each in new.values() for name in (each.input, *each.buckets)} & {
        name for each in old.values() for name in (each.input, *each.buckets)
    }
    if _selects(before, inputs) != _selects(now, inputs):
        yield "inputs are other expressions"
    if [each.wheres for each in before.streamed] != [each.wheres for each in now.streamed]:
        yield "other rows are counted"
    if [(each.time, each.changed) for each in before.streamed] != [(each.time, each.changed) for each in now.streamed]:
        yield "rows lie in time otherwise"
    if before.changes and now.changes and {f.window for f in before.features} != {f.window for f in now.features}:
        yield "rows' own times are kept as finely as windows need, and that has changed"


def _group_by(snapshot: Snapshot | None, known: Definitions) -> GroupBy | None:
    found = known.of(snapshot)
    return found if isinstance(found, GroupBy) else None


def _selects(group_by: GroupBy, names: set[str]) -> list[list[tuple[str, str]]]:
    return [[(each.name, each.expression) for each in rows.selects if each.name in names] for rows in group_by.streamed]


def _named(features: Sequence[Feature]) -> str:
    told = [f"{each.operation or 'the value'} of {each.input}" for each in features]
    return told[0] if len(told) == 1 else f"{', '.join(told[:3])}{' and more' if len(told) > 3 else ''}"


def _topic(group_by: GroupBy | None) -> str:
    return group_by.topics[0] if group_by and group_by.topics else ""
