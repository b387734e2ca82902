"""A plan that remembers is the plan that does not: both are made, and compared byte for byte.

Walks through random edits of definitions, tables, topics, states and stores. What an apply would compute is recorded without
being computed: a plan reads nothing of it.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from replanning_world import EVENTS, LATER, MOVES, World

from chronon.cli.context import check
from chronon.cli.recalled import Body, name_of
from chronon.cli.replanning import replanning
from chronon.cli.views.plan_json import plan_json
from chronon.cli.views.plan_text import plan_text
from chronon.model.plan import Plan

WALKS = 8 * int(os.environ.get("CHRONON_EXAMPLES", "1"))
STEPS = 9


@pytest.fixture(autouse=True)
def own_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("CHRONON_CACHE", raising=False)


def _worlds(root: Path) -> Iterator[World]:
    for seed in range(20):
        yield World(root / f"repository{seed}", random.Random(seed))


@pytest.fixture
def settled(tmp_path: Path) -> World:
    """A world in which no day is missing and everything is applied, and a plan has said so."""
    world = next(one for one in _worlds(tmp_path) if isinstance(plan := one.reference()[0], Plan) and not plan.gaps)
    while not isinstance(plan := world.reference()[0], Plan) or not plan.is_empty:
        world.apply()
    assert world.remembered(whole=True)[2] is None
    return world


def test_plan_when_nothing_has_changed_then_looks_at_no_object(settled: World) -> None:
    assert [settled.remembered(whole=whole)[2] for whole in (True, False)] == [0, 0]


def test_memory_when_everything_is_settled_then_names_every_table_that_is_read(tmp_path: Path) -> None:
    world = next(
        one for one in _worlds(tmp_path) if any("bootstrap" in each for each in one.definitions["join"].values())
    )
    while not isinstance(plan := world.reference()[0], Plan) or not plan.is_empty:
        world.apply()
    world.remembered(whole=True)

    again, catalog = replanning(world.root, time.time_ns() + LATER), check(world.root).catalog
    assert again is not None
    assert catalog is not None
    body = again.memory.read(name_of("objects", "local", "prod"), Body)

    assert body is not None
    assert {table for _kind, table, _partition, _end in body.reads} == {rows.table for rows in catalog.table_rows}


def test_plan_when_an_object_is_edited_then_looks_at_it_and_what_it_concerns(settled: World) -> None:
    join = min(settled.definitions["join"])
    settled.definitions["join"][join]["description"] = "another"
    settled.write()

    plan, _found, looked_at = settled.remembered(whole=False)

    assert isinstance(plan, Plan)
    assert [str(change.id.name) for change in plan.changes] == [f"shop.{join}"]
    assert looked_at is not None
    assert 0 < looked_at < plan.untouched + len(plan.changes)


def test_plan_when_something_was_recorded_of_no_object_then_looks_at_none(settled: World) -> None:
    with settled.deployed() as deployment:
        deployment.state.release(deployment.state.acquire("ada", lease_s=0, now=0.0))
        deployment.state.acquire("bob", lease_s=60, now=1.0)
        assert settled.remembered(whole=False)[2] == 0  # who holds the lock is no part of a plan
        deployment.state.unlock("ada", 2.0)

    assert settled.remembered(whole=False)[2] == 0


def lose_a_part(world: World) -> None:
    """Some join has a part less, of which nobody reads a feature by name."""
    for name, join in world.definitions["join"].items():
        world.definitions["join"][name] = {**join, "parts": join["parts"][:-1]}
        world.write()
        if len(join["parts"]) > 1 and check(world.root).catalog is not None:
            return
        world.definitions["join"][name] = join
    raise AssertionError("features of every part are read by name")


@pytest.mark.parametrize("move", MOVES, ids=lambda move: move.__name__)
def test_plan_after_the_platform_has_moved_looks_at_what_it_touched_alone(
    move: Callable[[World], None], settled: World
) -> None:
    settled.elsewhere()
    lose_a_part(settled)
    settled.remembered(whole=False)
    settled.chance.seed(1)  # with which the environment that is planned is not the one that is destroyed
    move(settled)

    plan, _found, looked_at = settled.remembered(whole=True)

    expected = settled.reference()[0]
    assert isinstance(expected, Plan)
    assert shown(plan) == shown(expected)
    assert looked_at is not None
    assert looked_at < len(expected.snapshots)
    assert settled.remembered(whole=True)[2] in range(looked_at + 1)


def test_plan_when_another_state_was_put_in_place_then_looks_at_everything(settled: World) -> None:
    with settled.deployed() as deployment:
        dump = deployment.state.dump()
    settled.definitions["join"].pop(max(settled.definitions["join"]))
    settled.write()
    settled.apply_whole()
    settled.remembered(whole=False)
    with settled.deployed() as deployment:
        lease = deployment.state.acquire("ada", lease_s=60, now=1.0)
        deployment.state.load(lease, dump, replace=True)

    plan, _found, looked_at = settled.remembered(whole=True)

    assert (shown(plan), looked_at) == (shown(settled.reference()[0]), None)


def test_plan_when_the_memory_is_damaged_then_is_the_one_without(settled: World, tmp_path: Path) -> None:
    expected = shown(settled.reference()[0])
    for file in (tmp_path / "cache/chronon").iterdir():
        file.write_bytes(file.read_bytes()[:-1] + b"!")

    plan, _found, looked_at = settled.remembered(whole=True)

    assert (shown(plan), looked_at) == (expected, None)


def shown(plan: object) -> object:
    """What people and programs see of a plan."""
    return (plan_json(plan), plan_text(plan)) if isinstance(plan, Plan) else plan


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(WALKS))
def test_plan_when_anything_happens_then_is_the_one_without_memory(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    world = World(tmp_path / "repository", chance)
    world.apply()
    for _ in range(STEPS):
        happened = [chance.choice(EVENTS) for _ in range(chance.randint(0, 2))]
        for event in happened:
            if event.__name__.startswith("edit"):
                world.declare(lambda event=event: event(world))  # type: ignore[misc]
            else:
                event(world)
        expected, findings = world.reference()
        told = f"after {[event.__name__ for event in happened]}"

        for whole in chance.choice([(True,), (False,), (True, False), (False, True)]):
            plan, found, _looked_at = world.remembered(whole=whole, later=chance.choice((0, LATER, LATER, LATER)))

            assert found == findings, told
            if whole or not isinstance(plan, Plan):
                assert shown(plan) == shown(expected), told
            else:
                assert isinstance(expected, Plan)
                assert (plan_text(plan), plan.id) == (plan_text(expected), expected.id), told
