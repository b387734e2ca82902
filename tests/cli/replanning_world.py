"""A repository, its tables and its target, and everything that may happen to them between two plans."""

from __future__ import annotations

import json
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

sys.path.insert(0, str(Path(__file__).parents[1] / "soundness"))
from worlds import SOURCES, Definitions, a_join, edited, some_definitions, write_definitions, write_tables

from chronon.cli.commands.apply import Request
from chronon.cli.context import check
from chronon.cli.drafting import Asked, planned
from chronon.cli.moving import Wish, planned_move
from chronon.cli.replanning import replanning
from chronon.cli.tidying import find_sweep
from chronon.cli.views.plan_json import plan_json
from chronon.cli.waiting import NOT_AT_ALL
from chronon.loaders.config import load_config
from chronon.model.errors import ChrononError
from chronon.model.jobs import FeatureJob, Fragment, Job, LeftJob, Output, Streamed, StreamJob, Upload, UploadJob
from chronon.model.plan import Plan
from chronon.model.state import Snapshot
from chronon.model.time import Day, day_text, parse_day
from chronon.planners import Destination
from chronon.runners.cleaning import clean
from chronon.runners.deployment import Deployment, open_deployment
from chronon.runners.destroying import destroy
from chronon.runners.noting import noted_of
from chronon.runners.publish import publish
from chronon.stores.state import Done, Failed, Started
from chronon.stores.state.dump import Dump

LATER = 3_600 * 10**9
"""Nanoseconds after which the stamps of what was just written are relied on."""


class World:
    """A repository, its tables and its target, and everything that may happen to them."""

    def __init__(self, root: Path, chance: random.Random) -> None:
        self.root, self.chance = root, chance
        self.sources: dict[str, dict[str, Any]] = json.loads(json.dumps(SOURCES))
        for name in ("purchases", "visits"):
            self.sources[name]["events"]["topic"] = f"file://shop.{name}"
        self.team: dict[str, Any] = {}
        self.kept: Dump | None = None
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
        plain = {name: one for name, one in found["group_by"].items() if name != "chained"}
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
        if isinstance(plan, Plan):
            self.record(
                plan, len(plan.steps) if self.chance.random() < 0.8 else self.chance.randrange(len(plan.steps) + 1)
            )

    def record(self, plan: Plan, n_done: int) -> None:
        """The first steps of a plan as done; with all of them it is applied, else the next one has failed or was killed."""
        if plan.is_empty:
            return
        with self.deployed() as deployment:
            now, state = time.time(), deployment.state
            gates = [gate.id for gate in plan.gates]
            state.approve(plan.id, plan.base_serial, gates, who="test", reason="an edit", now=now)
            lease = state.acquire("test", lease_s=60, now=now)
            state.begin(lease, plan.id, plan_json(plan), plan.base_serial, now, noted_of(plan, deployment))
            for step in plan.steps[:n_done]:
                state.record(lease, plan.id, [Started(step=step.id, at=now)])
                state.record(lease, plan.id, [Done(step=step.id, job=step.job, output=self.output(step.job), at=now)])
            if n_done == len(plan.steps):
                publish(deployment, plan)
                state.finish(lease, plan.id, plan.environment, plan.snapshots, now)
            else:
                step = plan.steps[n_done]
                state.record(lease, plan.id, [Started(step=step.id, at=now)])
                self.output(step.job)
                if self.chance.random() < 0.5:
                    state.record(lease, plan.id, [Failed(step=step.id, error="no", at=now)])
            state.release(lease)

    def apply_whole(self) -> None:
        """All that a plan asks for."""
        plan, _told = self.reference()
        if isinstance(plan, Plan):
            self.record(plan, len(plan.steps))

    def apply_in_part(self) -> None:
        """Some of what a plan asks for, then a failure or the end of the process."""
        plan, _told = self.reference()
        if isinstance(plan, Plan) and plan.steps:
            self.record(plan, len(plan.steps) // 2)

    def elsewhere(self) -> None:
        """Somebody applies to the other environment."""
        here, self.environment = self.environment, "pr-1" if self.environment == "prod" else "prod"
        self.apply()
        self.environment = here

    def roll_back(self) -> None:
        """An environment points again at what it pointed at under some serial."""
        environment = self.chance.choice(["prod", "prod", "pr-1"])
        with self.deployed() as deployment:
            serials = [move.serial for move in deployment.state.moves(environment)]
            if serials:
                pointed = deployment.state.pointed_at(environment, self.chance.choice(serials))
                self.move(environment, pointed)

    def promote(self) -> None:
        """One environment points at what the other one points at."""
        source, to = self.chance.choice([("pr-1", "prod"), ("prod", "pr-1")])
        with self.deployed() as deployment:
            found = deployment.state.read().environments.get(source)
        if found:
            self.move(to, tuple(sorted(found.snapshots.values(), key=lambda one: one.id)))

    def move(self, environment: str, pointed: tuple[Snapshot, ...]) -> None:
        """The work of a move, all of it or some, as `promote` and `rollback` plan it."""
        destination = Destination(environment=environment, snapshots=pointed, origin="a move")
        request = Request.of(
            self.root, None, approved=True, parallelism=1, retries=0, lock_timeout=NOT_AT_ALL, as_json=False
        )
        wish = Wish(request=request, out=None, is_dry=False)
        try:
            plan = planned_move(wish, lambda _store, _state: destination)
        except ChrononError:
            return  # tables are gone that it needs
        self.record(plan, len(plan.steps) if self.chance.random() < 0.8 else len(plan.steps) // 2)

    def destroy(self) -> None:
        """An environment is taken away, seldom the one that is planned."""
        environment = "pr-1" if self.chance.random() < 0.8 else self.environment
        with self.deployed() as deployment:
            destroy(deployment, environment, why="", holder="test", clock=time.time)

    def clean(self) -> None:
        """What nobody points at is removed for good."""
        config = load_config(self.root)[0]
        assert config is not None
        with self.deployed() as deployment:
            sweep = find_sweep(deployment.state, config.target(), time.time() + 1)
            clean(deployment, sweep, lambda: sweep, what="cleaned", holder="test", clock=time.time)

    def restore(self) -> None:
        """The state is exported; or what was exported is put in its place."""
        with self.deployed() as deployment:
            if self.kept is None or self.chance.random() < 0.5:
                self.kept = deployment.state.dump()
            else:
                lease = deployment.state.acquire("test", lease_s=60, now=time.time())
                deployment.state.load(lease, self.kept, replace=True)
                deployment.state.release(lease)

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


MOVES: tuple[Callable[[World], None], ...] = (
    World.apply_whole, World.apply_in_part, World.elsewhere, World.roll_back, World.promote, World.destroy, World.clean,
)  # fmt: skip
"""What the platform itself records and writes, whoever asks for it."""

EVENTS: tuple[Callable[[World], None], ...] = (
    World.edit, World.edit, World.edit, World.edit, World.edit, World.apply, World.apply, World.apply, World.edit_source, World.edit_team,
    World.new_day, World.lose_a_day, World.other_columns, World.rewrite, World.more_events, World.lose_files, World.lose_metadata,
    World.ask_otherwise, *MOVES, World.restore,
)  # fmt: skip
