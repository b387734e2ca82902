"""Whatever is done to one environment, readers of the others find what they found before, bit by bit.

Random sequences of applies, promotions, rollbacks, destructions and cleans, some of them cut short, over random repositories.
"""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import pytest
from environments import DAY_S, KEPT_DAYS, PowerCutError, Seen, World, see
from test_soundness import EXAMPLES, SEED
from worlds import FIRST, N_DAYS, Definitions, edited, some_definitions, write_definitions, write_tables

from chronon.loaders.config import load_config
from chronon.model.definitions import Catalog
from chronon.model.errors import ChrononError
from chronon.model.names import Kind
from chronon.model.specs import Repository
from chronon.model.state import DESTROYED
from chronon.model.time import Day
from chronon.planners.retention import retained
from chronon.planners.selection import TORN
from chronon.runners.deployment import open_deployment
from chronon.stores.state.contract import PlanStatus

SEQUENCES = max(1, EXAMPLES // 50)
LENGTH = 14
NAMES = ("prod", "pr-1", "pr/2")


@dataclass
class Told:
    """What readers of each environment were shown by its last move, and of each serial."""

    world: World
    chance: random.Random
    definitions: dict[str, Definitions] = field(default_factory=dict)
    seen: dict[str, tuple[Day, Seen]] = field(default_factory=dict)
    past: dict[tuple[str, int], tuple[Day, Seen]] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)

    def note(self, name: str, as_of: Day) -> None:
        self.seen[name] = (as_of, see(self.world, name, as_of))
        self.past[name, self.world.state.environment(name).serial] = self.seen[name]

    def is_as_uploaded(self, name: str, as_of: Day) -> bool:
        """Whether the newest values of everything that is served are of a day: then a fetch shortly after it finds them."""
        state = self.world.state
        served = [each.serving for each in state.environment(name).snapshots.values() if each.serving in state.uploads]
        return all(state.uploads[each] == as_of for each in served if each is not None)

    def check(self) -> None:
        """Every environment shows what it did after its last move."""
        for name, (as_of, before) in self.seen.items():
            now = see(self.world, name, as_of, before.days)
            assert now == before, f"{name} shows something else after {', '.join(self.done)}"


def apply(told: Told) -> None:
    name, world = told.chance.choice(NAMES), told.world
    as_of = Day(FIRST + told.chance.randint(3, N_DAYS - 1))
    definitions, declared = some(told, name)
    if told.chance.random() < 0.3:
        with suppress(PowerCutError):
            told.done.append(f"broken apply of {name}")
            plan = world.apply(name, declared, as_of, breaks_at=told.chance.randint(1, 4))
            told.note(name, plan.as_of)
            return
        broken = world.deployment.state.history(1)[0]
        if told.chance.random() < 0.5:
            world.clean(0)
        told.check()
        if told.chance.random() < 0.3:
            return
        plan = world.apply(name, declared, as_of)
        assert len(plan.steps) <= broken.total - broken.done, "what was done is not done again"
    else:
        told.done.append(f"apply of {name}")
        plan = world.apply(name, declared, as_of)
    told.definitions[name] = definitions
    told.note(name, as_of)


def promote(told: Told) -> None:
    names = sorted(told.seen)
    source, to = told.chance.choice(names), told.chance.choice(NAMES)
    if source == to or not told.world.state.environment(source).snapshots:
        return
    told.done.append(f"promotion of {source} to {to}")
    as_of, shown = told.seen[source]

    plan = told.world.promote(source, to)

    assert plan.steps == (), "what was computed for one is there for the other"
    told.definitions[to] = told.definitions.get(source, {})
    told.note(to, as_of)
    now = see(told.world, to, as_of, shown.days)
    assert now.rows == shown.rows
    assert now == shown or not told.is_as_uploaded(to, as_of)


def promote_in_part(told: Told) -> None:
    """Some of the objects, as they come; what would be torn apart is refused and moves nothing."""
    names = sorted(told.seen)
    source, to = told.chance.choice(names), told.chance.choice(NAMES)
    state = told.world.state
    wanted, before = state.environment(source).snapshots, state.environment(to).snapshots
    if source == to or not wanted or to not in told.seen:
        return
    known = sorted(wanted.keys() | before.keys())
    selected = told.chance.sample(known, told.chance.randint(1, len(known)))
    told.done.append(f"promotion of {', '.join(map(str, selected))} of {source} to {to}")
    as_of, shown = told.seen[source]

    try:
        plan = told.world.promote(source, to, selected)
    except ChrononError as error:
        if error.code != TORN:
            raise
        return

    assert plan.steps == (), "what was computed for one is there for the other"
    after = told.world.state.environment(to).snapshots
    assert all(after.get(each) == (wanted if each in selected else before).get(each) for each in known)
    _, shown_before = told.seen[to]
    told.note(to, as_of)
    for each in (str(one) for one in after if one.kind is Kind.JOIN):
        origin = shown if each in map(str, selected) else shown_before
        now = see(told.world, to, as_of, origin.days)
        assert now.rows.get(each) == origin.rows.get(each)


def rollback(told: Told) -> None:
    moves = [move for move in told.world.deployment.state.moves() if (move.environment, move.serial) in told.past]
    if not moves:
        return
    move = told.chance.choice(moves)
    as_of, shown = told.past[move.environment, move.serial]
    told.done.append(f"rollback of {move.environment} to {move.serial}")

    plan = told.world.rollback(move)

    if move.cleaned is None:
        assert plan.steps == (), "what was not cleaned is still there"
    told.note(move.environment, as_of)
    now = see(told.world, move.environment, as_of, shown.days)
    assert now.rows == shown.rows
    assert now == shown or not told.is_as_uploaded(move.environment, as_of)


def destroy(told: Told) -> None:
    name = told.chance.choice(sorted(told.seen))
    told.done.append(f"end of {name}")
    told.world.destroy(name)
    del told.seen[name]
    assert name not in told.world.state.environments


def clean(told: Told) -> None:
    world, kept_days = told.world, told.chance.choice([0, 3, KEPT_DAYS])
    moves = world.deployment.state.moves()
    kept = {(move.environment, move.serial) for move in retained(moves, world.now + 1.0 - kept_days * DAY_S)}
    breaks_at = told.chance.choice([0, 0, 1, 2, 3])
    told.done.append(f"clean of {kept_days} days" + (", broken" if breaks_at else ""))
    with suppress(PowerCutError):
        world.clean(kept_days, breaks_at=breaks_at)

    lost = {(move.environment, move.serial) for move in world.deployment.state.moves() if move.cleaned is not None}
    lost_before = {(move.environment, move.serial) for move in moves if move.cleaned is not None}
    assert not (lost - lost_before) & kept
    if not breaks_at:
        assert world.clean(kept_days).is_empty
        store = world.deployment.state
        if store.history(1)[0].status is not PlanStatus.APPLYING:
            assert store.unrecorded(sorted(files_of(world))) == frozenset(), "nothing lies there that nobody knows of"


def some(told: Told, name: str) -> tuple[Definitions, tuple[Repository, Catalog]]:
    """Definitions that the checks accept: new ones, or those of some environment with an edit."""
    while True:
        known = told.definitions.get(told.chance.choice([name, "prod"])) if told.chance.random() < 0.9 else None
        candidates = edited(told.chance, known) if known else iter([("new", some_definitions(told.chance))])
        for _edit, definitions in islice(candidates, 20):
            if declared := told.world.declare(definitions):
                return definitions, declared


OPERATIONS = (apply, apply, apply, promote, promote_in_part, rollback, rollback, destroy, clean, clean)


@contextmanager
def a_world(tables: Path, number: int) -> Iterator[World]:
    """A target in memory where there is room for it: each operation syncs many small files."""
    memory = Path("/dev/shm")  # noqa: S108 - a name of its own is made in it
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        root = Path(folder)
        write_definitions(root, tables, some_definitions(random.Random(number)))
        config, _found = load_config(root)
        assert config is not None
        with open_deployment(config) as deployment:
            yield World(root=root, tables=tables, deployment=deployment)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(SEQUENCES))
def test_environments_when_others_come_and_go_then_show_what_they_showed(number: int, tmp_path: Path) -> None:
    chance = random.Random(f"{SEED}/environments/{number}")
    write_tables(tmp_path, number % 4)
    with a_world(tmp_path, number) as world:
        told = Told(world, chance)
        apply(told)
        for operation in chance.choices(OPERATIONS, k=LENGTH):
            world.now += chance.choice([0, 1, 5, 10]) * DAY_S
            if told.seen:
                operation(told)
            else:
                apply(told)
            told.check()
        assert recorded_files(world) <= files_of(world)

        for name in sorted(world.state.environments):
            world.destroy(name)
        unfinished = world.deployment.state.history(1)[0].status.value == "applying"
        if not unfinished:
            world.clean(0)
            assert files_of(world) == set()
            assert list(world.deployment.kv.scan(b"")) == []
            state = world.state
            assert (state.computed, state.uploads, state.streams, state.environments) == ({}, {}, {}, {})
        assert world.deployment.state.verify_log() is None
        assert {move.what for move in world.deployment.state.moves()} >= {DESTROYED} or not told.past


def files_of(world: World) -> set[str]:
    root = world.deployment.warehouse.root
    return {file.relative_to(root).as_posix() for file in root.glob("left/**/*.parquet")}


def recorded_files(world: World) -> set[str]:
    store, state = world.deployment.state, world.state
    return {
        fragment.path
        for (left, column), days in state.computed.items()
        for fragment in store.fragments(left, {column}, days)
    }
