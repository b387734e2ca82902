"""What a plan leaves to the next one: the world that it was made in, what it said, and which objects are settled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from chronon.cli.recalled import (
    Body,
    Entry,
    Head,
    Read,
    Told,
    World,
    entry_of,
    mark_of,
    nothing_to_do,
    read_of,
)
from chronon.cli.worlds import Question
from chronon.model.definitions import Catalog, GroupBy, Join, Rows
from chronon.model.jobs import Digest
from chronon.model.names import ObjectId
from chronon.model.plan import Plan, PlanId
from chronon.model.savepoints import Savepoints
from chronon.model.specs import Repository
from chronon.model.state import Snapshot, State
from chronon.planners.planning import Meant, goal_of, start_of
from chronon.planners.settled import Rest, settled_of
from chronon.planners.snapshots import content_of
from chronon.schemas.wire import to_json
from chronon.validators.closures import Closures

if TYPE_CHECKING:
    from chronon.cli.replanning import Replanning


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What is looked at again, and what is left out.

    rest: path → settled object that is left out.  reads: what entries refer to.  published: see Body.
    """

    repository: Repository
    catalog: Catalog
    meaning: Meant
    rest: Mapping[str, Entry] = field(default_factory=dict)
    reads: Sequence[Read] = ()
    published: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A plan, and what it was made of besides documents.

    rest:     what is left out, with the digest of all that is deployed.
    deployed: what is not of the rest.  numbers: object → row of its deployed snapshot.  savepoints: see Observed.
    """

    plan: Plan
    world: World
    rest: Rest
    state: State
    deployed: Mapping[ObjectId, Snapshot]
    numbers: Mapping[ObjectId, int]
    savepoints: Savepoints


def remember(again: Replanning, closures: Closures, asked: Question, made: Made, part: Part) -> None:
    """Leave a plan to the next one."""
    plan, numbers = made.plan, made.numbers
    mark = mark_of(again.documents, made.world)
    entries = _Entries(dict(part.rest), {read: place for place, read in enumerate(part.reads)})
    settled = settled_of(plan, part.meaning.digests, part.meaning.snapshots, made.deployed)
    definitions: dict[ObjectId, GroupBy | Join] = {**part.catalog.group_bys, **part.catalog.joins}
    for identity, one in settled.items():
        if identity in numbers:
            places = entries.places(_read_by(definitions[identity]))
            entries.settled[closures.survey.paths[identity]] = entry_of(one, numbers[identity], places)
    kept = {entry.number for entry in entries.settled.values()}
    others = tuple(number for number in numbers.values() if number not in kept)
    body = Body(mark, closures.keys, entries.settled, others, tuple(entries.reads), dict(part.published))
    contents = [*map(content_of, part.meaning.snapshots), *(Digest(one.content) for one in part.rest.values())]
    n_objects = len(contents)
    bare = replace(plan, id=PlanId(""), snapshots=())
    is_silent = bare == nothing_to_do(plan.environment, plan.base_serial, plan.as_of, plan.revision, plan.untouched)
    told = Told(
        id=plan.id,
        revision=plan.revision,
        base=made.rest.base or "",
        start=start_of(plan, made.rest.base or Digest(""), made.state),
        goal=goal_of(contents),
        said="" if is_silent else to_json(bare),
        serial=plan.base_serial,
        untouched=plan.untouched,
        is_whole=len(entries.settled) == n_objects and not others,
    )
    again.memory.write(asked.name("objects"), body)
    again.memory.write(asked.name("plan"), Head(again.documents, made.world, told, mark))


@dataclass(slots=True)
class _Entries:
    """Settled objects by path, and everything that they read: read → its place among all."""

    settled: dict[str, Entry]
    reads: dict[Read, int] = field(default_factory=dict)

    def places(self, rows: Iterable[Rows]) -> list[int]:
        """The places of what an object reads."""
        return sorted({self.reads.setdefault(read_of(one), len(self.reads)) for one in rows})


def _read_by(definition: GroupBy | Join) -> Iterable[Rows]:
    """What a definition reads of tables."""
    return (one for one in definition.inputs if one.join is None)
