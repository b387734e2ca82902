"""Commands about environments and what is deployed, each a whole process, on thousands of definitions.

10,000 group_bys, 1,250 joins and 200 sources with 30 days (`--group-bys` takes other numbers) are deployed to prod as an apply records them. A branch
edits one group_by and has an environment of its own, which is promoted, rolled back, destroyed and cleaned; beside it the commands that only tell. No
other tool has the same commands on the same objects, so there is no peer; what each must come to is checked by its exit code and what it leaves.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from definitions.population import Population, write
from scale import CHRONON, Cost, cost

from chronon.model.state import State
from chronon.stores.state import open_state

HERE = Path(__file__).parent
GROUP_BY = "teams/team_1/group_bys/features_1.yaml"
MOST_S, MEGABYTES = 3.0, 400
"""What a command may take: of processors, as others work on the machine too, and of memory."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """A population that is deployed to prod. home: for a memory of its own."""

    root: Path
    home: Path

    def run(self, *arguments: str) -> Cost:
        own = {
            "XDG_CACHE_HOME": f"{self.home}/cache",
            "XDG_STATE_HOME": f"{self.home}/state",
            "PYTHONDONTWRITEBYTECODE": "",
        }
        return cost([CHRONON, *arguments, "--repo", self.root], own)

    def record(self, call: str, *arguments: str) -> None:
        """Records, in a process of its own: what this one has held counts as held by its children."""
        program = f"import sys; from definitions.deployed import deploy, record; from pathlib import Path; {call}"
        subprocess.run([sys.executable, "-c", program, str(self.root), *arguments], cwd=HERE, check=True)

    def edit(self, old: str, new: str) -> None:
        file = self.root / GROUP_BY
        text = file.read_text(encoding="utf-8")
        if old not in text:
            sys.exit(f"{GROUP_BY} has no {old!r}")
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
        time.sleep(2.5)  # what was written more shortly ago is looked at again

    def state(self) -> State:
        with closing(open_state(f"sqlite:{self.root}/.chronon/local/state.db")) as store:
            return store.read()


def cases(population: Population, folder: Path) -> Iterator[tuple[str, Cost, bool]]:
    """Command, cost, and whether it came to what it must."""
    made = Deployed(folder / "root", folder / "home")
    write(population, made.root)
    made.record("deploy(Path(sys.argv[1]), sys.argv[2:])", *population.tables)
    made.edit("windows: [1d, 7d, 30d]", "windows: [1d, 7d, 14d, 30d]")
    yield from _told(made, "plan --env pr-123", "plan --env pr-123 --markdown")
    made.record("record(Path(sys.argv[1]), 'pr-123')")
    prod = made.state().environment("prod").snapshots
    yield from _told(made, "env list", "env show pr-123", "promote pr-123 --dry-run")
    found = made.run("promote", "pr-123", "--yes")
    state = made.state()
    yield "promote pr-123", found, state.environment("prod").snapshots == state.environment("pr-123").snapshots
    found = made.run("rollback", "--yes", "--reason", "back")
    yield "rollback", found, made.state().environment("prod").snapshots == prod
    found = made.run("env", "destroy", "pr-123", "--yes")
    yield "env destroy pr-123", found, "pr-123" not in made.state().environments
    yield from _told(made, "clean --dry-run")
    before = len(made.state().computed)
    found = made.run("clean", "--keep", "0", "--yes")
    yield "clean", found, len(made.state().computed) < before
    yield from _told(made, "status", "history", "history --env prod", "drift")
    yield from _told(made, "explain team_1.features_1", "show team_1.features_1", "graph", "graph team_1.features_1+")
    yield from _told(made, "lineage team_1.features_1")


def _told(made: Deployed, *commands: str) -> Iterator[tuple[str, Cost, bool]]:
    """Commands that change nothing."""
    for command in commands:
        found = made.run(*command.split())
        yield command, found, found.code == 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a thousand group_bys")
    parser.add_argument("--group-bys", type=int, default=10_000, help="the other kinds in proportion")
    parser.add_argument("--json", action="store_true", help="one JSON object a case")
    options = parser.parse_args()
    size = 1_000 if options.quick else options.group_bys
    if not options.json:
        print(f"{os.cpu_count()} cores, load before the run {os.getloadavg()[0]:.1f}, {size:,} group_bys")
        print(f"{'command':32} {'clock s':>8} {'cpu s':>8} {'MB':>6}")
    with tempfile.TemporaryDirectory() as folder:
        for command, found, agrees in cases(Population.of(size), Path(folder)):
            report(f"{command}", size, found, agrees=agrees, as_json=options.json)


def report(command: str, size: int, found: Cost, *, agrees: bool, as_json: bool) -> None:
    if as_json:
        line = {
            "case": f"{command}, {size} group_bys",
            "ours": found.wall,
            "peer": None,
            "peer_name": None,
            "unit": "s",
        }
        more = {"ratio": None, "agrees": agrees, "cpu_s": found.cpu, "megabytes": found.megabytes}
        print(json.dumps(line | more), flush=True)
    else:
        much = " much" if found.cpu > MOST_S or found.megabytes > MEGABYTES else ""
        print(f"{command:32} {found.wall:8.2f} {found.cpu:8.2f} {found.megabytes:6.0f}{much}", flush=True)
    if not agrees:
        sys.exit(f"{command}: exit code {found.code}, and not what it must come to")


if __name__ == "__main__":
    main()
