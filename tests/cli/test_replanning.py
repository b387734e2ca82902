"""A plan that remembers is the plan that does not: both are made, and compared byte for byte.

Walks through random edits of definitions, tables, topics, states and stores. What an apply would compute is recorded without
being computed: a plan reads nothing of it.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "soundness"))
from worlds import SOURCES, Definitions, a_join, edited, some_definitions, write_definitions, write_tables

from chronon.cli.context import check
from chronon.cli.drafting import Asked, planned
from chronon.cli.replanning import replanning
from chronon.cli.views.plan_json import plan_json
from chronon.cli.views.plan_text import plan_text
from chronon.loaders.config import load_config
from chronon.model.errors import ChrononError
from chronon.model.jobs import FeatureJob, Fragment, Job, LeftJob, Output, Streamed, StreamJob, Upload, UploadJob
from chronon.model.plan import Plan
from chronon.model.time import Day, day_text, parse_day
from chronon.runners.deployment import Deployment, open_deployment
from chronon.runners.noting import noted_of
from chronon.runners.publish import publish
from chronon.stores.state import Done, Started

LATER = 3_600 * 10**9
"""Nanoseconds after which the stamps of what was just written are relied on."""
WALKS = 8 * int(os.environ.get("CHRONON_EXAMPLES", "1"))
STEPS = 9


class World:
    """A repository, its tables and its target, and everything that may happen to them."""

    def __init__(self, root: Path, chance: random.Random) -> None:
        self.root, self.chance = root, chance
        self.sources: dict[str, dict[str, Any]] = json.loads(json.dumps(SOURCES))
        for name in ("purchases", "visits"):
            self.sources[name]["events"]["topic"] = f"file://shop.{name}"
        self.team: dict[str, Any] = {}
        write_tables(root, chance.randrange(4))
        for name in ("purchases", "visits"):
            (root / f"streams/shop.{name}").mkdir(parents=True)
        self.environment, self.as_of = "prod", None
        while True:
            self.definitions = self.some_definitions()
            self.write()
            if check(root).catalog is not None:
                break

    def some_definitions(self) -> Definitions:
        """Several joins with one left, so that columns are shared; often one of them with a chained group_by behind it."""
        found = some_definitions(self.chance)
        plain = [name for name in found["group_by"] if name != "chained"]
        for number in range(2, 5):
            found["join"][f"j{number}"] = a_join(self.chance, plain)
        return found

    def write(self) -> None:
        """The files as the definitions are now; those that say what they said stay untouched."""
        fresh = self.root / "fresh"
        write_definitions(fresh, self.root, self.definitions)
        for name, source in self.sources.items():
            text = json.dumps({"source": name, **source}, indent=1)
            (fresh / f"teams/shop/sources/{name}.yaml").write_text(text)
        (fresh / "teams/shop/team.yaml").write_text(json.dumps({"team": "shop", "owners": ["@shop"], **self.team}))
        files = {file.relative_to(fresh): file.read_bytes() for file in fresh.rglob("*.yaml")}
        for file in [
            file for file in (self.root / "teams").rglob("*.yaml") if file.relative_to(self.root) not in files
        ]:
            file.unlink()
        for path, content in files.items():
            target = self.root / path
            if not target.exists() or target.read_bytes() != content:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
        shutil.rmtree(fresh)

    def edit(self) -> None:
        """Some edits of group_bys and joins."""
        for _ in range(self.chance.randint(1, 2)):
            self.definitions = next(found for _name, found in islice(edited(self.chance, self.definitions), 1))

    def declare(self, edit: Callable[[], None]) -> None:
        """Edit what is declared; most of the edits that checks refuse are taken back."""
        before = self.definitions, json.dumps(self.sources), self.team
        edit()
        self.write()
        if check(self.root).catalog is None and self.chance.random() < 0.9:
            self.definitions, sources, self.team = before
            self.sources = json.loads(sources)
            self.write()

    def edit_source(self) -> None:
        """Another column, range, description; or another source of the same table."""
        chance = self.chance
        name = chance.choice(sorted(self.sources))
        kind = "entities" if "entities" in self.sources[name] else "events"
        body = self.sources[name][kind]
        match chance.randrange(6):
            case 0:
                body["columns"][f"extra{chance.randrange(3)}"] = chance.choice(["string", "long"])
            case 1:
                body["start"] = f"2024-01-0{chance.randint(1, 3)}"
            case 2:
                body.pop("start", None)
                body.pop("end", None)
            case 3:
                body["end"] = f"2024-01-0{chance.randint(5, 9)}"
            case 4:
                self.sources[name]["description"] = f"read {chance.randrange(9)} times"
            case _:
                other = json.loads(json.dumps(self.sources[name]))
                other[kind]["columns"]["missing"] = "string"
                self.sources[f"{name}_too"] = other
                self.sources.pop(f"{chance.choice(sorted(SOURCES))}_too", None)

    def edit_team(self) -> None:
        """Another owner, another start."""
        self.team = self.chance.choice([{}, {"start": "2024-01-02"}, {"owners": ["@others"]}, {"description": "x"}])

    def apply(self) -> None:
        """Everything that a plan asks for as done, or only the first part of it."""
        plan, _told = self.reference()
        if not isinstance(plan, Plan) or plan.is_empty:
            return
        steps = plan.steps if self.chance.random() < 0.8 else plan.steps[: self.chance.randrange(len(plan.steps) + 1)]
        with self.deployed() as deployment:
            now, state = time.time(), deployment.state
            gates = [gate.id for gate in plan.gates]
            state.approve(plan.id, plan.base_serial, gates, who="test", reason="an edit", now=now)
            lease = state.acquire("test", lease_s=60, now=now)
            state.begin(lease, plan.id, plan_json(plan), plan.base_serial, now, noted_of(plan, deployment))
            for step in steps:
                state.record(lease, plan.id, [Started(step=step.id, at=now)])
                state.record(lease, plan.id, [Done(step=step.id, job=step.job, output=self.output(step.job), at=now)])
            if len(steps) == len(plan.steps):
                publish(deployment, plan)
                state.finish(lease, plan.id, plan.environment, plan.snapshots, now)
            state.release(lease)

    def output(self, job: Job) -> Output:
        """What a job leaves in the state; of left rows also the folders of their days."""
        match job:
            case UploadJob():
                generation = f"g{time.time_ns()}"
                return Upload(dataset=job.dataset, day=job.day, generation=generation, keys=0, bytes=0)
            case StreamJob():
                datasets = tuple(reader.dataset for reader in job.readers)
                size = sum(file.stat().st_size for file in self.topic(job.topic.rpartition(".")[2]).glob("*.jsonl"))
                return Streamed(
                    topic=job.topic, since=job.since, datasets=datasets, events=0, tiles=0, position=size
                )  # fmt: skip
            case LeftJob():
                return tuple(self.fragment(job, day) for day in job.days)
            case FeatureJob():
                return ()
        return ()

    def fragment(self, job: LeftJob, day: Day) -> Fragment:
        path = f"left/{job.left}/ds={day_text(day)}/{time.time_ns()}.parquet"
        file = self.root / "home/warehouse" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
        return Fragment(left=job.left, day=day, columns=(), path=path, rows=0, bytes=0)

    def new_day(self) -> None:
        """A day more of one table, or of all."""
        tables = sorted((self.root / "data/shop").iterdir())
        for table in tables if self.chance.random() < 0.5 else [self.chance.choice(tables)]:
            newest = max(table.iterdir())
            day = Day((parse_day(newest.name.removeprefix("ds=")) or 0) + 1)
            shutil.copytree(newest, table / f"ds={day_text(day)}")

    def lose_a_day(self) -> None:
        """A day less of a table."""
        table = self.chance.choice(sorted((self.root / "data/shop").iterdir()))
        days = sorted(table.iterdir())
        if len(days) > 2:
            shutil.rmtree(self.chance.choice(days))

    def other_columns(self) -> None:
        """The newest file of a table lacks a column, or has another type; or is as it was."""
        table = self.chance.choice(sorted((self.root / "data/shop").iterdir()))
        days = sorted(table.iterdir())
        file = days[-1] / "part-0.parquet"
        found = pq.read_table(days[0] / "part-0.parquet") if days[0] != days[-1] else pq.read_table(file)
        if self.chance.random() < 0.5:
            place = self.chance.randrange(found.num_columns)
            found = found.remove_column(place) if self.chance.random() < 0.5 else found.set_column(
                place, found.column_names[place], pa.nulls(found.num_rows, pa.date32())
            )  # fmt: skip
        file.unlink()
        pq.write_table(found, file)

    def rewrite(self) -> None:
        """A file of some day has other rows, or is only copied."""
        table = self.chance.choice(sorted((self.root / "data/shop").iterdir()))
        file = self.chance.choice(sorted(table.glob("*/*.parquet")))
        found = pq.read_table(file)
        rows = found.slice(0, 1) if self.chance.random() < 0.7 else found
        pq.write_table(pa.concat_tables([found, rows]) if rows is not found else found, file)

    def topic(self, name: str) -> Path:
        return self.root / f"streams/shop.{name}"

    def more_events(self) -> None:
        """A topic holds more, or less."""
        file = self.topic(self.chance.choice(["purchases", "visits"])) / "0.jsonl"
        text = file.read_text() if file.exists() else ""
        file.write_text(f"{text}x\n" if self.chance.random() < 0.7 else text[2:])

    def lose_files(self) -> None:
        """The folder of a day of left rows is gone."""
        days = sorted((self.root / "home/warehouse/left").glob("*/*"))
        if days:
            shutil.rmtree(self.chance.choice(days))

    def lose_metadata(self) -> None:
        """Nothing is published any more."""
        with self.deployed() as deployment:
            deployment.kv.delete_prefix(b"m/")

    def ask_otherwise(self) -> None:
        """Another environment, or another last day."""
        self.environment = self.chance.choice(["prod", "prod", "pr-1"])
        self.as_of = self.chance.choice([None, None, parse_day("2024-01-06")])

    @contextmanager
    def deployed(self) -> Iterator[Deployment]:
        config = load_config(self.root)[0]
        assert config is not None
        with open_deployment(config) as deployment:
            yield deployment

    def reference(self) -> tuple[object, str]:
        """The plan without memory, or the code of why there is none; and the findings."""
        checked = check(self.root)
        found = "\n".join(map(str, checked.found))
        if checked.repository is None or checked.catalog is None:
            return None, found
        asked = Asked(repo=self.root, target=None, environment=self.environment, as_of=self.as_of)
        try:
            return planned((checked.repository, checked.catalog), asked)[0], found
        except ChrononError as error:
            return error.code, found

    def remembered(self, *, whole: bool, later: int = LATER) -> tuple[object, str, int | None]:
        """The same with memory, and how many objects were looked at again."""
        again = replanning(self.root, time.time_ns() + later)
        assert again is not None
        found = "\n".join(map(str, again.found))
        if again.has_errors:
            return None, found, None
        try:
            plan = again.plan(self.root, None, self.environment, self.as_of, whole=whole)
        except ChrononError as error:
            return error.code, found, None
        return plan, found, again.looked_at


EVENTS: tuple[Callable[[World], None], ...] = (
    World.edit, World.edit, World.edit, World.edit, World.apply, World.apply, World.apply, World.edit_source, World.edit_team,
    World.new_day, World.lose_a_day, World.other_columns, World.rewrite, World.more_events, World.lose_files, World.lose_metadata,
    World.ask_otherwise,
)  # fmt: skip


@pytest.fixture(autouse=True)
def own_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("CHRONON_CACHE", raising=False)


@pytest.fixture
def settled(tmp_path: Path) -> World:
    """A world in which everything is applied, and a plan has said so."""
    world = World(tmp_path / "repository", random.Random(0))
    while not isinstance(plan := world.reference()[0], Plan) or not plan.is_empty:
        world.apply()
    assert world.remembered(whole=True)[2] is None
    return world


def test_plan_when_nothing_has_changed_then_looks_at_no_object(settled: World) -> None:
    assert [settled.remembered(whole=whole)[2] for whole in (True, False)] == [0, 0]


def test_plan_when_an_object_is_edited_then_looks_at_it_and_what_it_concerns(settled: World) -> None:
    join = min(settled.definitions["join"])
    settled.definitions["join"][join]["description"] = "another"
    settled.write()

    plan, _found, looked_at = settled.remembered(whole=False)

    assert isinstance(plan, Plan)
    assert [str(change.id.name) for change in plan.changes] == [f"shop.{join}"]
    assert looked_at is not None
    assert 0 < looked_at < plan.untouched + len(plan.changes)


def test_plan_when_the_state_has_moved_then_looks_at_everything(settled: World) -> None:
    with settled.deployed() as deployment:
        deployment.state.release(deployment.state.acquire("ada", lease_s=0, now=0.0))
        deployment.state.acquire("bob", lease_s=60, now=1.0)
        assert settled.remembered(whole=False)[2] == 0  # who holds the lock is no part of a plan
        deployment.state.unlock("ada", 2.0)

    assert settled.remembered(whole=False)[2] is None


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
