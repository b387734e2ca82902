"""One target with several environments, driven by the day: what is done to them, and what can be seen of them."""

from __future__ import annotations

import shutil
import struct
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_
from pathlib import Path
from typing import Any

from cells import cells
from worlds import Definitions, write_definitions

from chronon.cli.drafting import tables_of
from chronon.cli.observing import look
from chronon.cli.tidying import find_sweep
from chronon.loaders.config import Config, load_config
from chronon.model.dayset import DaySet
from chronon.model.definitions import Catalog, Join
from chronon.model.jobs import Digest
from chronon.model.live import Observed
from chronon.model.names import Kind, ObjectId
from chronon.model.plan import Plan
from chronon.model.retention import Sweep
from chronon.model.specs import Repository
from chronon.model.state import Move, Snapshot, State
from chronon.model.time import DAY, Day, Millis
from chronon.planners import Destination, as_if_moved, make_plan, move_plan, narrowed
from chronon.planners.recorded import catalog_of
from chronon.runners.apply import World as Outside
from chronon.runners.apply import apply_plan
from chronon.runners.cleaning import clean
from chronon.runners.deployment import Deployment
from chronon.runners.destroying import destroy
from chronon.runners.training import training_rows
from chronon.schemas.wire import definition_of
from chronon.serving import Fetcher, Request
from chronon.stores.tables.sources import SourceTables
from chronon.validators import validate

DAY_S = 24 * 60 * 60.0
KEPT_DAYS = 14


class Silent:
    """Watches an apply and says nothing."""

    def __getattr__(self, _name: str) -> Any:
        return lambda *_arguments: None


class PowerCutError(Exception):
    """What stops a step or a clean half way, as a power cut would."""


class Breaking:
    """Another object, of which the nth call of some methods does not happen."""

    def __init__(self, inner: Any, methods: tuple[str, ...], nth: int) -> None:
        self._inner, self._methods, self._left = inner, methods, nth

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name not in self._methods:
            return found

        def call(*arguments: Any, **options: Any) -> Any:
            self._left -= 1
            if self._left == 0:
                raise PowerCutError(name)
            return found(*arguments, **options)

        return call


@dataclass
class World:
    """A target, and a clock that only the test moves."""

    root: Path
    tables: Path
    deployment: Deployment
    now: float = 1_000_000.0

    @property
    def state(self) -> State:
        return self.deployment.state.read()

    @property
    def config(self) -> Config:
        config, _found = load_config(self.root)
        assert config is not None
        return config

    def clock(self) -> float:
        self.now += 1.0
        return self.now

    def declare(self, definitions: Definitions) -> tuple[Repository, Catalog] | None:
        """What the definitions say; None when a check refuses them."""
        shutil.rmtree(self.root / "teams", ignore_errors=True)
        write_definitions(self.root, self.tables, definitions)
        repository, catalog, _found = validate(self.root)
        return (repository, catalog) if catalog is not None else None

    def apply(self, environment: str, declared: tuple[Repository, Catalog], as_of: Day, *, breaks_at: int = 0) -> Plan:
        """Plan the files for an environment, and apply them. breaks_at: the job that is not done, and ends it."""
        repository, catalog = declared
        available = SourceTables(self.config.tables).availability(tables_of(catalog))
        seen = self._seen(self.state, environment)
        plan = make_plan(
            catalog, repository, self.state, available, environment=environment, as_of=as_of, observed=seen
        )
        self.carry_out(plan, breaks_at=breaks_at)
        return plan

    def promote(self, source: str, to: str, selected: Collection[ObjectId] | None = None) -> Plan:
        pointed = self.state.environment(source).snapshots
        (move,) = self.deployment.state.moves(source, 1)
        snapshots = tuple(pointed[identity] for identity in sorted(pointed))
        whole = Destination(environment=to, snapshots=snapshots, origin=f"promote {source}", as_of=move.as_of)
        deployed = self.state.environment(to).snapshots
        return self._move(whole if selected is None else narrowed(whole, deployed, selected))

    def rollback(self, move: Move) -> Plan:
        snapshots = self.deployment.state.pointed_at(move.environment, move.serial)
        return self._move(
            Destination(
                environment=move.environment,
                snapshots=snapshots,
                origin=f"rollback to serial {move.serial}",
                as_of=move.as_of,
                goes_on=False,
                cleaned=move.cleaned,
            )
        )

    def destroy(self, environment: str) -> None:
        destroy(self.deployment, environment, why="", holder="test", clock=self.clock)

    def clean(self, kept_days: float = KEPT_DAYS, *, breaks_at: int = 0) -> Sweep:
        """breaks_at: the removal of values or files that does not happen, and ends it."""
        store = self.deployment.state
        sweep = find_sweep(store, self.config.target(), self.clock() - kept_days * DAY_S)
        deployment = self.deployment
        if breaks_at:
            kv = Breaking(deployment.kv, ("delete_prefix",), breaks_at)
            state = Breaking(store, ("swept",), 1 if breaks_at % 2 else 2)
            deployment = replace(deployment, kv=kv, state=state)
        clean(deployment, sweep, lambda: sweep, what="cleaned", holder="test", clock=self.clock)
        return sweep

    def carry_out(self, plan: Plan, *, breaks_at: int = 0) -> None:
        """Apply a plan; everything in it that needs an approval has one."""
        if plan.is_empty:
            return
        gates, deployment = [gate.id for gate in plan.gates], self.deployment
        deployment.state.approve(plan.id, plan.base_serial, gates, who="test", reason="random", now=self.now)
        if breaks_at:
            engine = Breaking(deployment.engine(), ("run", "upload"), breaks_at)
            deployment = replace(deployment, engine=lambda: engine)
        apply_plan(deployment, plan, holder="test", observer=Silent(), world=Outside(clock=self.clock))

    def _move(self, destination: Destination) -> Plan:
        catalog, state = catalog_of(destination.snapshots), self.state
        available = SourceTables(self.config.tables).availability(tables_of(catalog))
        moved = as_if_moved(state, destination.environment, destination.snapshots)
        seen = self._seen(moved, destination.environment)
        plan = move_plan(destination, state, available, held={}, observed=seen)
        self.carry_out(plan)
        return plan

    def _seen(self, state: State, environment: str) -> Observed:
        config = self.config
        tables = SourceTables(config.tables)
        return look(self.deployment.state, state, config.target(), tables, environment, {}, thorough=False)


@dataclass(frozen=True)
class Seen:
    """What readers of an environment find. days: of each join, those that its rows were read for.

    fetched: name → the values that are served at a moment shortly after a day.
    """

    days: Mapping[str, DaySet]
    rows: Mapping[str, bytes]
    fetched: Mapping[str, object]


def see(world: World, environment: str, as_of: Day, days: Mapping[str, DaySet] | None = None) -> Seen:
    """Every training row and served value. days: of each join, the days to read; None reads all that it asks for."""
    snapshots = world.state.environment(environment).snapshots
    joins = {str(each.id): each for each in snapshots.values() if each.id.kind is Kind.JOIN}
    read = {name: computed(world.state, each, as_of) for name, each in joins.items()} if days is None else days
    return Seen(
        days=read,
        rows={name: _rows(world.deployment, environment, name, read[name]) for name in joins if read[name]},
        fetched=_fetched(world, environment, as_of, [str(each.id) for each in snapshots.values() if each.serving]),
    )


def computed(state: State, join: Snapshot, as_of: Day) -> DaySet:
    """The days on which every column of a join is there, of those that it asks for up to a day."""
    left, definition = join.left or Digest(""), definition_of(join)
    assert isinstance(definition, Join)
    first = definition.start if definition.start is not None else Day(0)
    asked = DaySet.span(first, as_of) if first <= as_of else DaySet()
    return asked & reduce(and_, (state.computed.get((left, one), DaySet()) for one in {left, *join.columns.values()}))


def _rows(deployment: Deployment, environment: str, name: str, days: DaySet) -> bytes:
    return cells(training_rows(deployment, environment, name, days))


def _fetched(world: World, environment: str, as_of: Day, names: list[str]) -> dict[str, object]:
    fetcher = Fetcher(world.deployment.kv, environment)
    moment = Millis((as_of + 1) * DAY + DAY // 3)
    others = {"category": "book", "total": 2.5}
    asked = [Request(keys={"user": f"u{n}", "card": f"c{n % 2}", **others}, at=moment) for n in range(4)]
    return {
        name: [
            (sorted(vector.statuses), bits(dict(sorted(vector.values.items()))))
            for vector in fetcher.fetch(name, asked)
        ]
        for name in names
    }


def bits(value: object) -> object:
    """A served value, floats as their bits."""
    if isinstance(value, float):
        return struct.pack(">d", value)
    if isinstance(value, list | tuple):
        return tuple(map(bits, value))
    if isinstance(value, dict):
        return tuple((key, bits(one)) for key, one in value.items())
    return value
