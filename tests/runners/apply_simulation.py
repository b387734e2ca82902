"""Several applies of one target in one process, with a clock that is turned by hand: who acts next is drawn by a seed.

Each applier is a thread, but only one runs at a time, up to its next *point*: before and after every transaction of the
state, every write of the KV store and every word with the cluster. There the simulation may let another one act, let this
one stand still for minutes, kill it, or lose the reply of what it just did. Everything between the points is the real thing: lock, lease,
journal, schedule, fence, publishing, SQL. Hosts have clocks of their own, some of them wrong by minutes.
"""

from __future__ import annotations

import random
import sqlite3
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from apply_world import Silent, a_plan, a_target, a_web

from chronon.model.errors import ChrononError, InvariantError
from chronon.model.jobs import Output
from chronon.model.plan import Plan, Step
from chronon.runners.apply import Manner, World, apply_plan
from chronon.runners.hands import Event, Task, do
from chronon.runners.runner import JobId, Runner, Tell
from chronon.stores.kv import open_kv
from chronon.stores.kv.layout import FENCE
from chronon.stores.state.contract import Lease, LogKind
from chronon.stores.state.database import _make_tables, _transaction
from chronon.stores.state.store import SqlState

N_STEPS = 7
RESET = "the Spark job failed: Py4JError: java.net.SocketException: Connection reset"


class Killed(BaseException):
    """The process is gone: nothing that it would still do happens."""


class Memory:
    """A database that several appliers share; each of its handles stops at its applier's points."""

    def __init__(self, connection: sqlite3.Connection, applier: Applier) -> None:
        self._connection, self._applier = connection, applier

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        with _transaction(self._connection, "BEGIN") as db:
            yield db

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        self._applier.point()
        with _transaction(self._connection, "BEGIN IMMEDIATE") as db:
            yield db
            self._applier.check_holds(db)
        self._applier.point()
        self._applier.lose("CHR-K124")

    def close(self) -> None:
        """The simulation closes it."""


@dataclass(frozen=True, slots=True)
class Submission:
    """By whom, who may have lost the lock by then, and when: the cluster counts what happens to jobs."""

    who: str
    is_holder: bool
    move: int


@dataclass(slots=True)
class Cluster:
    """Takes every job once, by its id, and never forgets one. asked: the last move at which somebody asked about a job."""

    submitted: dict[str, Submission] = field(default_factory=dict)
    asked: dict[tuple[str, str], int] = field(default_factory=dict)
    _moves: int = 0

    def move(self) -> int:
        self._moves += 1
        return self._moves


class Applier:
    """One apply on some host. token: of its lease, once it has one."""

    def __init__(self, simulation: Simulation, name: str, plan: Plan, host: int, *, is_faultless: bool = False) -> None:
        self.simulation, self.name, self.plan, self.host = simulation, name, plan, host
        self.is_faultless = is_faultless
        self.token = 0
        self.wakes = 0.0
        self.is_dead = self.is_over = False
        self.outcome = ""
        self.beat: tuple[float, Callable[[], object]] | None = None
        self.leased = 0
        self.is_recording = False
        self._go = threading.Semaphore(0)
        self._thread = threading.Thread(target=self._run, daemon=True)

    def step(self) -> None:
        """Let it act up to its next point."""
        if self._thread.ident is None:
            self._thread.start()
        else:
            self._go.release()
        self.simulation.back.acquire()
        if self.is_over:
            self._thread.join()

    def point(self) -> None:
        """The simulation decides who acts now, and whether this one ever does again."""
        if self.is_dead:
            raise Killed
        if threading.current_thread() is not self._thread:
            return  # a heartbeat, which the simulation makes beat between two points
        self.simulation.back.release()
        self._go.acquire()
        if self.is_dead:
            raise Killed

    def dawdle(self) -> None:
        """Before what matters most, to stand still for longer than a lease lasts is likely."""
        if not self.is_faultless and self.simulation.happens(0.3):
            self.wakes = self.simulation.now + self.simulation.chance.uniform(60.0, 400.0)

    def check_holds(self, db: sqlite3.Connection) -> None:
        """What is recorded under a lease is recorded by the newest."""
        if self.is_recording and not self.holds(db):
            self.simulation.wrong.append(f"{self.name} recorded under token {self.token}, which is lost")

    def holds(self, db: sqlite3.Connection) -> bool:
        """Whether its lease is the newest."""
        return bool(db.execute("SELECT token FROM lease").fetchone() == (self.token,))

    def lose(self, code: str) -> None:
        """Sometimes what was just done is not answered."""
        if not self.is_faultless and threading.current_thread() is self._thread and self.simulation.happens(0.02):
            raise ChrononError(code, RESET if code == "CHR-R005" else "no answer")

    def now(self) -> float:
        return self.simulation.now + self.simulation.skews[self.host]

    def sleep(self, seconds: float) -> None:
        self.wakes = self.simulation.now + seconds
        self.point()

    @contextmanager
    def heartbeat(self, beat: Callable[[], object], seconds: float) -> Iterator[None]:
        self.beat = (self.simulation.now + seconds, beat)
        try:
            yield
        finally:
            self.beat = None

    def _run(self) -> None:
        try:
            self.outcome = self._apply()
        except Killed:
            self.outcome = "killed"
        except InvariantError as bug:
            self.simulation.broken.append(f"{self.name}: {bug}")
        except ChrononError as error:
            self.outcome = error.code
        except BaseException as error:  # noqa: BLE001  # told by the simulation
            self.simulation.broken.append(f"{self.name}: {type(error).__name__}: {error}")
        self.is_over = True
        self.simulation.back.release()

    def _apply(self) -> str:
        state: Any = WatchedState(SqlState(Memory(self.simulation.connection, self)), self)
        kv: Any = WatchedKv(open_kv(f"lmdb:{self.simulation.folder}/kv"), self)
        world = World(
            clock=self.now,
            sleep=self.sleep,
            random=self.simulation.chance.random,
            heartbeat=self.heartbeat,
            runner=lambda *_: WatchedRunner(self),
            hands=lambda _number, runner, clock: SimulatedHands(self, runner, clock),
        )
        with a_target(self.simulation.folder / f"host{self.host}", state, kv) as target:
            manner = Manner(parallelism=self.simulation.chance.choice([1, 1, 3]), retries=2)
            apply_plan(target, self.plan, holder=self.name, observer=Silent(), manner=manner, world=world)
        return "applied"


class WatchedState:
    """A state that tells the simulation whose writes it took."""

    def __init__(self, inner: SqlState, applier: Applier) -> None:
        self._inner, self._applier = inner, applier

    def acquire(self, holder: str, *, lease_s: float, now: float) -> Lease:
        lease = self._inner.acquire(holder, lease_s=lease_s, now=now)
        self._applier.token = lease.token
        self._applier.leased = self._applier.simulation.cluster.move()
        return lease

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name not in {"begin", "record", "finish"}:
            return found

        def call(lease: Lease, *arguments: Any) -> Any:
            self._applier.is_recording = True
            try:
                return found(lease, *arguments)
            finally:
                self._applier.is_recording = False

        return call


class WatchedKv:
    """A KV store with points around its writes, which tells the simulation whose it took."""

    def __init__(self, inner: Any, applier: Applier) -> None:
        self._inner, self._applier = inner, applier

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name not in {"write", "replace", "delete_prefix"}:
            return found

        def call(*arguments: Any, **options: Any) -> Any:
            if name == "replace":
                self._applier.dawdle()
            self._applier.point()
            result = found(*arguments, **options)
            if name == "replace":
                self._applier.simulation.published.append(self._applier.token)
            self._applier.point()
            return result

        return call

    def close(self) -> None:
        self._inner.close()


class WatchedRunner:
    """Submits to the cluster."""

    def __init__(self, applier: Applier) -> None:
        self._applier, self._simulation = applier, applier.simulation

    def find(self, _step: Step, job: JobId) -> Output | None:
        self._applier.point()
        cluster = self._simulation.cluster
        cluster.asked[self._applier.name, job] = cluster.move()
        self._applier.point()
        return () if job in cluster.submitted else None

    def ready(self, _step: Step, _tell: Tell) -> None:
        """Nothing has to be started."""

    def run(self, _step: Step, job: JobId, tell: Tell) -> Output:
        self._applier.point()
        simulation, cluster = self._simulation, self._simulation.cluster
        if not self._applier.is_faultless and simulation.happens(0.04):
            raise ChrononError("CHR-R005", RESET)
        if not self._applier.is_faultless and simulation.happens(0.01):
            raise ChrononError("CHR-R011", "a file that cannot be read")
        if known := cluster.submitted.get(job):
            self._check_asked(job, known)
        by = Submission(self._applier.name, self._applier.holds(simulation.connection), cluster.move())
        cluster.submitted.setdefault(job, by)
        self._applier.point()
        self._applier.lose("CHR-R005")
        tell("half")
        return ()

    def _check_asked(self, job: str, known: Submission) -> None:
        """A job may be there only because another one, which had lost the lock, submitted it after it was asked about."""
        applier = self._applier
        asked = self._simulation.cluster.asked.get((applier.name, job), 0)
        if known.who == applier.name or known.move < applier.leased or known.move < asked:
            self._simulation.wrong.append(f"{applier.name} submitted {job} again, which {known.who} had submitted")

    def read(self, _job: JobId) -> None:
        return None

    def settle(self, _step: Step, _job: JobId) -> None:
        """Nothing is left behind."""

    def close(self) -> None:
        """The cluster goes on."""


class SimulatedHands:
    """Works on any of the tasks that are given, in the applying thread."""

    def __init__(self, applier: Applier, runner: Runner, clock: Callable[[], float]) -> None:
        self._applier, self._runner, self._clock = applier, runner, clock
        self._tasks: deque[Task] = deque()

    def give(self, task: Task) -> None:
        self._tasks.append(task)

    def events(self, timeout_s: float | None) -> list[Event]:
        events: list[Event] = []
        if not self._tasks:
            assert timeout_s is not None, "nothing to wait for"
            self._applier.sleep(timeout_s)
            return events
        for _ in range(self._applier.simulation.chance.randint(1, len(self._tasks))):
            self._tasks.rotate(self._applier.simulation.chance.randrange(len(self._tasks)))
            do(self._runner, self._tasks.popleft(), events.append, self._clock, lambda: False)
        return events

    def stop(self) -> None:
        self._tasks.clear()


class Simulation:
    """One target, its appliers one after another and beside each other, and what went wrong. Everything follows from the seed."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.chance = random.Random(seed)
        self.folder = folder
        self.now = 1_000_000.0
        self.skews = [self.chance.choice([0.0, 0.0, -5.0, 90.0, -90.0]) for _ in range(3)]
        self.connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        _make_tables(self.connection)
        self.cluster = Cluster()
        self.back = threading.Semaphore(0)
        self.published: list[int] = []
        self.wrong: list[str] = []
        self.broken: list[str] = []
        self.outcomes: Counter[str] = Counter()
        self._plans = 0
        self._live: list[Applier] = []
        self._by_id: dict[str, Plan] = {}
        self._plan = self._new_plan()
        self._nobody = Applier(self, "nobody", self._plan, 0)

    def happens(self, probability: float) -> bool:
        return self.chance.random() < probability

    def run(self, appliers: int = 7) -> None:
        """Chaos, then one apply that nothing disturbs; then what must hold."""
        started = 0
        while started < appliers or self._live:
            if started < appliers and len(self._live) < 3 and (not self._live or self.happens(0.05)):
                started += 1
                self._start(f"applier {started}")
            self._act()
        self.now += 1000.0
        self._last()
        self._check()
        self.connection.close()

    def _new_plan(self) -> Plan:
        self._plans += 1
        (serial,) = self.connection.execute("SELECT serial FROM clock").fetchone()
        steps = a_web(N_STEPS, seed=self._plans)
        plan = self._by_id[f"p-{self._plans}"] = a_plan(*steps, name=f"p-{self._plans}", base=serial)
        return plan

    def _is_applied(self, plan: Plan) -> bool:
        row = self.connection.execute("SELECT status FROM plans WHERE id = ?", (plan.id,)).fetchone()
        return row is not None and row[0] == "applied"

    def _start(self, name: str) -> None:
        if self._is_applied(self._plan) or self.happens(0.15):
            self._plan = self._new_plan()
        self._live.append(Applier(self, name, self._plan, self.chance.randrange(3)))

    def _act(self) -> None:
        self.now += self.chance.choice([0.01, 0.01, 0.1, 1.0])
        for each in self._live:
            if each.beat and each.beat[0] <= self.now and each.wakes <= self.now:
                each.beat = (self.now + 15.0, each.beat[1])
                each.beat[1]()
        ready = [each for each in self._live if each.wakes <= self.now]
        if not ready:
            self.now = min(each.wakes for each in self._live)
            return
        chosen = self.chance.choice(ready)
        if self.happens(0.012):
            chosen.is_dead = True
        elif self.happens(0.02):
            chosen.wakes = self.now + self.chance.uniform(1.0, 200.0)
            return
        self._go_on(chosen)

    def _go_on(self, chosen: Applier) -> None:
        chosen.step()
        if chosen.is_over:
            self._live.remove(chosen)
            self.outcomes[chosen.outcome] += 1

    def _last(self) -> None:
        """An apply without faults: of the plan that was begun last, or of a new one where that is done."""
        row = self.connection.execute("SELECT id FROM plans WHERE status = 'applying'").fetchone()
        plan = self._by_id[row[0]] if row else self._new_plan()
        last = Applier(self, "the last", plan, 0, is_faultless=True)
        while not last.is_over:
            last.step()
            self.now = max(self.now, last.wakes)
        if last.outcome != "applied":
            self.wrong.append(f"the last apply ended with {last.outcome}")

    def _check(self) -> None:
        state = SqlState(Memory(self.connection, self._nobody))
        if broken := state.verify_log():
            self.wrong.append(f"line {broken.line} of the log {broken.why}")
        lines = list(reversed(state.log(100_000)))
        done = Counter((line.plan, line.step) for line in lines if line.kind is LogKind.STEP_DONE)
        finished = Counter(line.plan for line in lines if line.kind is LogKind.FINISHED)
        self.wrong += [f"{key} is done {count} times" for key, count in done.items() if count > 1]
        self.wrong += [f"{plan} finished {count} times" for plan, count in finished.items() if count > 1]
        for plan in finished:
            steps = {step for each, step in done if each == plan}
            if len(steps) != N_STEPS:
                self.wrong.append(f"{plan} finished with {len(steps)} of {N_STEPS} steps")
            self._check_jobs(plan)
        if state.read().serial != len(done) + len(finished):
            self.wrong.append(f"serial {state.read().serial} after {len(done)} steps and {len(finished)} plans")
        if self.published != sorted(self.published):
            self.wrong.append(f"values were published by a lost lease: {self.published}")
        kv = open_kv(f"lmdb:{self.folder}/kv")
        if kv.multi_get([FENCE]) != [None]:
            self.wrong.append("the sign of the last apply is still there")
        kv.close()
        self.wrong += self.broken

    def _check_jobs(self, plan: str) -> None:
        """Each step has a job, and whoever held the lock submitted no second one.

        Who lost it may submit an attempt that the next holder had given up: it works in vain, and nothing of it is recorded.
        """
        by_step: dict[str, list[Submission]] = {}
        for job, submission in self.cluster.submitted.items():
            if job.startswith(f"{plan}-"):
                by_step.setdefault(job.rpartition("-")[0], []).append(submission)
        if len(by_step) != N_STEPS:
            self.wrong.append(f"{plan} finished with jobs of {len(by_step)} of {N_STEPS} steps")
        for step, submissions in by_step.items():
            if sum(each.is_holder for each in submissions) > 1:
                self.wrong.append(f"jobs of {step}: {submissions}")
