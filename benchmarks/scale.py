"""Validating a repository of thousands of definitions as a whole process: cold, again unchanged, and after one edit.

The peer is check-jsonschema on the same files with the same schemas: shapes only, where ours checks names, types and
expressions too. Both must call every file right, and a broken one wrong, before anything is timed. It lives in its own
virtual environment (`make bench-peers`); without it only ours is shown. `--quick` takes under a minute.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from definitions.population import Population, write

ROOT = Path(__file__).parents[1]
CHRONON = Path(sys.executable).with_name("chronon")
PEER = ROOT / ".venv-peers/bin/check-jsonschema"
SCHEMAS = ROOT / "src/chronon/schemas"
FOLDERS = {
    "source": "*/sources/*.yaml",
    "group_by": "*/group_bys/*.yaml",
    "join": "*/joins/*.yaml",
    "team": "*/team.yaml",
}
GOALS = {"cold": 2.5, "unchanged": 0.4, "one edit": 0.5}
MEGABYTES = 200


@dataclass(frozen=True, slots=True)
class Cost:
    """A whole process: seconds by the clock and of processors, the most memory it held in MB, and its exit code."""

    wall: float
    cpu: float
    megabytes: float
    code: int


def cost(command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> Cost:
    """What a command costs, its output thrown away. Its own processes count once they have ended."""
    begun = time.perf_counter()
    actions = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_WRONLY, 0) for number in (1, 2)]
    child = os.posix_spawn(
        command[0], list(map(str, command)), {**os.environ, **(environment or {})}, file_actions=actions
    )
    _, status, usage = os.wait4(child, 0)
    seconds = time.perf_counter() - begun
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status))


def ours(root: Path, home: Path) -> Cost:
    """With a memory of its own, and compiled as an installed program is: the answers are compared before, untimed."""
    own = {"XDG_CACHE_HOME": f"{home}/cache", "XDG_STATE_HOME": f"{home}/state", "PYTHONDONTWRITEBYTECODE": ""}
    return cost([CHRONON, "validate", "--repo", root], own)


def peer(root: Path) -> Cost:
    """All kinds, one process each, as its command line wants it."""
    costs = []
    for kind, pattern in FOLDERS.items():
        files = sorted((root / "teams").glob(pattern))
        costs.append(cost([PEER, "--schemafile", SCHEMAS / f"{kind}.schema.json", *files]))
    return Cost(
        sum(one.wall for one in costs),
        sum(one.cpu for one in costs),
        max(one.megabytes for one in costs),
        max(one.code for one in costs),
    )


def edit(root: Path, text: str) -> Path:
    """One definition with another description."""
    file = root / "teams/team_1/group_bys/features_1.yaml"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(text if line.startswith("description") else line for line in lines), encoding="utf-8")
    return file


def agree(root: Path, cache: Path, *, has_peer: bool) -> bool:
    """Whether both find nothing in a small repository, and something once a description is a list."""
    good = {ours(root, cache).code, *([peer(root).code] if has_peer else [])}
    edit(root, "description: []\n")
    bad = {ours(root, cache).code, *([peer(root).code] if has_peer else [])}
    return good == {0} and bad == {1}


def cases(root: Path, cache: Path) -> Iterator[tuple[str, Cost]]:
    yield "cold", ours(root, cache)
    yield "unchanged", min((ours(root, cache) for _ in range(3)), key=lambda one: one.wall)
    edit(root, "description: Another one\n")
    yield "one edit", ours(root, cache)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a thousand group_bys, under a minute")
    parser.add_argument("--group-bys", type=int, default=10_000, help="the other kinds in proportion")
    parser.add_argument("--own-names", action="store_true", help="no two group_bys select columns of one name")
    parser.add_argument("--json", action="store_true", help="one JSON object a case")
    options = parser.parse_args()
    n_group_bys = 1_000 if options.quick else options.group_bys
    population = Population.of(n_group_bys, has_own_names=options.own_names)
    has_peer = PEER.exists()
    with tempfile.TemporaryDirectory() as folder:
        small, root, cache = (Path(folder, name) for name in ("small", "root", "cache"))
        write(Population.of(100), small)
        if not agree(small, cache, has_peer=has_peer):
            sys.exit("the answers differ")
        write(population, root)
        if not options.json:
            load = os.getloadavg()[0]
            print(f"{population.definitions:,} definitions; {os.cpu_count()} cores, load before the run {load:.1f}")
            print(
                f"{'case':12} {'clock s':>8} {'cpu s':>8} {'MB':>6} {'goal s':>7}   {'peer clock / cpu s':>20} {'ratio':>6}"
            )
        other = peer(root) if has_peer else None
        for case, found in cases(root, Path(folder, "empty")):
            report(case, found, other, as_json=options.json)
            if found.code:
                sys.exit(f"{case}: a finding in a repository without mistakes")
        report_apply(1_000 if options.quick else 10_000, as_json=options.json)


def report(case: str, found: Cost, other: Cost | None, *, as_json: bool) -> None:
    ratio = other.wall / found.wall if other else None
    if as_json:
        line = {"case": case, "ours": found.wall, "peer": other and other.wall, "peer_name": "check-jsonschema"}
        more = {"unit": "s", "ratio": ratio, "agrees": True, "cpu_s": found.cpu, "megabytes": found.megabytes}
        print(json.dumps(line | more | {"goal_s": GOALS[case], "goal_megabytes": MEGABYTES}))
        return
    beside = f"{other.wall:8.1f} / {other.cpu:5.1f} {ratio:11.1f}" if other else "make bench-peers".rjust(20)
    print(
        f"{case:12} {found.wall:8.2f} {found.cpu:8.2f} {found.megabytes:6.0f} {GOALS[case]:7.1f}   {beside}", flush=True
    )


def report_apply(n_steps: int, *, as_json: bool) -> None:
    """Steps per second of an apply whose jobs do nothing; `applying.py` has more cases, and a peer."""
    # Not before: a process that is started has at least the memory of the one that starts it.
    from applying import GOAL as APPLY_GOAL
    from applying import apply_rate

    found = apply_rate(n_steps)
    if as_json:
        print(json.dumps({"case": "apply", "ours": found.steps_per_s, "unit": "steps/s", "goal": APPLY_GOAL}))
        return
    print(f"{'apply':12} {found.steps_per_s:8,.0f} steps/s with a null runner, goal {APPLY_GOAL:,}", flush=True)


if __name__ == "__main__":
    main()
