"""Plans that are made: of everything, or of what is not settled; and what each leaves to the next one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from chronon.cli.continuing import savepoints_for
from chronon.cli.drafting import tables_of
from chronon.cli.measuring import measured
from chronon.cli.observing import look, tables_to_look_at
from chronon.cli.recalled import (
    Body,
    Head,
    Held,
    World,
    read_of,
    rows_of,
)
from chronon.cli.remembering import Made, Part, remember
from chronon.cli.standing import (
    kv_to_remember,
    look_again,
    marks_to_remember,
    published_now,
    stamps_to_remember,
    standing,
)
from chronon.cli.worlds import Question, Since, kv_mark, lefts_of, topics_of
from chronon.loaders.memory import Memory
from chronon.model.errors import ChrononError
from chronon.model.jobs import Digest
from chronon.model.names import ObjectId
from chronon.model.plan import Plan
from chronon.model.state import Snapshot, State
from chronon.planners import default_as_of, make_plan
from chronon.planners.advice import read_in
from chronon.planners.days import last_complete
from chronon.planners.planning import base_of, fingerprints_of, meaning_of
from chronon.planners.settled import Rest, concerned_by, made_by
from chronon.planners.unsettled import further, unsettled, with_sources
from chronon.stores.state import StateStore
from chronon.stores.tables.sources import SourceTables
from chronon.stores.tables.watched import Stamp, watched
from chronon.validators.closures import Closures
from chronon.validators.review import declared

if TYPE_CHECKING:
    from chronon.cli.replanning import Replanning

MOVED = "CHR-S024"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
    """What a plan in part goes out from.

    before: the world in which the rest was settled.  world: it with what is known of today before anything is looked at.
    base:   digest of all that the environment points at.
    """

    since: Since
    before: World
    world: World
    base: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """One plan of a repository whose findings are known."""

    again: Replanning
    store: StateStore
    asked: Question

    def of_everything(self, head: Head | None) -> Plan:
        """The plan of all that is declared. head: what is remembered of tables is taken from it. Errors: those of a plan."""
        asked, closures, self.again.looked_at = self.asked, self._closures(), None
        repository, catalog = declared(closures, sorted(closures.keys), self.again.revision)
        meaning = meaning_of(catalog, repository)
        marks = self.store.mark(), kv_mark(asked.target)
        state = self.store.read()
        deployed = state.environment(asked.environment).snapshots
        lefts = lefts_of(asked.target.warehouse, {one.left for one in deployed.values() if one.left is not None})
        plain = SourceTables(asked.config.tables)
        observed = look(self.store, state, asked.target, plain, asked.environment, {}, thorough=False)
        tables = watched(asked.config.tables, catalog.table_rows, head.world.tables if head else {}, self.again.begun)
        marked = {name: tables.stamp(name) for name, _column in self.store.marks()}
        available = tables.availability(tables_of(catalog))
        until = default_as_of(catalog, state, available) if asked.as_of is None else asked.as_of
        topics = topics_of(catalog.topics, asked.config.streams)
        savepoints = savepoints_for(state, asked.target, asked.config.streams)
        plan = make_plan(
            catalog,
            repository,
            state,
            available,
            environment=asked.environment,
            as_of=asked.as_of,
            held=_held(topics),
            observed=replace(
                observed,
                tables=tables.live(tables_to_look_at(catalog.table_rows, until)),
                savepoints=savepoints,
            ),
            meaning=meaning,
        )
        plan = measured(plan, self.store, state, plain, (asked.config.streams, savepoints))
        is_sure = all((*marked.values(), *(one.stamp for one in tables.seen.values())))
        is_whole = not (observed.emptied or observed.unseen or observed.corrected or observed.rewritten)
        published = published_now(asked)
        if is_sure and is_whole and _is_plain(plan) and marks == (self.store.mark(), kv_mark(asked.target)):
            lefts = stamps_to_remember(lefts, (left for left, _column in observed.lost), self.again.begun)
            kv = kv_to_remember(marks[1], plan.drift)
            world = World(asked.told, marks[0], kv, lefts, tables.seen, marked, topics, until)
            base, numbers = (
                base_of(fingerprints_of(state.environment(asked.environment))),
                self.store.rows(asked.environment),
            )
            part = Part(repository=repository, catalog=catalog, meaning=meaning, published=published)
            made = Made(
                plan=plan,
                world=world,
                rest=Rest(base=base),
                state=state,
                deployed=deployed,
                numbers=numbers,
                savepoints=savepoints,
            )
            remember(self.again, closures, asked, made, part)
        return plan

    def in_part(self, head: Head, since: Since) -> Plan | None:
        """The plan of what is not settled, as if it were of everything; None when only everything can tell.

        since: how the world of the head differs from that of now.
        """
        body = self.again.memory.read(self.asked.name("objects"), Body)
        if body is None or body.mark != head.mark:
            return None
        closures = self._closures()
        body = standing(body, since, closures, self.asked)
        ground = self._ground(head, since)
        if ground is None:
            return None
        paths = unsettled(closures, body.keys, body.settled)
        documents = closures.within(with_sources(closures, paths))
        while True:
            part = self._part(closures, documents, body)
            made = self._made(part, body, ground)
            if made is None or not _is_plain(made.plan):
                return None
            paths |= further(closures, *_beside(made, part)) | _teams_of_removed(made.plan, part, closures)
            before, documents = documents, closures.within(with_sources(closures, paths))
            if documents == before:
                break
        if self.store.mark() != since.state.mark or (since.is_moved and kv_mark(self.asked.target) != since.kv):
            return None
        self.again.looked_at = len(part.meaning.snapshots)
        plain, there = SourceTables(self.asked.config.tables), (self.asked.config.streams, made.savepoints)
        plan = measured(
            made.plan, self.store, made.state, plain, there, rest=made.rest, columns=since.tables.column_sizes
        )
        made = replace(made, plan=plan)
        remember(self.again, closures, self.asked, made, part)
        return _filled(made.plan, part, self.store) if self.asked.whole else made.plan

    def _ground(self, head: Head, since: Since) -> _Ground | None:
        """What the plan of every part goes out from; None when days of tables are not those that were marked since."""
        marked = marks_to_remember(self.store, since, head.world, SourceTables(self.asked.config.tables))
        if marked is None:
            return None
        is_pointed = bool(since.state.came or since.state.gone)
        base = base_of(self.store.fingerprints(self.asked.environment)) if is_pointed else Digest(head.told.base)
        world = msgspec.structs.replace(head.world, marked=marked, state=since.state.mark)
        return _Ground(since=since, before=head.world, world=world, base=base)

    def _closures(self) -> Closures:
        found = self.again.known_closures()
        if found is None:
            raise ChrononError(MOVED, "the files were changed while they were read", "run the command again")
        return found

    def _part(self, closures: Closures, documents: Sequence[str], body: Body) -> Part:
        repository, catalog = declared(closures, documents, self.again.revision)
        inside = {closures.survey.paths[identity] for identity in (*catalog.group_bys, *catalog.joins)}
        rest = {
            path: entry for path, entry in body.settled.items() if path in closures.keys and path not in inside
        }  # fmt: skip
        meaning = meaning_of(catalog, repository)
        return Part(
            repository=repository,
            catalog=catalog,
            meaning=meaning,
            rest=rest,
            reads=body.reads,
            published=body.published,
        )

    def _made(self, part: Part, body: Body, ground: _Ground) -> Made | None:
        """The plan of a part; None when the part moves what the rest was settled in."""
        asked, catalog, tables = self.asked, part.catalog, ground.since.tables
        used = {place for entry in part.rest.values() for place in entry.reads}
        read = {body.reads[place] for place in used} | set(map(read_of, catalog.table_rows))
        rows = [rows_of(one) for one in sorted(read, key=repr)]
        if not rows:
            return None
        seen = tables.with_rows(rows)
        if seen is None:
            return None
        available = seen.availability(sorted({one.table for one in rows}))
        until = last_complete(rows, available) if asked.as_of is None else asked.as_of
        live = seen.live(tables_to_look_at(rows, until))
        if until != ground.before.until or any(
            seen.seen[name].until != one.until for name, one in tables.seen.items() if name in seen.seen
        ):
            return None
        topics = topics_of(catalog.topics, asked.config.streams)
        rest = Rest(base=ground.base, contents=[Digest(entry.content) for entry in part.rest.values()])
        numbers = self._rows(part, body)
        state = self._state(part, numbers)
        savepoints = savepoints_for(state, asked.target, asked.config.streams)
        deployed = state.environment(asked.environment).snapshots
        looked = look_again(self.store, state, asked, ground.since, ground.before)
        if len(deployed) != len(numbers) or looked is None:
            return None
        plan = make_plan(
            catalog,
            part.repository,
            state,
            available,
            environment=asked.environment,
            as_of=until,
            held=_held(topics),
            observed=replace(looked.observed, tables=live, savepoints=savepoints),
            meaning=part.meaning,
            rest=rest,
        )
        world = msgspec.structs.replace(
            ground.world,
            kv=kv_to_remember(ground.since.kv, plan.drift),
            lefts=_lefts(ground, part, deployed, looked.lefts),
            tables={**tables.seen, **seen.seen},
            topics={**ground.world.topics, **topics},
        )
        return Made(
            plan=plan,
            world=world,
            rest=rest,
            state=state,
            deployed=deployed,
            numbers=dict(zip(deployed, numbers, strict=True)),
            savepoints=savepoints,
        )

    def _rows(self, part: Part, body: Body) -> list[int]:
        """The rows of all that is deployed but for what is left out."""
        mine = [entry.number for path, entry in body.settled.items() if path not in part.rest]
        return sorted((*mine, *body.others))

    def _state(self, part: Part, numbers: Sequence[int]) -> State:
        """What is recorded of what is looked at again."""
        wanted = part.meaning.snapshots
        stored: dict[Digest, set[Digest]] = {}
        for join in part.meaning.digests.joins.values():
            stored.setdefault(join.left, set()).update(join.stored)
        datasets = {dataset for one in wanted for dataset in (one.serving, one.stream) if dataset is not None}
        return self.store.part(self.asked.environment, numbers, stored, datasets)


def with_snapshots(plan: Plan, memory: Memory, store: StateStore, asked: Question, head: Head) -> Plan | None:
    """A plan in which every object is settled, with all snapshots: those that are deployed. None when they are not known."""
    body = memory.read(asked.name("objects"), Body)
    if body is None or body.mark != head.mark:
        return None
    return _with(plan, store.numbered([entry.number for entry in body.settled.values()]))


def _beside(made: Made, part: Part) -> tuple[set[str], set[ObjectId]]:
    """The documents of what is left out and shares what is made or given up; the objects that deployed snapshots of what differs name."""
    differ = {change.id for change in made.plan.changes}
    before = [made.deployed[identity] for identity in differ & made.deployed.keys()]
    given_up = {one.stream for one in before if one.stream is not None}
    if not made.plan.steps and not given_up:
        return set(), {read for one in before for read in read_in(one)}
    concerned = set(concerned_by(made_by(made.plan.steps, given_up), part.rest))
    return concerned, {read for one in before for read in read_in(one)}


def _lefts(
    ground: _Ground, part: Part, deployed: Mapping[ObjectId, Snapshot], looked: Mapping[str, Stamp]
) -> dict[str, Stamp]:
    """The stamps of all lefts that are deployed: those that were looked at, and those that nobody has touched."""
    kept = {*(one.left for one in part.rest.values()), *(one.left for one in deployed.values())}
    kept -= ground.since.lefts.keys()
    return {left: stamp for left, stamp in ground.before.lefts.items() if left in kept} | dict(looked)


def _teams_of_removed(plan: Plan, part: Part, closures: Closures) -> set[str]:
    """The documents of the teams that are asked about what is not declared any more."""
    declared_now = {snapshot.id for snapshot in part.meaning.snapshots}
    teams = {gate.object.name.team for gate in plan.gates if gate.object not in declared_now}
    return {closures.teams[team] for team in teams if team in closures.teams}


def _filled(plan: Plan, part: Part, store: StateStore) -> Plan:
    """The plan with the snapshots of what was left out: they are deployed as they are declared."""
    return _with(plan, store.numbered([entry.number for entry in part.rest.values()]))


def _with(plan: Plan, more: Iterable[Snapshot]) -> Plan:
    return replace(plan, snapshots=tuple(sorted((*plan.snapshots, *more), key=lambda one: one.id)))


def _is_plain(plan: Plan) -> bool:
    """Whether all that a plan says, it says of objects that differ, lack something or are not as recorded."""
    return not (plan.upstream or plan.excluded or plan.corrected)


def _held(topics: Mapping[str, Held | None]) -> dict[str, int]:
    return {name: held[0] for name, held in topics.items() if held is not None}
