"""Planning a repository of thousands of definitions as a whole process, when everything is deployed: nothing has changed, one edit, an apply of it, a hub.

The hub is a source that thousands read: once it has another column, that none of them reads, and once all of their values are others.

Ours is `chronon plan` on 10,000 group_bys, 1,250 joins and 200 sources with 30 days (`--group-bys` takes other numbers): tables,
state and published metadata are those that an apply leaves behind, recorded without computing anything. Before a time is
told, the plan must be the one that is made without a memory.

The peers plan the same graph as models of a DuckDB file, with a thousand group_bys, beside ours of that size: `sqlmesh plan`,
and `dbt ls --select state:modified`, the nearest that dbt has. All must name the edited model and no other one that does not
read it. They live in their own virtual environment (`make bench-peers`).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from definitions.peers import edit_model, write_dbt, write_sqlmesh
from definitions.population import Population, write
from scale import CHRONON, Cost, cost

HERE = Path(__file__).parent
PEERS = HERE.parent / ".venv-peers/bin"
GOALS = {"no change": 0.6, "one edit": 0.8, "after an apply": 0.6, "apply, then edit": 0.8, "hub": 1.5}
MEGABYTES = 200
HUB = 2_000
RELIED_ON_S = 2.5
"""What was written that shortly ago is looked at again: a case begins later."""


@dataclass(frozen=True, slots=True)
class Ours:
    """A deployed population. home: for a memory of its own."""

    root: Path
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            "XDG_CACHE_HOME": f"{self.home}/cache",
            "XDG_STATE_HOME": f"{self.home}/state",
            "PYTHONDONTWRITEBYTECODE": "",
        }

    def plan(self) -> Cost:
        """What a plan costs."""
        return cost([CHRONON, "plan", "--repo", self.root], self.environment)

    def id(self, *, memory: bool) -> str:
        """The id of the plan, with memory or without."""
        more = {} if memory else {"CHRONON_CACHE": "off"}
        command = [str(CHRONON), "plan", "--repo", str(self.root)]
        environment = {**os.environ, **self.environment, **more}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.split()[1]

    def apply(self) -> None:
        """What a plan asks for is done: it is little, and the tables are empty."""
        command = [str(CHRONON), "apply", "--yes", "--repo", str(self.root)]
        subprocess.run(command, env={**os.environ, **self.environment}, capture_output=True, check=True)
        time.sleep(RELIED_ON_S)

    def window_more(self, number: int) -> None:
        """A group_by of team_1 gets a window more."""
        path = f"teams/team_1/group_bys/features_{number}.yaml"
        self.edit(path, "windows: [1d, 7d, 30d]", "windows: [1d, 7d, 14d, 30d]")

    def edit(self, path: str, old: str, new: str) -> None:
        """One edit of a file, and a pause after which it is relied on."""
        file = self.root / path
        text = file.read_text(encoding="utf-8")
        if old not in text:
            sys.exit(f"{path} has no {old!r}")
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
        time.sleep(RELIED_ON_S)


def ours(population: Population, folder: Path) -> Iterator[tuple[str, Cost, bool]]:
    """Case, cost, and whether the plan is the one without a memory."""
    made = Ours(folder / "root", folder / "home")
    write(population, made.root)
    # In a process of its own: what this one has held counts as held by its children.
    program = "import sys; from definitions.deployed import deploy; from pathlib import Path; deploy(Path(sys.argv[1]), sys.argv[2:])"
    subprocess.run([sys.executable, "-c", program, str(made.root), *population.tables], cwd=HERE, check=True)
    time.sleep(RELIED_ON_S)
    yield "nothing remembered", made.plan(), True
    yield "no change", min((made.plan() for _ in range(3)), key=lambda one: one.cpu), _agrees(made)
    made.window_more(1)
    yield "one edit", made.plan(), _agrees(made)
    made.apply()
    yield "after an apply", made.plan(), _agrees(made)
    made.window_more(21)
    made.plan()
    made.apply()
    made.window_more(41)
    yield "apply, then edit", made.plan(), _agrees(made)
    made.apply()
    made.plan()
    if population.hub:
        made.edit(
            "teams/team_0/sources/source_0.yaml",
            "channel: string",
            "channel: string\n    terminal: {type: string, optional: true}",
        )
        yield "hub", made.plan(), _agrees(made)
        made.edit("teams/team_0/sources/source_0.yaml", "time: paid_at\n", "time: paid_at + 1\n")
        yield "hub, all values", made.plan(), _agrees(made)


def _agrees(made: Ours) -> bool:
    return made.id(memory=True) == made.id(memory=False)


@dataclass(frozen=True, slots=True)
class Peer:
    """Another planner. deployed: makes everything as if applied.  told: the models that a plan says are other ones."""

    name: str
    write: Callable[[Population, Path], None]
    deployed: Sequence[Sequence[str]]
    command: Sequence[str]
    told: Callable[[str], set[str]]

    def cases(self, population: Population, root: Path) -> Iterator[tuple[str, Cost, bool]]:
        self.write(population, root)
        for command in self.deployed:
            self._run(command, root)
        said = self._run(self.command, root)
        yield "no change", self._cost(root), not self.told(said)
        edit_model(root)
        found = self._cost(root)
        yield "one edit", found, "features_1" in self.told(self._run(self.command, root))

    def _run(self, command: Sequence[str], root: Path) -> str:
        program = [str(PEERS / command[0]), *command[1:]]
        ended = subprocess.run(program, cwd=root, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
        return ended.stdout

    def _cost(self, root: Path) -> Cost:
        here = Path.cwd()
        os.chdir(root)
        try:
            return cost([PEERS / self.command[0], *self.command[1:]])
        finally:
            os.chdir(here)


def _modified(said: str) -> set[str]:
    return {line.strip().rpartition(".")[2] for line in said.splitlines() if line.strip().startswith("p.")}


def _planned(said: str) -> set[str]:
    return set(re.findall(r"\bp\.(\w+)", said))


SQLMESH = Peer(
    "SQLMesh",
    write_sqlmesh,
    [["sqlmesh", "plan", "--auto-apply", "--skip-tests", "--no-prompts"]],
    ["sqlmesh", "plan", "--skip-tests", "--no-prompts", "--skip-backfill", "--explain"],
    _planned,
)
DBT = Peer(
    "dbt",
    write_dbt,
    [
        ["dbt", "--quiet", "parse", "--profiles-dir", "."],
        ["python", "-c", "import shutil; shutil.copytree('target', 'before')"],
    ],
    ["dbt", "--quiet", "ls", "--profiles-dir", ".", "--select", "state:modified", "--state", "before"],
    _modified,
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a thousand group_bys, without the peers: under a minute")
    parser.add_argument("--group-bys", type=int, default=10_000, help="the other kinds in proportion")
    parser.add_argument("--no-peers", action="store_true", help="ours alone")
    parser.add_argument("--json", action="store_true", help="one JSON object a case")
    options = parser.parse_args()
    size = 1_000 if options.quick else options.group_bys
    if not options.json:
        print(f"{os.cpu_count()} cores, load before the run {os.getloadavg()[0]:.1f}")
        print(
            f"{'group_bys':>9} {'case':20} {'planner':10} {'clock s':>8} {'cpu s':>8} {'MB':>6} {'goal s':>7} {'ours is faster':>15}"
        )
    told: dict[str, Cost] = {}
    for case, found, agrees in _cases(Population.of(size, hub=min(HUB, size // 5))):
        report(size, case, "chronon", found, agrees=agrees, beside=None, as_json=options.json)
    if options.quick or options.no_peers or not (PEERS / "sqlmesh").exists():
        return
    for case, found, agrees in _cases(Population.of(1_000, hub=200)):
        told[case] = found
        report(1_000, case, "chronon", found, agrees=agrees, beside=None, as_json=options.json)
    for peer in (SQLMESH, DBT):
        with tempfile.TemporaryDirectory() as folder:
            for case, found, agrees in peer.cases(Population.of(1_000), Path(folder, "project")):
                report(1_000, case, peer.name, found, agrees=agrees, beside=told[case], as_json=options.json)


def _cases(population: Population) -> Iterator[tuple[str, Cost, bool]]:
    with tempfile.TemporaryDirectory() as folder:
        yield from ours(population, Path(folder))


def report(size: int, case: str, name: str, found: Cost, *, agrees: bool, beside: Cost | None, as_json: bool) -> None:
    goal = GOALS.get(case) if name == "chronon" and size == 10_000 else None
    if as_json:
        line = {"case": f"{case}, {size} group_bys", "agrees": agrees, "unit": "s", "cpu_s": found.cpu}
        mine, other = (found, None) if name == "chronon" else (beside, found)
        times = {
            "ours": mine and mine.wall,
            "peer": other and other.wall,
            "peer_name": None if name == "chronon" else name,
        }
        ratio = other.cpu / mine.cpu if mine and other else None
        print(json.dumps(line | times | {"ratio": ratio, "megabytes": found.megabytes, "goal_s": goal}), flush=True)
    else:
        ratio_text = f"{found.cpu / beside.cpu:.0f} x" if beside else ""
        shown = f"{goal:.1f}" if goal else ""
        print(
            f"{size:9,} {case:20} {name:10} {found.wall:8.2f} {found.cpu:8.2f} {found.megabytes:6.0f} {shown:>7} {ratio_text:>15}",
            flush=True,
        )
    if not agrees:
        sys.exit(f"{case}: {name} says something else")


if __name__ == "__main__":
    main()
